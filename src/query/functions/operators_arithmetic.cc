// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/functions/convert.h"
#include "query/functions/failures.h"
#include "query/functions/operators.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

constexpr std::string_view kNumbers = "INTEGER | FLOAT";

bool AreIntegers(const Value& a, const Value& b) {
  return a.type() == ValueType::kInteger && b.type() == ValueType::kInteger;
}

// REQUIRES: a number.
double AsFloat(const Value& number) {
  return number.type() == ValueType::kInteger ? static_cast<double>(number.integer())
                                              : number.real();
}

bool IsTemporal(const Value& value) {
  const CypherType temporal = kTemporalType | kDurationType;
  return temporal.Contains(value.type());
}

// Why two operands do not go together, when at least one is no number.
absl::Status WrongOperands(const Value& a, const Value& b, std::string_view expected) {
  if (IsTemporal(a) || IsTemporal(b)) return NotSupportedYet("Arithmetic with temporal values");
  return TypeMismatch(expected, a.is_number() ? b : a);
}

absl::Status OverflowOf(const Value& a, std::string_view sign, const Value& b) {
  return IntegerOverflow(absl::StrCat(a.integer(), " ", ToAbsl(sign), " ", b.integer()));
}

bool IsTextOrNumber(const Value& value) {
  return value.type() == ValueType::kString || value.is_number();
}

ValueOr JoinTexts(Environment* environment, std::string_view a, std::string_view b) {
  RETURN_IF_ERROR(CheckTextBytes(a.size() + b.size()));
  RETURN_IF_ERROR(environment->Reserve(a.size() + b.size()));
  return Value::Joined(a, b);
}

// `text` holds it when the value is a number.
std::string_view TextOf(const Value& value, std::string* text) {
  if (value.type() == ValueType::kString) return value.string();
  *text = TextOfScalar(value);
  return *text;
}

// A value that is no list counts as a list of itself.
ValueOr JoinLists(Environment* environment, const Value& a, const Value& b) {
  const auto elements_of = [](const Value& value) {
    return value.type() == ValueType::kList ? value.list() : absl::MakeConstSpan(&value, 1);
  };
  const absl::Span<const Value> first = elements_of(a);
  const absl::Span<const Value> second = elements_of(b);
  RETURN_IF_ERROR(CheckListSize(first.size() + second.size()));
  RETURN_IF_ERROR(environment->Reserve((first.size() + second.size()) * sizeof(Value)));
  std::vector<Value> joined;
  joined.reserve(first.size() + second.size());
  joined.insert(joined.end(), first.begin(), first.end());
  joined.insert(joined.end(), second.begin(), second.end());
  return graph::MakeList(std::move(joined));
}

}  // namespace

ValueOr Add(Environment* environment, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (AreIntegers(a, b)) {
    int64_t sum = 0;
    if (__builtin_add_overflow(a.integer(), b.integer(), &sum)) return OverflowOf(a, "+", b);
    return Value::Integer(sum);
  }
  if (a.is_number() && b.is_number()) return Value::Float(AsFloat(a) + AsFloat(b));
  if (a.type() == ValueType::kList || b.type() == ValueType::kList) {
    return JoinLists(environment, a, b);
  }
  if (IsTextOrNumber(a) && IsTextOrNumber(b)) {
    std::string text_of_a;
    std::string text_of_b;
    return JoinTexts(environment, TextOf(a, &text_of_a), TextOf(b, &text_of_b));
  }
  return WrongOperands(a, b, "INTEGER | FLOAT | STRING | LIST<ANY>");
}

ValueOr Subtract(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (AreIntegers(a, b)) {
    int64_t difference = 0;
    if (__builtin_sub_overflow(a.integer(), b.integer(), &difference)) return OverflowOf(a, "-", b);
    return Value::Integer(difference);
  }
  if (a.is_number() && b.is_number()) return Value::Float(AsFloat(a) - AsFloat(b));
  return WrongOperands(a, b, kNumbers);
}

ValueOr Multiply(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (AreIntegers(a, b)) {
    int64_t product = 0;
    if (__builtin_mul_overflow(a.integer(), b.integer(), &product)) return OverflowOf(a, "*", b);
    return Value::Integer(product);
  }
  if (a.is_number() && b.is_number()) return Value::Float(AsFloat(a) * AsFloat(b));
  return WrongOperands(a, b, kNumbers);
}

ValueOr Divide(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (AreIntegers(a, b)) {
    if (b.integer() == 0) return Failure(ErrorId::kDivisionByZero, {});
    // The processor traps at the one quotient that does not fit.
    if (b.integer() == -1 && a.integer() == INT64_MIN) return OverflowOf(a, "/", b);
    return Value::Integer(a.integer() / b.integer());
  }
  if (a.is_number() && b.is_number()) return Value::Float(AsFloat(a) / AsFloat(b));
  return WrongOperands(a, b, kNumbers);
}

ValueOr Remainder(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (AreIntegers(a, b)) {
    if (b.integer() == 0) return Failure(ErrorId::kDivisionByZero, {});
    // The processor divides for it, and would trap at INT64_MIN.
    if (b.integer() == -1) return Value::Integer(0);
    return Value::Integer(a.integer() % b.integer());
  }
  if (a.is_number() && b.is_number()) return Value::Float(std::fmod(AsFloat(a), AsFloat(b)));
  return WrongOperands(a, b, kNumbers);
}

ValueOr Power(const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (a.is_number() && b.is_number()) return Value::Float(std::pow(AsFloat(a), AsFloat(b)));
  return WrongOperands(a, b, kNumbers);
}

ValueOr Negate(const Value& a) {
  if (a.is_null()) return a;
  if (a.type() == ValueType::kFloat) return Value::Float(-a.real());
  if (a.type() != ValueType::kInteger) return WrongOperands(a, a, kNumbers);
  if (a.integer() == INT64_MIN) return IntegerOverflow(absl::StrCat("-(", a.integer(), ")"));
  return Value::Integer(-a.integer());
}

ValueOr UnaryPlus(const Value& a) {
  if (a.is_null() || a.is_number()) return a;
  return WrongOperands(a, a, kNumbers);
}

ValueOr Concatenate(Environment* environment, const Value& a, const Value& b) {
  if (a.is_null() || b.is_null()) return Value();
  if (a.type() == ValueType::kString && b.type() == ValueType::kString) {
    return JoinTexts(environment, a.string(), b.string());
  }
  if (a.type() == ValueType::kList && b.type() == ValueType::kList) {
    return JoinLists(environment, a, b);
  }
  const bool first_fits = a.type() == ValueType::kString || a.type() == ValueType::kList;
  if (!first_fits) return TypeMismatch("STRING | LIST<ANY>", a);
  return TypeMismatch(a.type() == ValueType::kString ? "STRING" : "LIST<ANY>", b);
}

}  // namespace tidemark::query
