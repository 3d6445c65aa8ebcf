// SPDX-License-Identifier: Apache-2.0
// The operators of updates.
#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/eval/program.h"
#include "query/plan/write_operator.h"
#include "query/planner/emitter.h"
#include "query/planner/plan_update.h"
#include "query/planner/set_items.h"

namespace tidemark::query {
namespace {

using bound::VariableId;

std::vector<std::string> TextsOf(absl::Span<const bound::Name> names) {
  std::vector<std::string> texts;
  for (const bound::Name& name : names) {
    if (std::find(texts.begin(), texts.end(), name.text) == texts.end()) {
      texts.emplace_back(name.text);
    }
  }
  return texts;
}

plan::ChangeKind ChangeKindOf(bound::SetKind kind) {
  switch (kind) {
    case bound::SetKind::kProperty:
    case bound::SetKind::kRemoveProperty:
      return plan::ChangeKind::kSetProperty;
    case bound::SetKind::kDynamicProperty:
    case bound::SetKind::kRemoveDynamicProperty:
      return plan::ChangeKind::kSetDynamicProperty;
    case bound::SetKind::kReplace:
      return plan::ChangeKind::kReplaceProperties;
    case bound::SetKind::kAdd:
      return plan::ChangeKind::kAddProperties;
    case bound::SetKind::kLabels:
      return plan::ChangeKind::kSetLabels;
    case bound::SetKind::kRemoveLabels:
      return plan::ChangeKind::kRemoveLabels;
  }
  return plan::ChangeKind::kSetProperty;
}

// Makes the operator of one update.
class UpdateEmitter {
 public:
  // `before`: the columns that it or a later step needs; they are all that it keeps of its input.
  UpdateEmitter(const Step& step, const ColumnSet& before, const ColumnSet& after, Emitter* emitter)
      : step_(step), after_(after), emitter_(*emitter) {
    std::vector<PlanColumn> columns(before.begin(), before.end());
    // What SET knows of elements is of use to it alone: the rows do not keep it.
    auto end = columns.end();
    if (step.update->kind == bound::ClauseKind::kSet) {
      end = std::stable_partition(columns.begin(), columns.end(), [](const PlanColumn& column) {
        return column.kind == PlanColumnKind::kVariable;
      });
    }
    for (const PlanColumn& column : columns) kept_.push_back(emitter->SlotOf(column));
    emitter->SetLayout(columns);
    whole_ = emitter->WholeOf(step.variables, before);
    columns.erase(end, columns.end());
    emitter->SetLayout(columns);
    row_slots_ = static_cast<uint32_t>(columns.size());
  }

  absl::Status EmitCreate(const bound::Create& create);
  absl::Status EmitSet(const bound::Set& set);
  absl::Status EmitDelete(const bound::Delete& del);
  absl::Status EmitMerge(const bound::Merge& merge);
  absl::Status EmitForeach();

 private:
  // Adds the slots of the new variables.
  absl::StatusOr<plan::Pattern> MakePattern(absl::Span<const bound::NewElement> elements,
                                            absl::Span<const bound::NewPath> paths);
  void TakeProperties(const bound::NewProperties& from, plan::NewProperties* to);
  absl::StatusOr<std::vector<plan::ChangeItem>> MakeItems(absl::Span<const bound::SetItem> items);
  absl::StatusOr<plan::ChangeItem> MakeItem(const bound::SetItem& item) const;
  // Over variables alone: what the columns of properties hold may be old.
  absl::StatusOr<eval::Program> Compile(const bound::Expression& expression) const;

  // What later steps look up of the elements of the step.
  absl::StatusOr<std::vector<plan::GivenElement>> AddGiven(
      const std::vector<VariableId>& variables) {
    std::vector<plan::GivenElement> given;
    for (const VariableId variable : variables) {
      const PlanColumn properties{variable, PlanColumnKind::kProperties};
      if (!after_.contains(properties)) continue;
      const bool is_edge = emitter_.variables().IsEdge(variable);
      given.push_back({emitter_.SlotOf(variable), is_edge});
      std::vector<PlanColumn> columns;
      if (!is_edge) columns.push_back({variable, PlanColumnKind::kLabels});
      columns.push_back(properties);
      RETURN_IF_ERROR(emitter_.AddColumns(columns, step_.source));
    }
    return given;
  }

