// SPDX-License-Identifier: Apache-2.0
#include "query/planner/step.h"

#include <algorithm>

namespace tidemark::query {
namespace {

// What is wanted of the inner pipeline itself, whatever is wanted behind the step.
ColumnSet WantedInside(const Step& step, const ColumnSet& after) {
  switch (step.kind) {
    case StepKind::kTrail:
      return {PlanColumn{step.expand.edge->element}, PlanColumn{step.expand.inner_to}};
    case StepKind::kApply:
      if (step.apply == plan::ApplyKind::kCollect) return {PlanColumn{step.collected}};
      if (step.apply != plan::ApplyKind::kJoin && step.apply != plan::ApplyKind::kOptional) {
        return {};
      }
      return DefinedOf(step.inner, after);
    case StepKind::kUpdate: {
      ColumnSet defined;
      for (const bound::VariableId variable : step.defines) defined.insert({variable});
      return defined;
    }
    default:
      return DefinedOf(step.inner, after);
  }
}

// What a projection computes from a variable as it stands has the same properties.
void AddOriginals(const Step& step, const ColumnSet& after, ColumnSet* needed) {
  for (const Computed& item : step.items) {
    if (item.expression->kind != bound::ExpressionKind::kVariable) continue;
    const auto from = bound::As<bound::VariableReference>(*item.expression).variable;
    for (auto it = after.lower_bound({item.variable}); it != after.end(); ++it) {
      if (it->variable != item.variable) break;
      PlanColumn original = *it;
      original.variable = from;
      needed->insert(original);
    }
  }
}

}  // namespace

bool IsRelayout(StepKind kind) {
  return kind == StepKind::kAggregate || kind == StepKind::kDistinct || kind == StepKind::kUnion;
}

bool IsWholeStream(StepKind kind) {
  switch (kind) {
    case StepKind::kAggregate:
    case StepKind::kDistinct:
    case StepKind::kSort:
    case StepKind::kSkip:
    case StepKind::kLimit:
      return true;
    default:
      return false;
  }
}

bool CarriesProperties(const Step& step) {
  switch (step.kind) {
    case StepKind::kFilter:
    case StepKind::kFilterLabels:
    case StepKind::kDifferentEdges:
    case StepKind::kMakePath:
    case StepKind::kProject:
    case StepKind::kSkip:
    case StepKind::kLimit:
    case StepKind::kFetch:
    case StepKind::kLookup:
    case StepKind::kRemote:
      return true;
    case StepKind::kSeek:
      return step.seek.is_unique;
    case StepKind::kSort:
      // Workers give no more rows than are wanted, unless the order is another one each time.
      return step.sort.limit != nullptr &&
             std::none_of(step.sort.keys.begin(), step.sort.keys.end(),
                          [](const bound::SortKey& key) { return key.expression->is_volatile; });
    default:
      return false;
  }
}

Definitions::Definitions(const Step& step) {
  Add(step);
  std::sort(variables_.begin(), variables_.end());
}

Definitions::Definitions(const Pipeline& pipeline) {
  for (const Step& step : pipeline) Add(step);
  std::sort(variables_.begin(), variables_.end());
}

void Definitions::Add(const Step& step) {
  has_all_ |= step.sort.is_partial;
  variables_.insert(variables_.end(), step.defines.begin(), step.defines.end());
  if (step.kind == StepKind::kFetch) fetched_.push_back(&step.fetched);
  if (step.kind != StepKind::kRemote) return;
  for (const Step& inner : step.inner) Add(inner);
}

bool Definitions::Contain(const PlanColumn& column) const {
  return has_all_ || std::binary_search(variables_.begin(), variables_.end(), column.variable) ||
         std::any_of(fetched_.begin(), fetched_.end(),
                     [&](const ColumnSet* columns) { return columns->contains(column); });
}

ColumnSet DefinedOf(const Pipeline& pipeline, const ColumnSet& columns) {
  const Definitions definitions(pipeline);
  ColumnSet defined;
  for (const PlanColumn& column : columns) {
    if (definitions.Contain(column)) defined.insert(column);
  }
  return defined;
}

ColumnSet ArgumentsOf(const Step& step, const ColumnSet& after) {
  ColumnSet arguments = NeededBefore(step.inner, WantedInside(step, after));
  // The vertex from which the next edge of a trail goes is handed in by the trail.
  if (step.kind == StepKind::kTrail) arguments.erase(PlanColumn{step.expand.inner_from});
  if (step.update == nullptr) return arguments;
  // An update reads properties and labels as they are when it comes to a row.
  ColumnSet variables;
  for (const PlanColumn& column : arguments) variables.insert({column.variable});
  return variables;
}

ColumnSet NeededBefore(const Step& step, const ColumnSet& after) {
  ColumnSet needed = step.uses;
  if (!step.inner.empty()) needed.merge(ArgumentsOf(step, after));
  if (IsRelayout(step.kind)) return needed;
  const Definitions definitions(step);
  for (const PlanColumn& column : after) {
    const bool is_old = step.update != nullptr && column.kind != PlanColumnKind::kVariable;
    const bool is_too_much = column.kind == PlanColumnKind::kProperties && !CarriesProperties(step);
    const bool passes = step.sort.is_partial || !definitions.Contain(column);
    if (!is_old && !is_too_much && passes) needed.insert(column);
  }
  AddOriginals(step, after, &needed);
  return needed;
}

ColumnSet NeededBefore(const Pipeline& pipeline, const ColumnSet& after) {
  ColumnSet needed = after;
  for (auto step = pipeline.rbegin(); step != pipeline.rend(); ++step) {
    needed = NeededBefore(*step, needed);
  }
  return needed;
}

std::vector<ColumnSet> NeededBehindEach(const Pipeline& pipeline, const ColumnSet& after) {
  std::vector<ColumnSet> needed(pipeline.size());
  ColumnSet now = after;
  for (size_t i = pipeline.size(); i-- > 0;) {
    needed[i] = now;
    now = NeededBefore(pipeline[i], now);
  }
  return needed;
}

}  // namespace tidemark::query
