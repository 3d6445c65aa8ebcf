// SPDX-License-Identifier: Apache-2.0
#include "query/planner/plan_update.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/eval/program.h"
#include "query/plan/write_operator.h"
#include "query/text/error.h"

namespace tidemark::query {
namespace {

using bound::VariableId;

std::string_view ClauseText(bound::ClauseKind kind) {
  switch (kind) {
    case bound::ClauseKind::kSubquery:
      return "CALL with a subquery";
    default:
      return "This clause";
  }
}

// What an update computes from the rows alone is computed before it, in columns of its own: the
// update takes all rows before it changes anything.
class UpdateBuilder {
 public:
  UpdateBuilder(StepBuilder* builder, Pipeline* steps) : builder_(*builder), steps_(*steps) {}

  absl::Status Add(const bound::Clause& clause);

 private:
  // The variable that has the value of an expression.
  absl::StatusOr<VariableId> Compute(const bound::Expression& expression);
  absl::Status AddProperties(const bound::NewProperties& properties, Step* step);
  absl::Status AddElements(absl::Span<const bound::NewElement> elements,
                           absl::Span<const bound::NewPath> paths, Step* step);
  absl::Status AddItems(absl::Span<const bound::SetItem> items, Step* step);
  absl::Status AddItemExpression(const bound::Expression* expression, Step* step);
  absl::Status AddMerge(const bound::Merge& merge, Step* step);
  absl::Status AddForeach(const bound::Foreach& foreach, Step* step);

