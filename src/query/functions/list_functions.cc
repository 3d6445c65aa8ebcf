// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/functions/code_points.h"
#include "query/functions/failures.h"
#include "query/functions/signature.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

using ListArguments = absl::Span<const Value>;

constexpr FunctionCategory kListCategory = FunctionCategory::kList;

ValueOr Head(Environment*, ListArguments arguments) {
  const absl::Span<const Value> list = arguments[0].list();
  return list.empty() ? Value() : list.front();
}

ValueOr Last(Environment*, ListArguments arguments) {
  const absl::Span<const Value> list = arguments[0].list();
  return list.empty() ? Value() : list.back();
}

ValueOr Tail(Environment*, ListArguments arguments) {
  const absl::Span<const Value> list = arguments[0].list();
  if (list.empty()) return arguments[0];
  return Value::List({list.begin() + 1, list.end()});
}

ValueOr Reverse(Environment*, ListArguments arguments) {
  if (arguments[0].type() == ValueType::kString) {
    return Value::String(ReversedText(arguments[0].string()));
  }
  const absl::Span<const Value> list = arguments[0].list();
  return Value::List({list.rbegin(), list.rend()});
}

ValueOr Size(Environment*, ListArguments arguments) {
  const Value& value = arguments[0];
  const size_t size =
      value.type() == ValueType::kString ? CodePointCount(value.string()) : value.list().size();
  return Value::Integer(static_cast<int64_t>(size));
}

// How many numbers there are from `start` to `end`. REQUIRES: step != 0.
unsigned __int128 CountOfRange(int64_t start, int64_t end, int64_t step) {
  if (step > 0 ? start > end : start < end) return 0;
  const __int128 distance = static_cast<__int128>(end) - start;
  return static_cast<unsigned __int128>(distance / step) + 1;
}

ValueOr Range(Environment* environment, ListArguments arguments) {
  for (const Value& argument : arguments) {
    if (argument.is_null()) {
      return Failure(ErrorId::kInvalidRangeArgument, {DescribeValue(argument)});
    }
  }
  const int64_t start = arguments[0].integer();
  const int64_t step = arguments.size() == 3 ? arguments[2].integer() : 1;
  if (step == 0) {
    return Failure(ErrorId::kNumberOutOfRange, {"The step of range() cannot be 0"});
  }
  const unsigned __int128 count = CountOfRange(start, arguments[1].integer(), step);
  const size_t size = static_cast<size_t>(std::min<unsigned __int128>(count, SIZE_MAX));
  RETURN_IF_ERROR(CheckListSize(size));
  RETURN_IF_ERROR(environment->Reserve(size * sizeof(Value)));
  std::vector<Value> numbers;
  numbers.reserve(size);
  // Unsigned, because the step behind the last number may not fit.
  auto next = static_cast<uint64_t>(start);
  for (size_t i = 0; i < size; ++i, next += static_cast<uint64_t>(step)) {
    numbers.push_back(Value::Integer(static_cast<int64_t>(next)));
  }
  return Value::List(std::move(numbers));
}

constexpr FunctionSignature RangeOf(size_t parameter_count, std::string_view description) {
  FunctionSignature function;
  function.name = "range";
  function.category = FunctionCategory::kList;
  function.description = description;
  function.parameters[0] = {"start", kIntegerType};
  function.parameters[1] = {"end", kIntegerType};
  if (parameter_count == 3) function.parameters[2] = {"step", kIntegerType};
  function.result = CypherType::ListOf(kIntegerType);
  function.call = Range;
  function.handles_null = true;
  function.mismatch = ErrorId::kInvalidRangeArgument;
  return function;
}

constexpr FunctionSignature kLists[] = {
    {.name = "head",
     .description = "The first element of a list; null when there is none.",
     .parameters = {{{"list", kListType}}},
     .result = kAnyType.OrNull(),
     .call = Head,
     .result_rule = ResultRule::kElement},
    {.name = "last",
     .description = "The last element of a list; null when there is none.",
     .parameters = {{{"list", kListType}}},
     .result = kAnyType.OrNull(),
     .call = Last,
     .result_rule = ResultRule::kElement},
    {.name = "tail",
     .category = kListCategory,
     .description = "A list without its first element.",
     .parameters = {{{"list", kListType}}},
     .result = kListType,
     .call = Tail,
     .result_rule = ResultRule::kFirst},
    {.name = "reverse",
     .category = kListCategory,
     .description = "The elements of a list, or the characters of a string, in the opposite order.",
     .parameters = {{{"input", kStringType | kListType}}},
     .result = kStringType | kListType,
     .call = Reverse,
     .result_rule = ResultRule::kFirst},
    {.name = "size",
     .description = "How many elements a list has, or how many characters a string.",
     .parameters = {{{"input", kStringType | kListType}}},
     .result = kIntegerType,
     .call = Size},
    RangeOf(2, "The integers from start to end, both included."),
    RangeOf(3, "The integers from start to end, both included, a step apart."),
    {.name = "reduce",
     .category = kListCategory,
     .description = "The value that an accumulator has after an expression ran for each element.",
     .result = kAnyType.OrNull(),
     .syntax = "accumulator = initial, variable IN list | expression"},
};

}  // namespace

absl::Span<const FunctionSignature> ListFunctions() { return kLists; }

}  // namespace tidemark::query
