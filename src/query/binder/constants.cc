// SPDX-License-Identifier: Apache-2.0
#include "query/binder/constants.h"

#include <limits>

namespace tidemark::query {

std::optional<int64_t> Compute(bound::BinaryOperator op, int64_t a, int64_t b, bool* overflows) {
  // These two trap the processor.
  const bool is_smallest = b == -1 && a == std::numeric_limits<int64_t>::min();
  int64_t result = 0;
  switch (op) {
    case bound::BinaryOperator::kAdd:
      *overflows = __builtin_add_overflow(a, b, &result);
      break;
    case bound::BinaryOperator::kSubtract:
      *overflows = __builtin_sub_overflow(a, b, &result);
      break;
    case bound::BinaryOperator::kMultiply:
      *overflows = __builtin_mul_overflow(a, b, &result);
      break;
    case bound::BinaryOperator::kDivide:
      *overflows = is_smallest;
      if (b == 0 || is_smallest) return std::nullopt;
      return a / b;
    case bound::BinaryOperator::kRemainder:
      if (b == 0) return std::nullopt;
      return is_smallest ? 0 : a % b;
    default:
      return std::nullopt;
  }
  if (*overflows) return std::nullopt;
  return result;
}

std::optional<int64_t> ConstantInteger(const bound::Expression& expression) {
  if (expression.kind == bound::ExpressionKind::kInteger) {
    return bound::As<bound::IntegerLiteral>(expression).value;
  }
  bool overflows = false;
  if (expression.kind == bound::ExpressionKind::kSign) {
    const auto& sign = bound::As<bound::Sign>(expression);
    const std::optional<int64_t> value = ConstantInteger(*sign.operand);
    if (!value.has_value() || !sign.is_negative) return value;
    return Compute(bound::BinaryOperator::kSubtract, 0, *value, &overflows);
  }
  if (expression.kind != bound::ExpressionKind::kOperation) return std::nullopt;
  const auto& operation = bound::As<bound::Operation>(expression);
  std::optional<int64_t> value = ConstantInteger(*operation.operands[0]);
  for (size_t i = 0; value.has_value() && i < operation.operators.size(); ++i) {
    const std::optional<int64_t> right = ConstantInteger(*operation.operands[i + 1]);
    if (!right.has_value()) return std::nullopt;
    value = Compute(operation.operators[i], *value, *right, &overflows);
  }
  return value;
}

}  // namespace tidemark::query
