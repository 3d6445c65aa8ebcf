// SPDX-License-Identifier: Apache-2.0
#include "query/planner/made_expressions.h"

#include <algorithm>

#include "base/check.h"
#include "query/binder/uses.h"
#include "query/functions/registry.h"

namespace tidemark::query {

const bound::Expression* MadeExpressions::Reference(bound::VariableId variable) {
  return arena_.New<bound::VariableReference>(
      Traits(bound::ExpressionKind::kVariable, variables_.TypeOf(variable)), variable);
}

const bound::Expression* MadeExpressions::Equal(const bound::Expression* a,
                                                const bound::Expression* b) {
  const std::vector<bound::ComparisonOperator> operators = {bound::ComparisonOperator::kEqual};
  return arena_.New<bound::Comparison>(
      Traits(bound::ExpressionKind::kComparison, kBooleanType.OrNull()), Keep({a, b}),
      arena_.Copy(absl::Span<const bound::ComparisonOperator>(operators)));
}

const bound::Expression* MadeExpressions::Renamed(const bound::Expression& expression,
                                                  bound::VariableId variable) {
  bound::Expression traits = Traits(bound::ExpressionKind::kVariable, variables_.TypeOf(variable));
  traits.source = expression.source;
  return arena_.New<bound::VariableReference>(traits, variable);
}

const bound::Expression* MadeExpressions::SumOf(const bound::Expression& a,
                                                const bound::Expression& b) {
  if (a.kind != bound::ExpressionKind::kInteger || b.kind != bound::ExpressionKind::kInteger)
    return nullptr;
  int64_t sum = 0;
  if (__builtin_add_overflow(bound::As<bound::IntegerLiteral>(a).value,
                             bound::As<bound::IntegerLiteral>(b).value, &sum)) {
    return nullptr;
  }
  bound::Expression traits = Traits(bound::ExpressionKind::kInteger, kIntegerType);
  traits.is_constant = true;
  return arena_.New<bound::IntegerLiteral>(traits, sum);
}

const bound::Expression* MadeExpressions::IsNotNull(bound::VariableId variable) {
  return arena_.New<bound::IsNull>(Traits(bound::ExpressionKind::kIsNull, kBooleanType),
                                   Reference(variable), true);
}

const bound::Expression* MadeExpressions::EndOf(bound::VariableId edge, bool is_source) {
  const auto function = FindFunction(is_source ? "startNode" : "endNode", 1, {});
  CHECK(function.ok()) << function.status();
  return arena_.New<bound::Call>(Traits(bound::ExpressionKind::kCall, kVertexType.OrNull()),
                                 *function, Keep({Reference(edge)}));
}

const bound::Expression* MadeExpressions::EndsOf(bound::VariableId edge) {
  const bound::Expression* source = EndOf(edge, true);
  const bound::Expression* target = EndOf(edge, false);
  const CypherType type = CypherType::ListOf(kVertexType);
  const auto list = [&](const std::vector<const bound::Expression*>& items) {
    return arena_.New<bound::ListLiteral>(Traits(bound::ExpressionKind::kList, type), Keep(items));
  };
  const std::vector<bound::CaseAlternative> loop = {{Equal(source, target), list({source})}};
  return arena_.New<bound::Case>(
      Traits(bound::ExpressionKind::kCase, type), bound::kNoVariable, nullptr,
      arena_.Copy(absl::Span<const bound::CaseAlternative>(loop)), list({source, target}));
}

const bound::Expression* MadeExpressions::Elements(const bound::Expression& list,
                                                   bound::VariableId element) {
  bound::Expression traits = Traits(bound::ExpressionKind::kListComprehension,
                                    CypherType::ListOf(list.type.element()).OrNull());
  traits.may_raise = true;
  traits.has_subplan = list.has_subplan;
  traits.source = list.source;
  return arena_.New<bound::ListComprehension>(traits, element, &list, nullptr, nullptr);
}

const bound::Expression* MadeExpressions::UnlessNull(const bound::Expression& value,
                                                     const bound::Expression& result,
                                                     Source source) {
  const auto* is_null = arena_.New<bound::IsNull>(
      Traits(bound::ExpressionKind::kIsNull, kBooleanType), &value, false);
  const auto* null =
      arena_.New<bound::NullLiteral>(Traits(bound::ExpressionKind::kNull, CypherType::Null()));
  const std::vector<bound::CaseAlternative> none = {{is_null, null}};
  bound::Expression traits = Traits(bound::ExpressionKind::kCase, result.type.OrNull());
  traits.may_raise = true;
  traits.has_subplan = value.has_subplan;
  traits.source = source;
  return arena_.New<bound::Case>(traits, bound::kNoVariable, nullptr,
                                 arena_.Copy(absl::Span<const bound::CaseAlternative>(none)),
                                 &result);
}

const bound::Expression* MadeExpressions::Decide(bound::ListPredicateKind kind,
                                                 const bound::Expression& truths,
                                                 bound::VariableId element) {
  bound::Expression traits = Traits(bound::ExpressionKind::kListPredicate, kBooleanType.OrNull());
  return arena_.New<bound::ListPredicate>(traits, kind, element, &truths, Reference(element));
}

bound::Predicate MadeExpressions::ForAll(const bound::PatternEdge& edge,
                                         const bound::Predicate& predicate) {
  const bound::Expression& condition = *predicate.condition;
  bound::Expression traits = Traits(bound::ExpressionKind::kListPredicate, kBooleanType.OrNull());
  traits.may_raise = condition.may_raise;
  traits.is_volatile = condition.is_volatile;
  traits.has_subplan = condition.has_subplan;
  traits.source = condition.source;
  const bound::Expression* all = arena_.New<bound::ListPredicate>(
      traits, bound::ListPredicateKind::kAll, edge.element, Reference(edge.variable), &condition);
  std::vector<bound::VariableId> uses(predicate.uses.begin(), predicate.uses.end());
  std::replace(uses.begin(), uses.end(), edge.element, edge.variable);
  MakeSet(&uses);
  return {all, arena_.Copy(absl::Span<const bound::VariableId>(uses))};
}

const bound::Expression* MadeExpressions::IsList(const bound::Expression& value, bool is_negated) {
  const auto* test = arena_.New<bound::TypeTest>(kListType.OrNull());
  return arena_.New<bound::IsTyped>(Traits(bound::ExpressionKind::kIsTyped, kBooleanType), &value,
                                    test, is_negated);
}

// OR passes over what raises when the other operand is true.
const bound::Expression* MadeExpressions::Either(const bound::Expression* a,
                                                 const bound::Expression& b, bool may_raise) {
  bound::Expression traits = Traits(bound::ExpressionKind::kLogic, kBooleanType.OrNull());
  traits.source = b.source;
  traits.may_raise = may_raise;
  return arena_.New<bound::Logic>(traits, bound::LogicOperator::kOr, Keep({a, &b}));
}

const bound::Expression* MadeExpressions::UnlessOther(const bound::Expression& condition,
                                                      const bound::Expression& list) {
  return Either(IsList(list, true), condition, false);
}

const bound::Expression* MadeExpressions::OrList(const bound::Expression& condition,
                                                 const bound::Expression& list) {
  return Either(IsList(list, false), condition, true);
}

const bound::Expression* MadeExpressions::All(
    const std::vector<const bound::Expression*>& conditions) {
  if (conditions.size() == 1) return conditions[0];
  bound::Expression traits = Traits(bound::ExpressionKind::kLogic, kBooleanType.OrNull());
  traits.source = conditions[0]->source;
  for (const bound::Expression* condition : conditions) {
    traits.may_raise = traits.may_raise || condition->may_raise;
    traits.is_volatile = traits.is_volatile || condition->is_volatile;
  }
  return arena_.New<bound::Logic>(traits, bound::LogicOperator::kAnd, Keep(conditions));
}

}  // namespace tidemark::query
