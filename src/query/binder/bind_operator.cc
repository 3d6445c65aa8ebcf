// SPDX-License-Identifier: Apache-2.0
#include "query/binder/constants.h"
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {
namespace {

bound::LogicOperator ToLogic(Operator op) {
  if (op == Operator::kAnd) return bound::LogicOperator::kAnd;
  return op == Operator::kOr ? bound::LogicOperator::kOr : bound::LogicOperator::kXor;
}

bool IsLogic(Operator op) {
  return op == Operator::kAnd || op == Operator::kOr || op == Operator::kXor;
}

bound::BinaryOperator ToBinary(Operator op) {
  switch (op) {
    case Operator::kAdd:
      return bound::BinaryOperator::kAdd;
    case Operator::kSubtract:
      return bound::BinaryOperator::kSubtract;
    case Operator::kConcatenate:
      return bound::BinaryOperator::kConcatenate;
    case Operator::kMultiply:
      return bound::BinaryOperator::kMultiply;
    case Operator::kDivide:
      return bound::BinaryOperator::kDivide;
    case Operator::kRemainder:
      return bound::BinaryOperator::kRemainder;
    case Operator::kPower:
      return bound::BinaryOperator::kPower;
    case Operator::kIn:
      return bound::BinaryOperator::kIn;
    case Operator::kStartsWith:
      return bound::BinaryOperator::kStartsWith;
    case Operator::kEndsWith:
      return bound::BinaryOperator::kEndsWith;
    case Operator::kContains:
      return bound::BinaryOperator::kContains;
    default:
      DCHECK(op == Operator::kMatches);
      return bound::BinaryOperator::kMatches;
  }
}

bound::ComparisonOperator ToComparison(Operator op) {
  switch (op) {
    case Operator::kEqual:
      return bound::ComparisonOperator::kEqual;
    case Operator::kNotEqual:
      return bound::ComparisonOperator::kNotEqual;
    case Operator::kLess:
      return bound::ComparisonOperator::kLess;
    case Operator::kLessOrEqual:
      return bound::ComparisonOperator::kLessOrEqual;
    case Operator::kGreater:
      return bound::ComparisonOperator::kGreater;
    default:
      DCHECK(op == Operator::kGreaterOrEqual);
      return bound::ComparisonOperator::kGreaterOrEqual;
  }
}

// What an operator takes, for the message about something that it does not take.
CypherType OperandType(bound::BinaryOperator op) {
  switch (op) {
    case bound::BinaryOperator::kAdd:
      return kNumberType | kStringType | kListType | kTemporalType | kDurationType;
    case bound::BinaryOperator::kSubtract:
      return kNumberType | kTemporalType | kDurationType;
    case bound::BinaryOperator::kConcatenate:
      return kStringType | kListType;
    case bound::BinaryOperator::kMultiply:
    case bound::BinaryOperator::kDivide:
      return kNumberType | kDurationType;
    case bound::BinaryOperator::kIn:
      return kListType;
    case bound::BinaryOperator::kMatches:
      return kStringType;
    default:
      return kNumberType;
  }
}

}  // namespace

StatementBinder::Expr StatementBinder::BindUnary(const UnaryOperation& unary) {
  if (unary.op == Operator::kNot) {
    const Expr operand = BindCondition(*unary.operand);
    const auto* node =
        Make<bound::Not>(operand->type.is_nullable() ? kBooleanType.OrNull() : kBooleanType,
                         unary.source, {operand}, operand);
    if (!operand->type.IsIn(kBooleanType)) MarkRaising(node);
    return node;
  }
  const Expr operand = Bind(*unary.operand);
  Expect(operand, kNumberType);
  const bool is_number = !operand->type.is_empty() && operand->type.IsIn(kNumberType);
  const auto* node =
      Make<bound::Sign>(is_number ? operand->type : kNumberType.OrNull(), unary.source, {operand},
                        operand, unary.op == Operator::kNegate);
  if (!operand->type.IsIn(kFloatType)) MarkRaising(node);
  return node;
}

StatementBinder::Expr StatementBinder::BindChain(const Chain& chain) {
  return IsLogic(chain.operators[0]) ? BindLogic(chain) : BindOperation(chain);
}

StatementBinder::Expr StatementBinder::BindLogic(const Chain& chain) {
  std::vector<Expr> operands;
  bool is_nullable = false;
  bool are_booleans = true;
  for (const Expression* operand : chain.operands) {
    operands.push_back(BindCondition(*operand));
    is_nullable = is_nullable || operands.back()->type.is_nullable();
    are_booleans = are_booleans && operands.back()->type.IsIn(kBooleanType);
  }
  const auto* node =
      Make<bound::Logic>(is_nullable ? kBooleanType.OrNull() : kBooleanType, chain.source, operands,
                         ToLogic(chain.operators[0]), Keep(operands));
  if (!are_booleans) MarkRaising(node);
  return node;
}

StatementBinder::Expr StatementBinder::BindOperation(const Chain& chain) {
  std::vector<Expr> operands;
  std::vector<bound::BinaryOperator> operators;
  size_t first = 0;
  if (mode_.grouping != nullptr && !mode_.in_aggregate) {
    if (const Expr prefix = FindProjectedPrefix(chain, &first)) operands.push_back(prefix);
  }
  for (size_t i = first; i < chain.operands.size(); ++i) {
    operands.push_back(Bind(*chain.operands[i]));
  }
  const size_t skipped = chain.operands.size() - operands.size();
  CypherType type = operands[0]->type;
  bool may_raise = false;
  for (size_t i = skipped; i < chain.operators.size(); ++i) {
    operators.push_back(ToBinary(chain.operators[i]));
    const CypherType right = operands[operators.size()]->type;
    may_raise = may_raise || MayRaise(operators.back(), type, right);
    CheckOperation(operands, operators, &type);
  }
  CheckOverflow(chain, operands, operators);
  const auto* node =
      Make<bound::Operation>(type, chain.source, operands, Keep(operands), Keep(operators));
  if (may_raise) MarkRaising(node);
  return node;
}

// Of the last of `operators`; `left` is the type of everything before it.
void StatementBinder::CheckOperation(absl::Span<const Expr> operands,
                                     absl::Span<const bound::BinaryOperator> operators,
                                     CypherType* left) {
  const bound::BinaryOperator op = operators.back();
  const Expr right = operands[operators.size()];
  const CypherType result = ResultOf(op, *left, right->type);
  if (!result.is_empty() || result.is_nullable()) {
    *left = result;
    return;
  }
  const CypherType wanted = OperandType(op);
  const bool is_left = !CanBe(*left, wanted) && op != bound::BinaryOperator::kIn &&
                       op != bound::BinaryOperator::kMatches;
  const Source source = is_left ? operands[operators.size() - 1]->source : right->source;
  FailType(source, wanted, is_left ? *left : right->type);
  *left = kAnyType.OrNull();
}

// Integers that are written down must not overflow: that shows before the statement runs.
void StatementBinder::CheckOverflow(const Chain& chain, absl::Span<const Expr> operands,
                                    absl::Span<const bound::BinaryOperator> operators) {
  if (operands[0]->kind != bound::ExpressionKind::kInteger) return;
  std::optional<int64_t> value = bound::As<bound::IntegerLiteral>(*operands[0]).value;
  for (size_t i = 0; i < operators.size() && value.has_value(); ++i) {
    if (operands[i + 1]->kind != bound::ExpressionKind::kInteger) return;
    const int64_t right = bound::As<bound::IntegerLiteral>(*operands[i + 1]).value;
    bool overflows = false;
    value = Compute(operators[i], *value, right, &overflows);
    if (!overflows) continue;
    Fail(ErrorId::kLiteralIntegerOverflow, chain.source, {chain.source.Of(statement_.text)});
  }
}

StatementBinder::Expr StatementBinder::BindComparison(const Comparison& comparison) {
  std::vector<Expr> operands;
  std::vector<bound::ComparisonOperator> operators;
  for (const Expression* operand : comparison.operands) operands.push_back(Bind(*operand));
  for (const Operator op : comparison.operators) operators.push_back(ToComparison(op));
  return Make<bound::Comparison>(kBooleanType.OrNull(), comparison.source, operands, Keep(operands),
                                 Keep(operators));
}

}  // namespace tidemark::query
