// SPDX-License-Identifier: Apache-2.0
// Operators.
#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

#include "absl/strings/str_cat.h"
#include "graph/value_order.h"
#include "graph/value_text.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using graph::Ternary;
using graph::ValueType;
using query::ErrorId;
using query::Operator;

namespace {

Value Of(Ternary ternary) {
  if (ternary == Ternary::kUnknown) return Value::Null();
  return Value::Boolean(ternary == Ternary::kTrue);
}

Value Not(const Value& value) { return value.is_null() ? value : Value::Boolean(!value.boolean()); }

bool Is(const Value& value, bool wanted) {
  return value.type() == ValueType::kBoolean && value.boolean() == wanted;
}

}  // namespace

Value Evaluator::EvalUnary(const query::UnaryOperation& unary, const Row& row) {
  const Value value =
      unary.op == Operator::kNot ? Condition(*unary.operand, row) : Eval(*unary.operand, row);
  if (value.is_null() || failed()) return Value::Null();
  if (unary.op == Operator::kNot) return Not(value);
  if (!value.is_number()) return TypeError();
  if (unary.op == Operator::kPlus) return value;
  if (value.type() == ValueType::kFloat) return Value::Float(-value.real());
  if (value.integer() == INT64_MIN) return Fail(ErrorId::kIntegerOverflow);
  return Value::Integer(-value.integer());
}

Value Evaluator::EvalChain(const query::Chain& chain, const Row& row) {
  const Operator op = chain.operators[0];
  if (op == Operator::kAnd || op == Operator::kOr || op == Operator::kXor) {
    return EvalLogic(chain, row);
  }
  Value result = Eval(*chain.operands[0], row);
  for (size_t i = 0; i < chain.operators.size() && !failed(); ++i) {
    const Value operand = Eval(*chain.operands[i + 1], row);
    if (!failed()) result = Binary(chain.operators[i], result, operand);
  }
  return failed() ? Value::Null() : result;
}

// An operand that raises does not matter when another one decides.
Value Evaluator::EvalLogic(const query::Chain& chain, const Row& row) {
  const Operator op = chain.operators[0];
  const bool deciding = op == Operator::kOr;
  std::optional<ErrorId> raised;
  bool has_null = false;
  bool decided = false;
  bool odd = false;
  for (const query::Expression* operand : chain.operands) {
    const Value value = Condition(*operand, row);
    if (!not_covered_.empty()) return Value::Null();
    if (error_.has_value()) {
      if (!raised.has_value()) raised = error_;
      error_.reset();
      continue;
    }
    has_null |= value.is_null();
    if (op != Operator::kXor) decided |= Is(value, deciding);
    odd ^= Is(value, true);
  }
  if (decided) return Value::Boolean(deciding);
  if (raised.has_value()) return Fail(*raised);
  if (has_null) return Value::Null();
  return Value::Boolean(op == Operator::kXor ? odd : !deciding);
}

// a < b < c is a < b AND b < c.
Value Evaluator::EvalComparison(const query::Comparison& comparison, const Row& row) {
  std::optional<ErrorId> raised;
  Value result = Value::Boolean(true);
  for (size_t i = 0; i < comparison.operators.size(); ++i) {
    const Value left = Eval(*comparison.operands[i], row);
    const Value right = Eval(*comparison.operands[i + 1], row);
    if (!not_covered_.empty()) return Value::Null();
    if (error_.has_value()) {
      if (!raised.has_value()) raised = error_;
      error_.reset();
      continue;
    }
    const Value link = Compare(comparison.operators[i], left, right);
    if (Is(link, false)) return link;
    if (link.is_null()) result = link;
  }
  return raised.has_value() ? Fail(*raised) : result;
}

Value Evaluator::Compare(Operator op, const Value& a, const Value& b) {
  switch (op) {
    case Operator::kEqual:
      return Of(graph::Equals(a, b));
    case Operator::kNotEqual:
      return Not(Of(graph::Equals(a, b)));
    case Operator::kLess:
      return Of(graph::Less(a, b));
    case Operator::kLessOrEqual:
      return Of(graph::LessOrEqual(a, b));
    case Operator::kGreater:
      return Of(graph::Less(b, a));
    default:
      return Of(graph::LessOrEqual(b, a));
  }
}

Value Evaluator::Binary(Operator op, const Value& a, const Value& b) {
  switch (op) {
    case Operator::kIn:
      return In(a, b);
    case Operator::kStartsWith:
    case Operator::kEndsWith:
    case Operator::kContains:
    case Operator::kMatches:
      return TextTest(op, a, b);
    default:
      break;
  }
  if (a.is_null() || b.is_null()) return Value::Null();
  if (op == Operator::kAdd && !(a.is_number() && b.is_number())) return Add(a, b);
  if (op != Operator::kConcatenate) return Arithmetic(op, a, b);
  const bool texts = a.type() == ValueType::kString && b.type() == ValueType::kString;
  const bool lists = a.type() == ValueType::kList && b.type() == ValueType::kList;
  return texts || lists ? Add(a, b) : TypeError();
}

