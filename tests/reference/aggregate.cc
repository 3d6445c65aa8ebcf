// SPDX-License-Identifier: Apache-2.0
// Function calls and aggregates.
#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "graph/value_order.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using graph::ValueType;
using query::As;
using query::ErrorId;
using query::ExpressionKind;

namespace {

bool AnyHas(query::Expressions expressions) {
  return std::any_of(expressions.begin(), expressions.end(),
                     [](const auto* expression) { return HasAggregate(*expression); });
}

bool Has(const query::Expression* expression) {
  return expression != nullptr && HasAggregate(*expression);
}

bool LoopHasAggregate(const query::Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kListComprehension: {
      const auto& loop = As<query::ListComprehension>(expression);
      return Has(loop.list) || Has(loop.where) || Has(loop.projection);
    }
    case ExpressionKind::kListPredicate: {
      const auto& loop = As<query::ListPredicate>(expression);
      return Has(loop.list) || Has(loop.where);
    }
    case ExpressionKind::kReduce: {
      const auto& loop = As<query::Reduce>(expression);
      return Has(loop.start) || Has(loop.list) || Has(loop.step);
    }
    case ExpressionKind::kMapProjection: {
      const auto& items = As<query::MapProjection>(expression).items;
      return std::any_of(items.begin(), items.end(),
                         [](const auto& item) { return Has(item.value); });
    }
    case ExpressionKind::kCase: {
      const auto& choice = As<query::Case>(expression);
      for (const auto& alternative : choice.alternatives) {
        if (Has(alternative.result)) return true;
        for (const auto& condition : alternative.conditions) {
          if (Has(condition.expression)) return true;
        }
      }
      return Has(choice.operand) || Has(choice.otherwise);
    }
    default:
      return false;
  }
}

}  // namespace

std::string LowerName(std::string_view name) { return absl::AsciiStrToLower(std::string(name)); }

bool IsAggregate(std::string_view lower_name) {
  static const std::set<std::string_view> names = {
      "count",          "sum",    "avg", "min", "max", "stdev", "stdevp", "percentiledisc",
      "percentilecont", "collect"};
  return names.count(lower_name) != 0;
}

bool HasAggregate(const query::Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kCountStar:
      return true;
    case ExpressionKind::kFunctionCall: {
      const auto& call = As<query::FunctionCall>(expression);
      return IsAggregate(LowerName(call.name.text)) || AnyHas(call.arguments);
    }
    case ExpressionKind::kList:
      return AnyHas(As<query::ListLiteral>(expression).items);
    case ExpressionKind::kMap: {
      const auto& entries = As<query::MapLiteral>(expression).entries;
      return std::any_of(entries.begin(), entries.end(),
                         [](const auto& entry) { return HasAggregate(*entry.value); });
    }
    case ExpressionKind::kProperty:
      return Has(As<query::PropertyAccess>(expression).base);
    case ExpressionKind::kIndex: {
      const auto& access = As<query::IndexAccess>(expression);
      return Has(access.base) || Has(access.index);
    }
    case ExpressionKind::kSlice: {
      const auto& slice = As<query::SliceAccess>(expression);
      return Has(slice.base) || Has(slice.from) || Has(slice.to);
    }
    case ExpressionKind::kUnary:
      return Has(As<query::UnaryOperation>(expression).operand);
    case ExpressionKind::kChain:
      return AnyHas(As<query::Chain>(expression).operands);
    case ExpressionKind::kComparison:
      return AnyHas(As<query::Comparison>(expression).operands);
    case ExpressionKind::kIsNull:
      return Has(As<query::IsNull>(expression).operand);
    default:
      return LoopHasAggregate(expression);
  }
}

Value Evaluator::Call(const query::FunctionCall& call, const Row& row) {
  const std::string name = LowerName(call.name.text);
  if (IsAggregate(name)) {
    if (group_ == nullptr) return Fail(ErrorId::kInvalidAggregation);
    const std::vector<Row>* group = std::exchange(group_, nullptr);
    const Value value = Aggregate(call, *group);
    group_ = group;
    return value;
  }
  std::vector<Value> arguments;
  for (const query::Expression* argument : call.arguments) {
    const bool has_value = !arguments.empty() && !arguments.back().is_null();
    if (name == "coalesce" && has_value && !computes_all_) break;
    arguments.push_back(Eval(*argument, row));
  }
  if (failed()) return Value::Null();
  if (name == "exists") return arguments[0];  // of a pattern: whether it matches
  const std::optional<Value> value = CallFunction(this, name, arguments);
  return value.has_value() ? *value : NotCovered("function " + name);
}

