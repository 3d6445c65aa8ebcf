// SPDX-License-Identifier: Apache-2.0
#include <string>

#include "absl/strings/str_format.h"
#include "query/functions/operators.h"
#include "query/functions/signature.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

using ScalarArguments = absl::Span<const Value>;

ValueOr Coalesce(Environment*, ScalarArguments arguments) {
  for (const Value& argument : arguments) {
    if (!argument.is_null()) return argument;
  }
  return Value();
}

ValueOr NullIf(Environment*, ScalarArguments arguments) {
  const bool equal = graph::Equals(arguments[0], arguments[1]) == graph::Ternary::kTrue;
  return equal ? Value() : arguments[0];
}

ValueOr DescribeTypeOf(Environment*, ScalarArguments arguments) {
  return Value::String(DescribeType(arguments[0]));
}

ValueOr Timestamp(Environment* environment, ScalarArguments) {
  return Value::Integer(environment->StatementMillis());
}

// Version 4, variant 1 of RFC 4122.
ValueOr RandomUuid(Environment* environment, ScalarArguments) {
  const uint64_t high = environment->RandomBits();
  const uint64_t low = environment->RandomBits();
  return Value::String(absl::StrFormat("%08x-%04x-4%03x-%04x-%012x", high >> 32,
                                       high >> 16 & 0xffff, high & 0xfff,
                                       (low >> 48 & 0x3fff) | 0x8000, low & 0xffffffffffff));
}

ValueOr IsEmptyValue(Environment*, ScalarArguments arguments) {
  const Value& value = arguments[0];
  switch (value.type()) {
    case ValueType::kString:
      return Value::Boolean(value.string().empty());
    case ValueType::kMap:
      return Value::Boolean(value.map().empty());
    default:
      return Value::Boolean(value.list().empty());
  }
}

constexpr FunctionSignature kScalars[] = {
    {.name = "coalesce",
     .description = "The first argument that is not null.",
     .parameters = {{{"input", kAnyType}}},
     .result = kAnyType.OrNull(),
     .call = Coalesce,
     .result_rule = ResultRule::kUnion,
     .handles_null = true,
     .is_variadic = true},
    {.name = "nullIf",
     .description = "Null when two values are equal, else the first.",
     .parameters = {{{"v1", kAnyType}, {"v2", kAnyType}}},
     .result = kAnyType.OrNull(),
     .call = NullIf,
     .result_rule = ResultRule::kFirst,
     .handles_null = true},
    {.name = "valueType",
     .description = "The type of a value, as text.",
     .parameters = {{{"input", kAnyType}}},
     .result = kStringType,
     .call = DescribeTypeOf,
     .handles_null = true},
    {.name = "timestamp",
     .description = "Milliseconds from 1970-01-01T00:00Z to the begin of the statement.",
     .result = kIntegerType,
     .call = Timestamp,
     .stability = Stability::kStatement},
    {.name = "randomUUID",
     .description = "A random identifier, another one at each call.",
     .result = kStringType,
     .call = RandomUuid,
     .stability = Stability::kVolatile},
};

constexpr std::string_view kQuantifierSyntax = "variable IN list WHERE predicate";

constexpr FunctionSignature Quantifier(std::string_view name, std::string_view description) {
  FunctionSignature function;
  function.name = name;
  function.category = FunctionCategory::kPredicate;
  function.description = description;
  function.result = kBooleanType.OrNull();
  function.syntax = kQuantifierSyntax;
  return function;
}

constexpr FunctionSignature kPredicates[] = {
    {.name = "isEmpty",
     .category = FunctionCategory::kPredicate,
     .description = "Whether a string, list or map has nothing in it.",
     .parameters = {{{"input", kStringType | kListType | kMapType}}},
     .result = kBooleanType,
     .call = IsEmptyValue},
    Quantifier("all", "Whether a predicate is true of every element of a list."),
    Quantifier("any", "Whether a predicate is true of at least one element of a list."),
    Quantifier("none", "Whether a predicate is true of no element of a list."),
    Quantifier("single", "Whether a predicate is true of exactly one element of a list."),
    {.name = "exists",
     .category = FunctionCategory::kPredicate,
     .description = "Whether a pattern has a match.",
     .result = kBooleanType,
     .syntax = "pattern"},
};

}  // namespace

absl::Span<const FunctionSignature> ScalarFunctions() { return kScalars; }
absl::Span<const FunctionSignature> PredicateFunctions() { return kPredicates; }

}  // namespace tidemark::query