Value Evaluator::In(const Value& item, const Value& list) {
  if (list.is_null()) return list;
  if (list.type() != ValueType::kList) return TypeError();
  bool unknown = false;
  for (const Value& other : list.list()) {
    const Ternary equal = graph::Equals(item, other);
    if (equal == Ternary::kTrue) return Value::Boolean(true);
    unknown |= equal == Ternary::kUnknown;
  }
  return unknown ? Value::Null() : Value::Boolean(false);
}

Value Evaluator::TextTest(Operator op, const Value& a, const Value& b) {
  if (a.type() != ValueType::kString || b.type() != ValueType::kString) return Value::Null();
  const std::string_view text = a.string();
  const std::string_view part = b.string();
  switch (op) {
    case Operator::kStartsWith:
      return Value::Boolean(text.starts_with(part));
    case Operator::kEndsWith:
      return Value::Boolean(text.ends_with(part));
    case Operator::kContains:
      return Value::Boolean(text.find(part) != std::string_view::npos);
    default:
      break;
  }
  // Only what every engine reads in one way.
  if (part.find_first_of("\\(){}^$&") != std::string_view::npos ||
      part.find("[]") != std::string_view::npos) {
    return NotCovered("a regular expression");
  }
  // That library counts bytes.
  const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  if (!std::all_of(text.begin(), text.end(), is_ascii)) return NotCovered("letters beyond ASCII");
  return Value::Boolean(std::regex_match(std::string(text), std::regex(std::string(part))));
}

Value Evaluator::Add(const Value& a, const Value& b) {
  const bool list_a = a.type() == ValueType::kList;
  const bool list_b = b.type() == ValueType::kList;
  if (list_a || list_b) {
    std::vector<Value> items = list_a ? ListOf(a) : std::vector<Value>{a};
    const std::vector<Value> more = list_b ? ListOf(b) : std::vector<Value>{b};
    items.insert(items.end(), more.begin(), more.end());
    return Value::List(items);
  }
  const auto fits = [](const Value& value) {
    return value.type() == ValueType::kString || value.is_number();
  };
  if (a.type() >= ValueType::kDateTime && a.type() <= ValueType::kDuration) {
    return NotCovered("temporal arithmetic");
  }
  if (!fits(a) || !fits(b)) return TypeError();
  const Value left = Text(a);
  const Value right = Text(b);
  if (left.string().size() + right.string().size() > graph::kMaxValueBytes) {
    return Fail(ErrorId::kValueTooLarge);
  }
  return Value::String(std::string(left.string()) + std::string(right.string()));
}

Value Evaluator::Text(const Value& value) {
  switch (value.type()) {
    case ValueType::kString:
      return value;
    case ValueType::kBoolean:
      return Value::String(value.boolean() ? "true" : "false");
    case ValueType::kInteger:
      return Value::String(absl::StrCat(value.integer()));
    case ValueType::kFloat: {
      const double real = std::fabs(value.real());
      const bool plain = real == 0 || (real >= 1e-3 && real < 1e7) || !std::isfinite(real);
      if (!plain) return NotCovered("the text of such a float");
      return Value::String(graph::FormatFloat(value.real()));
    }
    default:
      if (value.type() >= ValueType::kPoint && value.type() <= ValueType::kDuration) {
        return NotCovered("the text of temporal values and points");
      }
      return TypeError();
  }
}

Value Evaluator::Arithmetic(Operator op, const Value& a, const Value& b) {
  if (!a.is_number() || !b.is_number()) {
    const bool temporal = (a.type() >= ValueType::kDateTime && a.type() <= ValueType::kDuration) ||
                          (b.type() >= ValueType::kDateTime && b.type() <= ValueType::kDuration);
    return temporal ? NotCovered("temporal arithmetic") : TypeError();
  }
  if (op == Operator::kPower) return Value::Float(std::pow(RealOf(a), RealOf(b)));
  if (a.type() == ValueType::kFloat || b.type() == ValueType::kFloat) {
    switch (op) {
      case Operator::kAdd:
        return Value::Float(RealOf(a) + RealOf(b));
      case Operator::kSubtract:
        return Value::Float(RealOf(a) - RealOf(b));
      case Operator::kMultiply:
        return Value::Float(RealOf(a) * RealOf(b));
      case Operator::kDivide:
        return Value::Float(RealOf(a) / RealOf(b));
      default:
        return Value::Float(std::fmod(RealOf(a), RealOf(b)));
    }
  }
  const __int128 x = a.integer();
  const __int128 y = b.integer();
  __int128 result = 0;
  if (op == Operator::kDivide || op == Operator::kRemainder) {
    if (y == 0) return Fail(ErrorId::kDivisionByZero);
    result = op == Operator::kDivide ? x / y : x % y;
  } else {
    result = op == Operator::kAdd ? x + y : op == Operator::kSubtract ? x - y : x * y;
  }
  if (result > INT64_MAX || result < INT64_MIN) return Fail(ErrorId::kIntegerOverflow);
  return Value::Integer(static_cast<int64_t>(result));
}

}  // namespace tidemark::reference