Value Evaluator::Aggregate(const query::FunctionCall& call, const std::vector<Row>& group) {
  const std::string name = LowerName(call.name.text);
  std::vector<Value> values;
  for (const Row& row : group) {
    const Value value = Eval(*call.arguments[0], row);
    if (value.is_null()) continue;
    const auto same = std::find_if(values.begin(), values.end(), [&](const Value& other) {
      return call.distinct && graph::Equivalent(value, other);
    });
    if (same == values.end()) {
      values.push_back(value);
    } else {
      *same = graph::Representative(*same, value);
    }
  }
  Value extra;
  if (call.arguments.size() > 1) extra = Eval(*call.arguments[1], group.empty() ? Row() : group[0]);
  return failed() ? Value::Null() : Finish(name, std::move(values), extra);
}

Value Evaluator::Finish(const std::string& name, std::vector<Value> values, const Value& extra) {
  const auto less = [](const Value& a, const Value& b) { return graph::Compare(a, b) < 0; };
  if (name == "count") return Value::Integer(static_cast<int64_t>(values.size()));
  if (name == "collect") return Value::List(values);
  if (name == "min" || name == "max") {
    if (values.empty()) return Value::Null();
    Value best = values[0];
    for (const Value& value : values) {
      const bool better = name == "min" ? less(value, best) : less(best, value);
      best = better                           ? value
             : graph::Equivalent(best, value) ? graph::Representative(best, value)
                                              : best;
    }
    return best;
  }
  for (const Value& value : values) {
    if (value.type() == ValueType::kDuration) return NotCovered("durations in aggregates");
    if (!value.is_number()) return TypeError();
  }
  if (name == "sum") return Sum(values);
  if (name == "avg") {
    if (values.empty()) return Value::Null();
    const Value sum = Sum(values);
    if (failed()) return NotCovered("an average beyond 64 bits");
    return Value::Float(RealOf(sum) / static_cast<double>(values.size()));
  }
  if (name == "stdev" || name == "stdevp") return Deviation(name, values);
  std::sort(values.begin(), values.end(), less);
  return Percentile(name, std::move(values), extra);
}

// Integers exactly; floats in order, so comparers allow for the last digits.
Value Evaluator::Sum(const std::vector<Value>& values) {
  __int128 whole = 0;
  double real = 0;
  bool is_float = false;
  for (const Value& value : values) {
    is_float |= value.type() == ValueType::kFloat;
    if (value.type() == ValueType::kInteger) {
      whole += value.integer();
    } else {
      real += value.real();
    }
  }
  if (is_float) return Value::Float(static_cast<double>(whole) + real);
  if (whole > INT64_MAX || whole < INT64_MIN) return Fail(ErrorId::kIntegerOverflow);
  return Value::Integer(static_cast<int64_t>(whole));
}

Value Evaluator::Deviation(const std::string& name, const std::vector<Value>& values) {
  const bool of_sample = name == "stdev";
  if (values.size() < 2) return Value::Float(0);
  double sum = 0;
  for (const Value& value : values) sum += RealOf(value);
  const double mean = sum / static_cast<double>(values.size());
  double squares = 0;
  for (const Value& value : values) squares += (RealOf(value) - mean) * (RealOf(value) - mean);
  const size_t divisor = values.size() - (of_sample ? 1 : 0);
  return Value::Float(std::sqrt(squares / static_cast<double>(divisor)));
}

Value Evaluator::Percentile(const std::string& name, std::vector<Value> values,
                            const Value& extra) {
  if (!extra.is_number()) return TypeError();
  const double share = RealOf(extra);
  if (!(share >= 0 && share <= 1)) return Fail(ErrorId::kNumberOutOfRange);
  if (values.empty()) return Value::Null();
  const auto count = static_cast<double>(values.size());
  if (name == "percentiledisc") {
    const double rank = share == 0 ? 0 : std::ceil(share * count) - 1;
    return values[static_cast<size_t>(rank)];
  }
  const double rank = share * (count - 1);
  const double below = std::floor(rank);
  const Value& low = values[static_cast<size_t>(below)];
  if (rank == below) return low;
  const double high = RealOf(values[static_cast<size_t>(std::ceil(rank))]);
  return Value::Float(RealOf(low) * (1 - (rank - below)) + high * (rank - below));
}

}  // namespace tidemark::reference
