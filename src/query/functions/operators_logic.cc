// SPDX-License-Identifier: Apache-2.0
#include "query/functions/failures.h"
#include "query/functions/operators.h"

namespace tidemark::query {

using graph::Ternary;
using graph::Value;
using graph::ValueType;

namespace {

bool IsBoolean(const ValueOr& operand, bool value) {
  return operand.ok() && operand->type() == ValueType::kBoolean && operand->boolean() == value;
}

// OK for what logic can work with.
absl::Status CheckLogical(const ValueOr& operand) {
  if (!operand.ok()) return operand.status();
  if (operand->is_null() || operand->type() == ValueType::kBoolean) return absl::OkStatus();
  return TypeMismatch("BOOLEAN", *operand);
}

// AND with `decider` false, OR with true.
ValueOr Decide(const ValueOr& a, const ValueOr& b, bool decider) {
  if (IsBoolean(a, decider) || IsBoolean(b, decider)) return Value::Boolean(decider);
  if (absl::Status status = CheckLogical(a); !status.ok()) return status;
  if (absl::Status status = CheckLogical(b); !status.ok()) return status;
  if (a->is_null() || b->is_null()) return Value();
  return Value::Boolean(!decider);
}

}  // namespace

Value ToValue(Ternary ternary) {
  return ternary == Ternary::kUnknown ? Value() : Value::Boolean(ternary == Ternary::kTrue);
}

ValueOr And(const ValueOr& a, const ValueOr& b) { return Decide(a, b, false); }
ValueOr Or(const ValueOr& a, const ValueOr& b) { return Decide(a, b, true); }

ValueOr Xor(const ValueOr& a, const ValueOr& b) {
  if (absl::Status status = CheckLogical(a); !status.ok()) return status;
  if (absl::Status status = CheckLogical(b); !status.ok()) return status;
  if (a->is_null() || b->is_null()) return Value();
  return Value::Boolean(a->boolean() != b->boolean());
}

ValueOr Not(const Value& value) {
  if (absl::Status status = CheckLogical(value); !status.ok()) return status;
  return value.is_null() ? value : Value::Boolean(!value.boolean());
}

absl::StatusOr<bool> IsTrue(const Value& value) {
  if (absl::Status status = CheckLogical(value); !status.ok()) return status;
  return !value.is_null() && value.boolean();
}

Value IsEqual(const Value& a, const Value& b) { return ToValue(graph::Equals(a, b)); }

Value IsNotEqual(const Value& a, const Value& b) {
  const Ternary equal = graph::Equals(a, b);
  return equal == Ternary::kUnknown ? Value() : Value::Boolean(equal == Ternary::kFalse);
}

Value IsLess(const Value& a, const Value& b) { return ToValue(graph::Less(a, b)); }
Value IsLessOrEqual(const Value& a, const Value& b) { return ToValue(graph::LessOrEqual(a, b)); }

ValueOr IsIn(const Value& value, const Value& list) {
  if (list.is_null()) return list;
  if (list.type() != ValueType::kList) return TypeMismatch("LIST<ANY>", list);
  Ternary found = Ternary::kFalse;
  for (const Value& element : list.list()) {
    const Ternary equal = graph::Equals(value, element);
    if (equal == Ternary::kTrue) return Value::Boolean(true);
    if (equal == Ternary::kUnknown) found = equal;
  }
  return ToValue(found);
}

}  // namespace tidemark::query
