// SPDX-License-Identifier: Apache-2.0
// Bound expressions as operations.
#include "base/check.h"
#include "query/eval/compiler.h"

namespace tidemark::query::eval {

namespace {

using bound::ExpressionKind;

constexpr std::string_view kForms[] = {"NFC", "NFD", "NFKC", "NFKD"};

void AddLabelSteps(const bound::LabelTest& test, std::vector<LabelStep>* steps) {
  for (const bound::LabelTest* inner : test.inner) AddLabelSteps(*inner, steps);
  steps->push_back({.kind = test.kind,
                    .operand_count = static_cast<uint32_t>(test.inner.size()),
                    .id = test.name.id,
                    .name = std::string(test.name.text)});
}

uint32_t AddTypeRule(const bound::TypeTest& test, std::vector<TypeRule>* rules) {
  const auto index = static_cast<uint32_t>(rules->size());
  rules->emplace_back();
  TypeRule rule{.type = test.type};
  if (test.element != nullptr) rule.element = AddTypeRule(*test.element, rules);
  for (const bound::TypeTest* inner : test.any_of) {
    rule.any_of.push_back(AddTypeRule(*inner, rules));
  }
  (*rules)[index] = std::move(rule);
  return index;
}

Applied Of(OperationKind kind, std::initializer_list<const bound::Expression*> operands) {
  return {.operation = {.kind = kind}, .operands = operands};
}

Applied OfSlice(const bound::Slice& slice) {
  Applied applied = Of(OperationKind::kSlice, {slice.base});
  applied.operation.has_from = slice.from != nullptr;
  applied.operation.has_to = slice.to != nullptr;
  if (slice.from != nullptr) applied.operands.push_back(slice.from);
  if (slice.to != nullptr) applied.operands.push_back(slice.to);
  return applied;
}

Applied OfMap(const bound::MapLiteral& map) {
  Applied applied = Of(OperationKind::kMakeMap, {});
  for (const bound::MapEntry& entry : map.entries) {
    applied.operation.keys.emplace_back(entry.key);
    applied.operands.push_back(entry.value);
  }
  return applied;
}

Applied OfMapProjection(const bound::MapProjection& projection) {
  Applied applied = Of(OperationKind::kMapProjection, {projection.base});
  for (const bound::MapProjectionItem& item : projection.items) {
    if (item.kind == bound::MapProjectionItemKind::kAll) {
      applied.operation.keys.emplace_back();
      continue;
    }
    applied.operation.keys.emplace_back(item.key);
    applied.operands.push_back(item.value);
  }
  return applied;
}

Applied OfCall(const bound::Call& call) {
  Applied applied = Of(OperationKind::kCall, {});
  applied.operation.function = call.function;
  applied.operation.is_volatile = call.function->stability == Stability::kVolatile;
  applied.operands.assign(call.arguments.begin(), call.arguments.end());
  return applied;
}

Applied OfTest(const bound::Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kIsNull: {
      Applied applied = Of(OperationKind::kIsNull, {As<bound::IsNull>(expression).operand});
      applied.operation.is_negated = As<bound::IsNull>(expression).is_negated;
      return applied;
    }
    case ExpressionKind::kIsTyped: {
      const auto& typed = As<bound::IsTyped>(expression);
      Applied applied = Of(OperationKind::kIsTyped, {typed.operand});
      applied.operation.is_negated = typed.is_negated;
      AddTypeRule(*typed.test, &applied.operation.types);
      return applied;
    }
    case ExpressionKind::kIsNormalized: {
      const auto& normalized = As<bound::IsNormalized>(expression);
      Applied applied = Of(OperationKind::kIsNormalized, {normalized.operand});
      applied.operation.is_negated = normalized.is_negated;
      applied.operation.text = kForms[static_cast<int>(normalized.form)];
      return applied;
    }
    default: {
      const auto& labels = As<bound::HasLabels>(expression);
      Applied applied = Of(OperationKind::kHasLabels, {labels.operand});
      applied.operation.labels = LabelStepsOf(*labels.test);
      return applied;
    }
  }
}

Applied AppliedWithoutSource(const bound::Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kList: {
      Applied applied = Of(OperationKind::kMakeList, {});
      const bound::Expressions items = As<bound::ListLiteral>(expression).items;
      applied.operands.assign(items.begin(), items.end());
      return applied;
    }
    case ExpressionKind::kMap:
      return OfMap(As<bound::MapLiteral>(expression));
    case ExpressionKind::kProperty: {
      Applied applied = Of(OperationKind::kProperty, {As<bound::Property>(expression).base});
      applied.operation.text = As<bound::Property>(expression).key.text;
      return applied;
    }
    case ExpressionKind::kIndex:
      return Of(OperationKind::kIndex,
                {As<bound::Index>(expression).base, As<bound::Index>(expression).index});
    case ExpressionKind::kSlice:
      return OfSlice(As<bound::Slice>(expression));
    case ExpressionKind::kNot:
      return Of(OperationKind::kNot, {As<bound::Not>(expression).operand});
    case ExpressionKind::kSign: {
      const auto& sign = As<bound::Sign>(expression);
      return Of(sign.is_negative ? OperationKind::kNegate : OperationKind::kUnaryPlus,
                {sign.operand});
    }
    case ExpressionKind::kCall:
      return OfCall(As<bound::Call>(expression));
    case ExpressionKind::kMapProjection:
      return OfMapProjection(As<bound::MapProjection>(expression));
    default:
      return OfTest(expression);
  }
}

}  // namespace

