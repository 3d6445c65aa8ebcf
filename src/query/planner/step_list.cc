// SPDX-License-Identifier: Apache-2.0
// [x IN list | ...] and all(x IN list WHERE ...) with a pattern inside that uses x: the elements
// become rows, for which the pattern is looked for, and what comes of them a list again.
#include <algorithm>
#include <utility>

#include "base/status.h"
#include "query/binder/uses.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {
namespace {

// Whether something in it that looks for a pattern uses the variable.
bool LooksWith(const bound::Expression* expression, bound::VariableId variable) {
  if (expression == nullptr || !expression->has_subplan) return false;
  const bool is_own = expression->kind == bound::ExpressionKind::kSubplan ||
                      expression->kind == bound::ExpressionKind::kListComprehension ||
                      expression->kind == bound::ExpressionKind::kListPredicate;
  if (is_own) {
    const std::vector<bound::VariableId> uses = UsesOf(*expression);
    return std::binary_search(uses.begin(), uses.end(), variable);
  }
  bool found = false;
  ForEachPart(*expression,
              [&](const bound::Expression& part) { found = found || LooksWith(&part, variable); });
  return found;
}

}  // namespace

std::optional<StepBuilder::ListLoop> StepBuilder::LoopOf(const bound::Expression& expression) {
  ListLoop loop{&expression};
  if (expression.kind == bound::ExpressionKind::kListComprehension) {
    const auto& node = bound::As<bound::ListComprehension>(expression);
    loop.variable = node.variable;
    loop.list = node.list;
    loop.where = node.where;
    loop.value = node.projection;
  } else if (expression.kind == bound::ExpressionKind::kListPredicate) {
    const auto& node = bound::As<bound::ListPredicate>(expression);
    loop.variable = node.variable;
    loop.list = node.list;
    loop.where = nullptr;
    loop.value = node.where;
  } else {
    return std::nullopt;
  }
  const bool is_loop = LooksWith(loop.where, loop.variable) || LooksWith(loop.value, loop.variable);
  return is_loop ? std::optional(loop) : std::nullopt;
}

absl::Status StepBuilder::AddListLoop(const ListLoop& loop, Pipeline* steps) {
  const Source source = loop.node->source;
  Step apply{.kind = StepKind::kApply, .source = source};
  apply.apply = plan::ApplyKind::kCollect;
  const bound::Expression* elements = make_.Elements(
      *loop.list, variables_.Add(bound::VariableKind::kLocal, kAnyType.OrNull(), source));
  Step unwind{.kind = StepKind::kUnwind, .source = source, .defines = {loop.variable}};
  unwind.expressions = {elements};
  RETURN_IF_ERROR(AddExpression(*elements, &unwind, &apply.inner));
  apply.inner.push_back(std::move(unwind));
  if (loop.where != nullptr) RETURN_IF_ERROR(AddFilter({loop.where}, &apply.inner));
  const bound::Expression* value =
      loop.value == nullptr ? make_.Reference(loop.variable) : loop.value;
  apply.collected = variables_.Add(bound::VariableKind::kValue, value->type, source);
  Step project{.kind = StepKind::kProject, .source = source, .defines = {apply.collected}};
  project.items = {{apply.collected, value}};
  RETURN_IF_ERROR(AddExpression(*value, &project, &apply.inner));
  apply.inner.push_back(std::move(project));
  const bound::VariableId list =
      variables_.Add(bound::VariableKind::kValue, CypherType::ListOf(value->type).OrNull(), source);
  apply.defines = {list};
  steps->push_back(std::move(apply));
  const bound::Expression* result = make_.Reference(list);
  if (loop.node->kind == bound::ExpressionKind::kListPredicate) {
    const auto& node = bound::As<bound::ListPredicate>(*loop.node);
    result = make_.Decide(node.predicate, *result,
                          variables_.Add(bound::VariableKind::kLocal, value->type, source));
  }
  // Null has no elements, and is no list.
  result = make_.UnlessNull(*loop.list, *result, source);
  Step finish{.kind = StepKind::kProject, .source = source};
  const bound::VariableId variable =
      variables_.Add(bound::VariableKind::kValue, loop.node->type.OrNull(), source);
  finish.items = {{variable, result}};
  finish.defines = {variable};
  RETURN_IF_ERROR(AddExpression(*result, &finish, steps));
  steps->push_back(std::move(finish));
  computed_[loop.node] = variable;
  return absl::OkStatus();
}

}  // namespace tidemark::query