  absl::Status Push(std::unique_ptr<plan::UpdateOperator> node,
                    absl::Span<const VariableId> variables) {
    node->kept = kept_;
    return emitter_.Push(std::move(node), emitter_.TextOf(variables), step_.source);
  }

  const Step& step_;
  const ColumnSet& after_;
  Emitter& emitter_;
  std::vector<uint32_t> kept_;  // slots of the input
  uint32_t row_slots_ = 0;      // how many of them the rows keep
  std::vector<plan::WholeElement> whole_;
  size_t next_value_ = 0;  // of step_.variables
};

void UpdateEmitter::TakeProperties(const bound::NewProperties& from, plan::NewProperties* to) {
  for (const bound::PropertyEntry& entry : from.entries) {
    to->entries.emplace_back(std::string(entry.key.text),
                             emitter_.SlotOf(step_.variables[next_value_++]));
  }
  if (from.map != nullptr) to->map = emitter_.SlotOf(step_.variables[next_value_++]);
}

absl::StatusOr<plan::Pattern> UpdateEmitter::MakePattern(
    absl::Span<const bound::NewElement> elements, absl::Span<const bound::NewPath> paths) {
  plan::Pattern pattern;
  std::vector<PlanColumn> columns;
  for (const bound::NewElement& element : elements) {
    if (element.kind == bound::NewElementKind::kBoundVertex) continue;
    plan::NewElement& made = pattern.elements.emplace_back();
    made.is_edge = element.kind == bound::NewElementKind::kEdge;
    TakeProperties(element.properties, &made.properties);
    columns.push_back({element.variable});
  }
  for (const bound::NewPath& path : paths) columns.push_back({path.variable});
  RETURN_IF_ERROR(emitter_.AddColumns(columns, step_.source));
  size_t next = 0;
  for (const bound::NewElement& element : elements) {
    if (element.kind == bound::NewElementKind::kBoundVertex) continue;
    plan::NewElement& made = pattern.elements[next++];
    if (made.is_edge) {
      made.type = std::string(element.type.text);
      made.source = emitter_.SlotOf(element.source_vertex);
      made.target = emitter_.SlotOf(element.target_vertex);
    } else {
      made.labels = TextsOf(element.labels);
    }
  }
  for (const bound::NewPath& path : paths) {
    plan::NewPath& made = pattern.paths.emplace_back();
    for (const VariableId vertex : path.vertices) made.vertices.push_back(emitter_.SlotOf(vertex));
    for (const VariableId edge : path.edges) made.edges.push_back(emitter_.SlotOf(edge));
  }
  return pattern;
}

absl::StatusOr<eval::Program> UpdateEmitter::Compile(const bound::Expression& expression) const {
  const eval::Needs needs = eval::NeedsOf(expression);
  eval::Layout layout;
  const auto add = [&](VariableId variable) {
    layout.variables[variable] = emitter_.SlotOf(variable);
  };
  for (const VariableId variable : needs.variables) add(variable);
  for (const auto& property : needs.properties) add(property.variable);
  for (const VariableId variable : needs.labels) add(variable);
  return eval::Compile(expression, layout, emitter_.statement().text);
}

absl::StatusOr<plan::ChangeItem> UpdateEmitter::MakeItem(const bound::SetItem& item) const {
  plan::ChangeItem change{.kind = ChangeKindOf(item.kind)};
  ASSIGN_OR_RETURN(change.target, Compile(*item.target));
  change.key = std::string(item.key.text);
  if (item.key_value != nullptr) {
    ASSIGN_OR_RETURN(change.key_value, Compile(*item.key_value));
  }
  if (item.value != nullptr) {
    ASSIGN_OR_RETURN(change.value, Compile(*item.value));
  }
  change.labels = TextsOf(item.labels);
  return change;
}

absl::StatusOr<std::vector<plan::ChangeItem>> UpdateEmitter::MakeItems(
    absl::Span<const bound::SetItem> items) {
  std::vector<plan::ChangeItem> made;
  for (const bound::SetItem& item : items) {
    ASSIGN_OR_RETURN(made.emplace_back(), MakeItem(item));
  }
  const std::string_view text = emitter_.statement().text;
  for (const size_t number : ItemsThatSee(items, text, emitter_.variables()))
    made[number].sees_before = true;
  return made;
}

absl::Status UpdateEmitter::EmitCreate(const bound::Create& create) {
  auto node = std::make_unique<plan::Create>();
  const bool is_last = step_.end_element == create.elements.size();
  ASSIGN_OR_RETURN(node->pattern,
                   MakePattern(create.elements.subspan(step_.first_element,
                                                       step_.end_element - step_.first_element),
                               is_last ? create.paths : absl::Span<const bound::NewPath>()));
  ASSIGN_OR_RETURN(node->given, AddGiven(step_.defines));
  return Push(std::move(node), step_.defines);
}

absl::Status UpdateEmitter::EmitSet(const bound::Set& set) {
  auto node = std::make_unique<plan::Set>();
  ASSIGN_OR_RETURN(node->items, MakeItems(set.items));
  node->whole = whole_;
  node->row_slots = row_slots_;
  ASSIGN_OR_RETURN(node->given, AddGiven(step_.variables));
  for (const VariableId variable : step_.variables) {
    node->looked_up.push_back(emitter_.SlotOf(variable));
  }
  return Push(std::move(node), step_.variables);
}

absl::Status UpdateEmitter::EmitDelete(const bound::Delete& del) {
  auto node = std::make_unique<plan::Delete>();
  node->is_detach = del.is_detach;
  node->postpones = step_.postpones;
  node->takes_postponed = step_.takes_postponed;
  for (const VariableId variable : step_.variables) {
    node->targets.push_back(emitter_.SlotOf(variable));
  }
  return Push(std::move(node), step_.variables);
}

absl::Status UpdateEmitter::EmitMerge(const bound::Merge& merge) {
  auto node = std::make_unique<plan::Merge>();
  std::vector<PlanColumn> results;
  for (const VariableId variable : step_.defines) results.push_back({variable});
  const ColumnSet arguments = NeededBefore(step_.inner, ColumnSet(results.begin(), results.end()));
  ASSIGN_OR_RETURN(Emitter::Inner inner, emitter_.EmitInner(step_.inner, arguments, results, {}));
  node->inner = std::move(inner.fragment);
  node->arguments = std::move(inner.arguments);
  node->returned = std::move(inner.returned);
  ASSIGN_OR_RETURN(node->pattern, MakePattern(merge.elements, merge.paths));
  ASSIGN_OR_RETURN(node->on_create, MakeItems(merge.on_create));
  ASSIGN_OR_RETURN(node->on_match, MakeItems(merge.on_match));
  return Push(std::move(node), step_.defines);
}

absl::Status UpdateEmitter::EmitForeach() {
  auto node = std::make_unique<plan::Foreach>();
  node->gives_inner_rows = !step_.defines.empty();
  std::vector<PlanColumn> results;
  for (const VariableId variable : step_.defines) results.push_back({variable});
  const ColumnSet arguments = ArgumentsOf(step_, {});
  ASSIGN_OR_RETURN(Emitter::Inner inner,
                   emitter_.EmitInner(step_.inner, arguments, results, {std::nullopt, false}));
  node->inner = std::move(inner.fragment);
  node->arguments = std::move(inner.arguments);
  node->returned = std::move(inner.returned);
  RETURN_IF_ERROR(emitter_.AddColumns(results, step_.source));
  return Push(std::move(node), step_.inner[0].defines);
}

}  // namespace

absl::Status EmitUpdate(const Step& step, const ColumnSet& after, Emitter* emitter) {
  UpdateEmitter update(step, NeededBefore(step, after), after, emitter);
  if (step.is_in_inner) return update.EmitForeach();
  switch (step.update->kind) {
    case bound::ClauseKind::kCreate:
      return update.EmitCreate(bound::As<bound::Create>(*step.update));
    case bound::ClauseKind::kSet:
      return update.EmitSet(bound::As<bound::Set>(*step.update));
    case bound::ClauseKind::kDelete:
      return update.EmitDelete(bound::As<bound::Delete>(*step.update));
    case bound::ClauseKind::kMerge:
      return update.EmitMerge(bound::As<bound::Merge>(*step.update));
    default:
      return absl::InternalError("a clause that is no update");
  }
}

}  // namespace tidemark::query