std::vector<LabelStep> LabelStepsOf(const bound::LabelTest& test) {
  std::vector<LabelStep> steps;
  AddLabelSteps(test, &steps);
  return steps;
}

Applied AppliedOf(const bound::Expression& expression) {
  Applied applied = AppliedWithoutSource(expression);
  applied.operation.source = expression.source;
  return applied;
}

OperationKind KindOf(bound::BinaryOperator op) {
  switch (op) {
    case bound::BinaryOperator::kAdd:
      return OperationKind::kAdd;
    case bound::BinaryOperator::kSubtract:
      return OperationKind::kSubtract;
    case bound::BinaryOperator::kConcatenate:
      return OperationKind::kConcatenate;
    case bound::BinaryOperator::kMultiply:
      return OperationKind::kMultiply;
    case bound::BinaryOperator::kDivide:
      return OperationKind::kDivide;
    case bound::BinaryOperator::kRemainder:
      return OperationKind::kRemainder;
    case bound::BinaryOperator::kPower:
      return OperationKind::kPower;
    case bound::BinaryOperator::kIn:
      return OperationKind::kIn;
    case bound::BinaryOperator::kStartsWith:
      return OperationKind::kStartsWith;
    case bound::BinaryOperator::kEndsWith:
      return OperationKind::kEndsWith;
    case bound::BinaryOperator::kContains:
      return OperationKind::kContains;
    case bound::BinaryOperator::kMatches:
      break;
  }
  return OperationKind::kMatches;
}

OperationKind KindOf(bound::ComparisonOperator op) {
  switch (op) {
    case bound::ComparisonOperator::kEqual:
      return OperationKind::kEqual;
    case bound::ComparisonOperator::kNotEqual:
      return OperationKind::kNotEqual;
    case bound::ComparisonOperator::kLess:
      return OperationKind::kLess;
    case bound::ComparisonOperator::kLessOrEqual:
      return OperationKind::kLessOrEqual;
    case bound::ComparisonOperator::kGreater:
      return OperationKind::kGreater;
    case bound::ComparisonOperator::kGreaterOrEqual:
      break;
  }
  return OperationKind::kGreaterOrEqual;
}

bool IsCoalesce(const bound::Expression& expression) {
  return expression.kind == ExpressionKind::kCall &&
         As<bound::Call>(expression).function->name == "coalesce";
}

}  // namespace tidemark::query::eval
