// SPDX-License-Identifier: Apache-2.0
// What several workers do of an aggregate, of DISTINCT, of ORDER BY with LIMIT and of LIMIT, so
// that fewer rows come home.
#include <algorithm>
#include <utility>

#include "query/planner/placement.h"

namespace tidemark::query {
namespace {

// Whether the states of an aggregate are small, whatever it has taken in.
bool IsSmall(const bound::Aggregate& call) {
  switch (call.function->aggregate) {
    case AggregateKind::kCount:
    case AggregateKind::kSum:
    case AggregateKind::kAvg:
    case AggregateKind::kMin:
    case AggregateKind::kMax:
    case AggregateKind::kStDev:
    case AggregateKind::kStDevP:
      return !call.is_distinct;
    default:
      return false;
  }
}

}  // namespace

void Placement::AddPartial(Step* step, const ColumnSet& after) {
  if (is_alone_ || !remote_.has_value() || is_strict_) return;
  if (!step->looks_into.empty() || step->needs_names) return;
  if (step->kind == StepKind::kDistinct) {
    Append(*step);
    wanted_ = step->uses;
  } else if (step->kind == StepKind::kAggregate) {
    AddPartialAggregate(step);
  } else if (step->kind == StepKind::kSort) {
    AddPartialSort(step, after);
  }
}

void Placement::AddPartialAggregate(Step* step) {
  AggregateStep& final_part = step->aggregate;
  const bool is_small = std::all_of(final_part.calls.begin(), final_part.calls.end(),
                                    [](const AggregateItem& item) { return IsSmall(*item.call); });
  const bool is_volatile =
      std::any_of(final_part.keys.begin(), final_part.keys.end(),
                  [](const Computed& key) { return key.expression->is_volatile; });
  if (!is_small || is_volatile) return;
  for (AggregateItem& item : final_part.calls) {
    const CypherType bytes = CypherType::Of(graph::ValueType::kBytes);
    item.state = variables_.Add(bound::VariableKind::kValue, bytes, item.call->source);
  }
  Step partial = *step;
  partial.aggregate.phase = plan::AggregatePhase::kPartial;
  final_part.phase = plan::AggregatePhase::kFinal;
  step->uses.clear();
  partial.defines.clear();
  for (const AggregateItem& item : final_part.calls) {
    partial.defines.push_back(item.state);
    step->uses.insert({item.state});
  }
  for (Computed& key : final_part.keys) {
    partial.defines.push_back(key.variable);
    step->uses.insert({key.variable});
    key.expression = make_.Renamed(*key.expression, key.variable);
  }
  Append(std::move(partial));
  wanted_ = step->uses;
}

void Placement::AddPartialSort(Step* step, const ColumnSet& after) {
  SortStep& sort = step->sort;
  const bool is_volatile =
      std::any_of(sort.keys.begin(), sort.keys.end(),
                  [](const bound::SortKey& key) { return key.expression->is_volatile; });
  if (sort.limit == nullptr || is_volatile) return;
  // The keys are computed once, at the workers.
  Step project{.kind = StepKind::kProject, .source = step->source, .uses = step->uses};
  step->uses.clear();
  for (bound::SortKey& key : sort.keys) {
    if (key.expression->kind != bound::ExpressionKind::kVariable) {
      const bound::VariableId variable =
          variables_.Add(bound::VariableKind::kValue, key.expression->type, key.expression->source);
      project.items.push_back({variable, key.expression});
      project.defines.push_back(variable);
      key.expression = make_.Renamed(*key.expression, variable);
    }
    step->uses.insert({bound::As<bound::VariableReference>(*key.expression).variable});
  }
  if (!project.items.empty()) Append(std::move(project));
  Step partial = *step;
  partial.sort.is_partial = true;
  Append(std::move(partial));
  // What else is needed of the rows is fetched for those that are left.
  wanted_ = after;
  wanted_.insert(step->uses.begin(), step->uses.end());
}

void Placement::AddPartialLimit(const Pipeline& steps, size_t index) {
  if (is_alone_ || !remote_.has_value() || is_strict_) return;
  const bool skips = steps[index].kind == StepKind::kSkip;
  if (skips && (index + 1 == steps.size() || steps[index + 1].kind != StepKind::kLimit)) return;
  const Step& limit = steps[index + (skips ? 1 : 0)];
  if (limit.kind != StepKind::kLimit || limit.expressions[0]->is_volatile) return;
  Step partial = limit;
  if (skips) {
    const bound::Expression* sum = make_.SumOf(*steps[index].expressions[0], *limit.expressions[0]);
    if (sum == nullptr) return;
    partial.expressions = {sum};
  }
  Append(std::move(partial));
}

}  // namespace tidemark::query
