// SPDX-License-Identifier: Apache-2.0
#include "query/planner/plan_update.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "query/binder/uses.h"
#include "query/eval/program.h"
#include "query/planner/set_items.h"
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

// Whether something is looked for in the graph.
bool HasPattern(const Pipeline& steps) {
  return std::any_of(steps.begin(), steps.end(),
                     [](const Step& step) { return step.kind == StepKind::kApply; });
}

// Whether steps that compute something read properties or labels, or look for something.
bool LooksAtElements(const Pipeline& steps) {
  return std::any_of(steps.begin(), steps.end(), [](const Step& step) {
    return step.kind == StepKind::kApply || !step.looks_into.empty() ||
           std::any_of(step.uses.begin(), step.uses.end(), [](const PlanColumn& column) {
             return column.kind != PlanColumnKind::kVariable;
           });
  });
}

// Whether updates may change elements that were there before them.
bool ChangesElements(const Pipeline& updates) {
  return std::any_of(updates.begin(), updates.end(), [](const Step& step) {
    if (step.update == nullptr || step.update->kind == bound::ClauseKind::kCreate) return false;
    if (step.is_in_inner) return ChangesElements(step.inner);
    if (step.update->kind != bound::ClauseKind::kMerge) return true;
    const auto& merge = bound::As<bound::Merge>(*step.update);
    return !merge.on_create.empty() || !merge.on_match.empty();
  });
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
  bool ReadsElements(const bound::Expression& expression) const;
  // Whether a row of the updates may see what they have done for the rows before it, so that they
  // cannot run for many rows, one update after the other.
  bool MustRunOneByOne(const Pipeline& updates) const;

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
    const std::vector<VariableId> used = UsesOf(*expression);
    return std::any_of(variables.begin(), variables.end(), [&used](VariableId variable) {
      return std::binary_search(used.begin(), used.end(), variable);
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

// What the keys read of elements is read row by row when the rows before may change it.
absl::Status UpdateBuilder::AddMerge(const bound::Merge& merge, Step* step) {
  Pipeline keys;
  RETURN_IF_ERROR(UpdateBuilder(&builder_, &keys).AddElements(merge.elements, merge.paths, step));
  RETURN_IF_ERROR(builder_.AddGraph(*merge.graph, &step->inner));
  // The variables of the items stand behind those of the properties.
  RETURN_IF_ERROR(AddItems(merge.on_create, step));
  RETURN_IF_ERROR(AddItems(merge.on_match, step));
  for (const VariableId variable : step->defines) step->uses.erase({variable});
  const bool changes = !merge.on_create.empty() || !merge.on_match.empty();
  const bool is_row_by_row = HasPattern(keys) || (changes && LooksAtElements(keys));
  if (!is_row_by_row) {
    std::move(keys.begin(), keys.end(), std::back_inserter(steps_));
    return absl::OkStatus();
  }
  Step each{.kind = StepKind::kUpdate, .place = Place::kHome, .source = merge.source};
  each.update = &merge;
  each.defines = step->defines;
  each.is_in_inner = true;
  each.inner = std::move(keys);
  each.inner.push_back(std::move(*step));
  *step = std::move(each);
  return absl::OkStatus();
}

// The inner pipeline goes through the list of each row. An element sees what those before it have
// done, and so does a list.
absl::Status UpdateBuilder::AddForeach(const bound::Foreach& foreach, Step* step) {
  Pipeline updates;
  for (const bound::Clause* const clause : foreach.updates) {
    RETURN_IF_ERROR(AddUpdate(*clause, &builder_, &updates));
  }
  const bound::Expression* list = foreach.list;
  const bool is_live = ReadsElements(*list) && ChangesElements(updates);
  if (!is_live) {
    ASSIGN_OR_RETURN(const VariableId variable, Compute(*list));
    list = builder_.make().Renamed(*list, variable);
  }
  Step unwind{.kind = StepKind::kUnwind, .source = list->source, .defines = {foreach.variable}};
  unwind.expressions = {list};
  builder_.variables().NoteComputed(foreach.variable, *foreach.list);
  // What the list looks for in the graph is found before anything is changed.
  RETURN_IF_ERROR(builder_.AddExpression(*list, &unwind, &steps_));
  step->is_in_inner = true;
  step->inner.push_back(std::move(unwind));
  if (MustRunOneByOne(updates)) {
    Step each{.kind = StepKind::kUpdate, .place = Place::kHome, .source = foreach.source};
    each.update = &foreach;
    each.is_in_inner = true;
    each.inner = std::move(updates);
    step->inner.push_back(std::move(each));
  } else {
    std::move(updates.begin(), updates.end(), std::back_inserter(step->inner));
  }
  return absl::OkStatus();
}

bool UpdateBuilder::MustRunOneByOne(const Pipeline& updates) const {
  if (HasPattern(updates)) return true;
  size_t count = 0;
  bool only_creates = true;
  for (const Step& step : updates) {
    if (step.update == nullptr) continue;
    ++count;
    only_creates = only_creates && step.update->kind == bound::ClauseKind::kCreate;
    if (step.update->kind != bound::ClauseKind::kSet) continue;
    const auto& set = bound::As<bound::Set>(*step.update);
    count += ItemsThatSee(set.items, builder_.statement().text, builder_.variables()).size();
  }
  if (only_creates) return false;
  return count > 1 || (ChangesElements(updates) && LooksAtElements(updates));
}

bool UpdateBuilder::ReadsElements(const bound::Expression& expression) const {
  Pipeline steps(1, Step{.kind = StepKind::kProject});
  builder_.NoteUses(expression, &steps[0]);
  return LooksAtElements(steps);
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

}  // namespace

absl::Status AddUpdate(const bound::Clause& clause, StepBuilder* builder, Pipeline* steps) {
  return UpdateBuilder(builder, steps).Add(clause);
}

}  // namespace tidemark::query