  StepBuilder& builder_;
  Pipeline& steps_;
};

absl::StatusOr<VariableId> UpdateBuilder::Compute(const bound::Expression& expression) {
  if (expression.kind == bound::ExpressionKind::kVariable) {
    return bound::As<bound::VariableReference>(expression).variable;
  }
  const VariableId variable =
      builder_.variables().Add(bound::VariableKind::kValue, expression.type, expression.source);
  Step step{.kind = StepKind::kProject, .source = expression.source};
  step.items = {{variable, &expression}};
  step.defines = {variable};
  RETURN_IF_ERROR(builder_.AddExpression(expression, &step, &steps_));
  builder_.variables().NoteComputed(variable, expression);
  steps_.push_back(std::move(step));
  return variable;
}

absl::Status UpdateBuilder::AddProperties(const bound::NewProperties& properties, Step* step) {
  const auto add = [&](const bound::Expression& value) -> absl::Status {
    ASSIGN_OR_RETURN(const VariableId variable, Compute(value));
    step->variables.push_back(variable);
    step->uses.insert({variable});
    return absl::OkStatus();
  };
  for (const bound::PropertyEntry& entry : properties.entries) RETURN_IF_ERROR(add(*entry.value));
  return properties.map == nullptr ? absl::OkStatus() : add(*properties.map);
}

// Whether a property is computed from one of these variables.
bool UsesOneOf(const bound::NewProperties& properties, const std::vector<VariableId>& variables) {
  const auto uses = [&](const bound::Expression* expression) {
    if (expression == nullptr) return false;
    const eval::Needs needs = eval::NeedsOf(*expression);
    return std::any_of(variables.begin(), variables.end(), [&](VariableId variable) {
      const auto is_it = [variable](const auto& property) { return property.variable == variable; };
      return std::binary_search(needs.variables.begin(), needs.variables.end(), variable) ||
             std::binary_search(needs.labels.begin(), needs.labels.end(), variable) ||
             std::any_of(needs.properties.begin(), needs.properties.end(), is_it);
    });
  };
  return uses(properties.map) ||
         std::any_of(properties.entries.begin(), properties.entries.end(),
                     [&](const bound::PropertyEntry& entry) { return uses(entry.value); });
}

absl::Status UpdateBuilder::AddElements(absl::Span<const bound::NewElement> elements,
                                        absl::Span<const bound::NewPath> paths, Step* step) {
  std::vector<VariableId> made;
  const auto use = [&](VariableId end) {
    if (std::find(made.begin(), made.end(), end) == made.end()) step->uses.insert({end});
  };
  step->end_element = elements.size();
  for (size_t i = 0; i < elements.size(); ++i) {
    const bound::NewElement& element = elements[i];
    if (UsesOneOf(element.properties, made)) {
      Step before = *step;
      before.end_element = i;
      before.defines = std::exchange(made, {});
      steps_.push_back(std::move(before));
      step->first_element = i;
      step->uses.clear();
      step->variables.clear();
    }
    if (element.kind == bound::NewElementKind::kBoundVertex) {
      step->uses.insert({element.variable});
      continue;
    }
    RETURN_IF_ERROR(AddProperties(element.properties, step));
    if (element.kind == bound::NewElementKind::kEdge) {
      use(element.source_vertex);
      use(element.target_vertex);
    }
    made.push_back(element.variable);
  }
  for (const bound::NewPath& path : paths) {
    for (const VariableId vertex : path.vertices) use(vertex);
    for (const VariableId edge : path.edges) use(edge);
    made.push_back(path.variable);
  }
  step->defines = std::move(made);
  return absl::OkStatus();
}

// What the items compute is computed row by row, because a row sees what the rows before it have
// set: the update itself looks up the elements that stand in these variables.
absl::Status UpdateBuilder::AddItemExpression(const bound::Expression* expression, Step* step) {
  if (expression == nullptr) return absl::OkStatus();
  if (expression->has_subplan) {
    return ToStatus(MakeError(ErrorId::kNotSupported, builder_.statement().text,
                              expression->source.offset, {"A pattern within SET"}));
  }
  const eval::Needs needs = eval::NeedsOf(*expression);
  const auto use = [step](VariableId variable) {
    step->uses.insert({variable});
    const auto& known = step->variables;
    if (std::find(known.begin(), known.end(), variable) == known.end()) {
      step->variables.push_back(variable);
    }
  };
  for (const VariableId variable : needs.variables) use(variable);
  for (const auto& property : needs.properties) use(property.variable);
  for (const VariableId variable : needs.labels) use(variable);
  return absl::OkStatus();
}

absl::Status UpdateBuilder::AddItems(absl::Span<const bound::SetItem> items, Step* step) {
  for (const bound::SetItem& item : items) {
    RETURN_IF_ERROR(AddItemExpression(item.target, step));
    RETURN_IF_ERROR(AddItemExpression(item.key_value, step));
    RETURN_IF_ERROR(AddItemExpression(item.value, step));
  }
  return absl::OkStatus();
}

absl::Status UpdateBuilder::AddMerge(const bound::Merge& merge, Step* step) {
  RETURN_IF_ERROR(AddElements(merge.elements, merge.paths, step));
  RETURN_IF_ERROR(builder_.AddGraph(*merge.graph, &step->inner));
  ColumnSet results;
  for (const VariableId variable : step->defines) results.insert({variable});
  for (const PlanColumn& column : NeededBefore(step->inner, results)) {
    step->uses.insert({column.variable});
  }
  // The variables of the items stand behind those of the properties.
  RETURN_IF_ERROR(AddItems(merge.on_create, step));
  RETURN_IF_ERROR(AddItems(merge.on_match, step));
  for (const VariableId variable : step->defines) step->uses.erase({variable});
  return absl::OkStatus();
}

absl::Status UpdateBuilder::AddForeach(const bound::Foreach& foreach, Step* step) {
  ASSIGN_OR_RETURN(const VariableId list, Compute(*foreach.list));
  step->uses.insert({list});
  step->variables = {list};
  for (const bound::Clause* const clause : foreach.updates) {
    RETURN_IF_ERROR(AddUpdate(*clause, &builder_, &step->inner));
  }
  for (const PlanColumn& column : NeededBefore(step->inner, {})) {
    if (column.variable != foreach.variable) step->uses.insert({column.variable});
  }
  return absl::OkStatus();
}

absl::Status UpdateBuilder::Add(const bound::Clause& clause) {
  Step step{.kind = StepKind::kUpdate, .place = Place::kHome, .source = clause.source};
  step.update = &clause;
  switch (clause.kind) {
    case bound::ClauseKind::kCreate: {
      const auto& create = bound::As<bound::Create>(clause);
      RETURN_IF_ERROR(AddElements(create.elements, create.paths, &step));
      break;
    }
    case bound::ClauseKind::kSet:
      RETURN_IF_ERROR(AddItems(bound::As<bound::Set>(clause).items, &step));
      break;
    case bound::ClauseKind::kDelete:
      for (const bound::Expression* const target : bound::As<bound::Delete>(clause).targets) {
        ASSIGN_OR_RETURN(const VariableId variable, Compute(*target));
        step.uses.insert({variable});
        step.variables.push_back(variable);
      }
      break;
    case bound::ClauseKind::kMerge:
      RETURN_IF_ERROR(AddMerge(bound::As<bound::Merge>(clause), &step));
      break;
    case bound::ClauseKind::kForeach:
      RETURN_IF_ERROR(AddForeach(bound::As<bound::Foreach>(clause), &step));
      break;
    default:
      return ToStatus(MakeError(ErrorId::kNotSupported, builder_.statement().text,
                                clause.source.offset, {ClauseText(clause.kind)}));
  }
  steps_.push_back(std::move(step));
  return absl::OkStatus();
}

std::vector<std::string> TextsOf(absl::Span<const bound::Name> names) {
  std::vector<std::string> texts;
  for (const bound::Name& name : names) {
    if (std::find(texts.begin(), texts.end(), name.text) == texts.end()) {
      texts.emplace_back(name.text);
    }
  }
  return texts;
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
  absl::Status EmitForeach(const bound::Foreach& foreach);

 private:
  // Adds the slots of the new variables.
  absl::StatusOr<plan::Pattern> MakePattern(absl::Span<const bound::NewElement> elements,
                                            absl::Span<const bound::NewPath> paths);
  void TakeProperties(const bound::NewProperties& from, plan::NewProperties* to);
  absl::StatusOr<std::vector<plan::ChangeItem>> MakeItems(absl::Span<const bound::SetItem> items);
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

absl::StatusOr<std::vector<plan::ChangeItem>> UpdateEmitter::MakeItems(
    absl::Span<const bound::SetItem> items) {
  const auto kind_of = [](bound::SetKind kind) {
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
  };
  std::vector<plan::ChangeItem> made;
  for (const bound::SetItem& item : items) {
    plan::ChangeItem& change = made.emplace_back();
    change.kind = kind_of(item.kind);
    ASSIGN_OR_RETURN(change.target, Compile(*item.target));
    change.key = std::string(item.key.text);
    if (item.key_value != nullptr) {
      ASSIGN_OR_RETURN(change.key_value, Compile(*item.key_value));
    }
    if (item.value != nullptr) {
      ASSIGN_OR_RETURN(change.value, Compile(*item.value));
    }
    change.labels = TextsOf(item.labels);
  }
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

absl::Status UpdateEmitter::EmitForeach(const bound::Foreach& foreach) {
  auto node = std::make_unique<plan::Foreach>();
  node->list = emitter_.SlotOf(step_.variables[0]);
  ColumnSet arguments = NeededBefore(step_.inner, {});
  for (auto it = arguments.begin(); it != arguments.end();) {
    it = it->variable == foreach.variable ? arguments.erase(it) : std::next(it);
  }
  ASSIGN_OR_RETURN(Emitter::Inner inner,
                   emitter_.EmitInner(step_.inner, arguments, {}, {foreach.variable, false}));
  node->inner = std::move(inner.fragment);
  node->arguments = std::move(inner.arguments);
  return Push(std::move(node), {foreach.variable});
}

}  // namespace

absl::Status AddUpdate(const bound::Clause& clause, StepBuilder* builder, Pipeline* steps) {
  return UpdateBuilder(builder, steps).Add(clause);
}

absl::Status EmitUpdate(const Step& step, const ColumnSet& after, Emitter* emitter) {
  UpdateEmitter update(step, NeededBefore(step, after), after, emitter);
  switch (step.update->kind) {
    case bound::ClauseKind::kCreate:
      return update.EmitCreate(bound::As<bound::Create>(*step.update));
    case bound::ClauseKind::kSet:
      return update.EmitSet(bound::As<bound::Set>(*step.update));
    case bound::ClauseKind::kDelete:
      return update.EmitDelete(bound::As<bound::Delete>(*step.update));
    case bound::ClauseKind::kMerge:
      return update.EmitMerge(bound::As<bound::Merge>(*step.update));
    case bound::ClauseKind::kForeach:
      return update.EmitForeach(bound::As<bound::Foreach>(*step.update));
    default:
      return absl::InternalError("a clause that is no update");
  }
}

}  // namespace tidemark::query
