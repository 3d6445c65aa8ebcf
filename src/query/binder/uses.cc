// SPDX-License-Identifier: Apache-2.0
#include "query/binder/uses.h"

#include <algorithm>
#include <iterator>

namespace tidemark::query {

namespace {

using BoundVisit = absl::FunctionRef<void(const bound::Expression&)>;

void VisitIfAny(const bound::Expression* expression, BoundVisit visit) {
  if (expression != nullptr) visit(*expression);
}

void VisitEach(bound::Expressions expressions, BoundVisit visit) {
  for (const bound::Expression* expression : expressions) visit(*expression);
}

void VisitLoopParts(const bound::Expression& expression, BoundVisit visit) {
  switch (expression.kind) {
    case bound::ExpressionKind::kListComprehension: {
      const auto& node = As<bound::ListComprehension>(expression);
      visit(*node.list);
      VisitIfAny(node.where, visit);
      return VisitIfAny(node.projection, visit);
    }
    case bound::ExpressionKind::kListPredicate:
      visit(*As<bound::ListPredicate>(expression).list);
      return visit(*As<bound::ListPredicate>(expression).where);
    case bound::ExpressionKind::kReduce:
      visit(*As<bound::Reduce>(expression).start);
      visit(*As<bound::Reduce>(expression).list);
      return visit(*As<bound::Reduce>(expression).step);
    case bound::ExpressionKind::kCase: {
      const auto& node = As<bound::Case>(expression);
      VisitIfAny(node.subject_value, visit);
      for (const bound::CaseAlternative& alternative : node.alternatives) {
        visit(*alternative.condition);
        visit(*alternative.result);
      }
      return VisitIfAny(node.otherwise, visit);
    }
    case bound::ExpressionKind::kMap:
      for (const auto& entry : As<bound::MapLiteral>(expression).entries) visit(*entry.value);
      return;
    case bound::ExpressionKind::kMapProjection:
      visit(*As<bound::MapProjection>(expression).base);
      for (const auto& item : As<bound::MapProjection>(expression).items) {
        VisitIfAny(item.value, visit);
      }
      return;
    default:
      return;
  }
}

// What is read, and what an expression declares itself. No number is used twice, so the
// difference is what comes from outside.
struct Collected {
  std::vector<bound::VariableId> read;
  std::vector<bound::VariableId> own;
};

void Collect(const bound::Expression& expression, Collected* collected) {
  switch (expression.kind) {
    case bound::ExpressionKind::kVariable:
      collected->read.push_back(As<bound::VariableReference>(expression).variable);
      break;
    case bound::ExpressionKind::kListComprehension:
      collected->own.push_back(As<bound::ListComprehension>(expression).variable);
      break;
    case bound::ExpressionKind::kListPredicate:
      collected->own.push_back(As<bound::ListPredicate>(expression).variable);
      break;
    case bound::ExpressionKind::kReduce:
      collected->own.push_back(As<bound::Reduce>(expression).accumulator);
      collected->own.push_back(As<bound::Reduce>(expression).variable);
      break;
    case bound::ExpressionKind::kCase:
      if (As<bound::Case>(expression).subject != bound::kNoVariable) {
        collected->own.push_back(As<bound::Case>(expression).subject);
      }
      break;
    case bound::ExpressionKind::kSubplan:
      for (const bound::VariableId argument : As<bound::Subplan>(expression).arguments) {
        collected->read.push_back(argument);
      }
      break;
    default:
      break;
  }
  ForEachPart(expression, [collected](const bound::Expression& part) { Collect(part, collected); });
}

}  // namespace

void ForEachPart(const bound::Expression& expression, BoundVisit visit) {
  switch (expression.kind) {
    case bound::ExpressionKind::kList:
      return VisitEach(As<bound::ListLiteral>(expression).items, visit);
    case bound::ExpressionKind::kProperty:
      return visit(*As<bound::Property>(expression).base);
    case bound::ExpressionKind::kIndex:
      visit(*As<bound::Index>(expression).base);
      return visit(*As<bound::Index>(expression).index);
    case bound::ExpressionKind::kSlice:
      visit(*As<bound::Slice>(expression).base);
      VisitIfAny(As<bound::Slice>(expression).from, visit);
      return VisitIfAny(As<bound::Slice>(expression).to, visit);
    case bound::ExpressionKind::kLogic:
      return VisitEach(As<bound::Logic>(expression).operands, visit);
    case bound::ExpressionKind::kNot:
      return visit(*As<bound::Not>(expression).operand);
    case bound::ExpressionKind::kSign:
      return visit(*As<bound::Sign>(expression).operand);
    case bound::ExpressionKind::kOperation:
      return VisitEach(As<bound::Operation>(expression).operands, visit);
    case bound::ExpressionKind::kComparison:
      return VisitEach(As<bound::Comparison>(expression).operands, visit);
    case bound::ExpressionKind::kIsNull:
      return visit(*As<bound::IsNull>(expression).operand);
    case bound::ExpressionKind::kIsTyped:
      return visit(*As<bound::IsTyped>(expression).operand);
    case bound::ExpressionKind::kIsNormalized:
      return visit(*As<bound::IsNormalized>(expression).operand);
    case bound::ExpressionKind::kHasLabels:
      return visit(*As<bound::HasLabels>(expression).operand);
    case bound::ExpressionKind::kCall:
      return VisitEach(As<bound::Call>(expression).arguments, visit);
    default:
      return VisitLoopParts(expression, visit);
  }
}

void MakeSet(std::vector<bound::VariableId>* variables) {
  std::sort(variables->begin(), variables->end());
  variables->erase(std::unique(variables->begin(), variables->end()), variables->end());
}

std::vector<bound::VariableId> UsesOf(const bound::Expression& expression) {
  Collected collected;
  Collect(expression, &collected);
  MakeSet(&collected.read);
  MakeSet(&collected.own);
  std::vector<bound::VariableId> uses;
  std::set_difference(collected.read.begin(), collected.read.end(), collected.own.begin(),
                      collected.own.end(), std::back_inserter(uses));
  return uses;
}

}  // namespace tidemark::query
