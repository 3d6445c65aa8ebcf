// SPDX-License-Identifier: Apache-2.0
// The steps of WITH and RETURN.
#include <algorithm>
#include <utility>

#include "base/status.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {

namespace {

// count(n) of a vertex or an edge that cannot be null.
bool CountsRows(const bound::Aggregate& aggregate) {
  if (aggregate.function->aggregate != AggregateKind::kCount || aggregate.is_distinct ||
      aggregate.arguments.size() != 1) {
    return false;
  }
  const bound::Expression& argument = *aggregate.arguments[0];
  const CypherType type = argument.type;
  return argument.kind == bound::ExpressionKind::kVariable && !type.is_empty() &&
         !type.is_nullable() && type.IsIn(kVertexType | kEdgeType);
}

}  // namespace

Step MakeDistinct(std::vector<bound::VariableId> variables, Source source) {
  Step step{.kind = StepKind::kDistinct, .source = source};
  for (const bound::VariableId variable : variables) step.uses.insert({variable});
  step.defines = variables;
  step.variables = std::move(variables);
  return step;
}

absl::Status StepBuilder::AddProjection(const bound::Projection& projection, Pipeline* steps) {
  if (projection.is_aggregating) RETURN_IF_ERROR(AddAggregates(projection, steps));
  if (projection.is_distinct && !projection.is_aggregating) AddDistinctEnd(projection, steps);
  RETURN_IF_ERROR(AddItems(projection, steps));
  if (projection.is_distinct) {
    std::vector<bound::VariableId> items;
    for (const bound::Projected& item : projection.items) items.push_back(item.variable);
    steps->push_back(MakeDistinct(std::move(items), projection.source));
  }
  if (!projection.order.empty()) RETURN_IF_ERROR(AddOrder(projection, steps));
  RETURN_IF_ERROR(AddPage(projection, steps));
  // All conditions at once: one that is false makes errors of the others count for nothing.
  std::vector<const bound::Expression*> conditions;
  for (const bound::Predicate& predicate : projection.where) {
    conditions.push_back(predicate.condition);
  }
  return AddFilter(conditions, steps);
}

// DISTINCT of what is computed from the end of an expansion alone: each end needs to come once. So
// fewer rows are fetched and sent.
void StepBuilder::AddDistinctEnd(const bound::Projection& projection, Pipeline* steps) const {
  Step needs{.kind = StepKind::kProject};
  for (const bound::Projected& item : projection.items) {
    if (item.expression->has_subplan || item.expression->is_volatile) return;
    NoteUses(*item.expression, &needs);
  }
  // Behind a clause that writes the rows are at home: a step more to the workers costs more.
  const bool writes = std::any_of(steps->begin(), steps->end(), [](const Step& step) {
    return step.kind == StepKind::kUpdate || step.kind == StepKind::kCall;
  });
  if (needs.uses.empty() || writes) return;
  const bound::VariableId end = needs.uses.begin()->variable;
  const bool is_alone = std::all_of(needs.uses.begin(), needs.uses.end(),
                                    [end](const PlanColumn& use) { return use.variable == end; });
  const bool is_end = std::any_of(steps->begin(), steps->end(), [end](const Step& step) {
    return step.kind == StepKind::kExpand && !step.expand.is_into && step.expand.to == end;
  });
  const bool is_itself = projection.items.size() == 1 &&
                         projection.items[0].expression->kind == bound::ExpressionKind::kVariable;
  if (is_alone && is_end && !is_itself) steps->push_back(MakeDistinct({end}, projection.source));
}

absl::Status StepBuilder::AddAggregates(const bound::Projection& projection, Pipeline* steps) {
  Step step{.kind = StepKind::kAggregate, .source = projection.source};
  for (const bound::Projected& key : projection.keys) {
    step.aggregate.keys.push_back({key.variable, key.expression});
    step.defines.push_back(key.variable);
    variables_.NoteComputed(key.variable, *key.expression);
    RETURN_IF_ERROR(AddExpression(*key.expression, &step, steps));
  }
  for (const bound::Aggregate& aggregate : projection.aggregates) {
    AggregateItem item{&aggregate, aggregate.arguments};
    if (CountsRows(aggregate)) item.arguments = {};
    step.aggregate.calls.push_back(item);
    step.defines.push_back(aggregate.variable);
    if (!aggregate.arguments.empty()) {
      variables_.NoteComputed(aggregate.variable, *aggregate.arguments[0]);
    }
    for (const bound::Expression* argument : item.arguments) {
      RETURN_IF_ERROR(AddExpression(*argument, &step, steps));
    }
  }
  steps->push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddItems(const bound::Projection& projection, Pipeline* steps) {
  Step step{.kind = StepKind::kProject, .source = projection.source};
  for (const bound::Projected& item : projection.items) {
    const bool is_kept =
        item.expression->kind == bound::ExpressionKind::kVariable &&
        bound::As<bound::VariableReference>(*item.expression).variable == item.variable;
    if (is_kept) continue;
    step.items.push_back({item.variable, item.expression});
    variables_.NoteComputed(item.variable, *item.expression);
    step.defines.push_back(item.variable);
    RETURN_IF_ERROR(AddExpression(*item.expression, &step, steps));
  }
  if (!step.items.empty()) steps->push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddOrder(const bound::Projection& projection, Pipeline* steps) {
  Step step{.kind = StepKind::kSort, .source = projection.source};
  step.sort.keys.assign(projection.order.begin(), projection.order.end());
  for (const bound::SortKey& key : projection.order) {
    RETURN_IF_ERROR(AddExpression(*key.expression, &step, steps));
  }
  // Another value at each evaluation would be no bound.
  const bool is_fixed = (projection.skip == nullptr || !projection.skip->is_volatile) &&
                        projection.limit != nullptr && !projection.limit->is_volatile;
  if (is_fixed) {
    step.sort.skip = projection.skip;
    step.sort.limit = projection.limit;
  }
  steps->push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddPage(const bound::Projection& projection, Pipeline* steps) {
  const auto add = [&](StepKind kind, const bound::Expression* count) {
    if (count == nullptr) return;
    Step step{.kind = kind, .source = count->source};
    step.expressions = {count};
    steps->push_back(std::move(step));
  };
  add(StepKind::kSkip, projection.skip);
  add(StepKind::kLimit, projection.limit);
  return absl::OkStatus();
}

}  // namespace tidemark::query
