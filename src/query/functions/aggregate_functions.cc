// SPDX-License-Identifier: Apache-2.0
#include "query/functions/signature.h"

namespace tidemark::query {
namespace {

constexpr CypherType kSummableType = kNumberType | kDurationType;

constexpr FunctionSignature AggregateOf(AggregateKind kind, std::string_view name,
                                        std::string_view description, CypherType input,
                                        CypherType result) {
  FunctionSignature function;
  function.name = name;
  function.category = FunctionCategory::kAggregating;
  function.description = description;
  function.parameters[0] = {"input", input};
  function.result = result;
  function.aggregate = kind;
  function.handles_null = true;
  return function;
}

constexpr FunctionSignature Percentile(AggregateKind kind, std::string_view name,
                                       std::string_view description) {
  FunctionSignature function =
      AggregateOf(kind, name, description, kNumberType, kNumberType.OrNull());
  function.parameters[1] = {"percentile", kNumberType};
  return function;
}

constexpr FunctionSignature kAggregates[] = {
    AggregateOf(AggregateKind::kAvg, "avg", "The mean of numbers or durations.", kSummableType,
                kSummableType.OrNull()),
    AggregateOf(AggregateKind::kCollect, "collect", "A list of the values that are not null.",
                kAnyType, kListType),
    AggregateOf(AggregateKind::kCount, "count", "How many values are not null.", kAnyType,
                kIntegerType),
    AggregateOf(AggregateKind::kMax, "max", "The last of the values in the order of ORDER BY.",
                kAnyType, kAnyType.OrNull()),
    AggregateOf(AggregateKind::kMin, "min", "The first of the values in the order of ORDER BY.",
                kAnyType, kAnyType.OrNull()),
    Percentile(AggregateKind::kPercentileCont, "percentileCont",
               "The value below which a share of the values lies, between two of them if need be."),
    Percentile(AggregateKind::kPercentileDisc, "percentileDisc",
               "The value below which a share of the values lies, always one of them."),
    AggregateOf(AggregateKind::kStDev, "stDev", "The standard deviation of numbers, as a sample.",
                kNumberType, kFloatType),
    AggregateOf(AggregateKind::kStDevP, "stDevP",
                "The standard deviation of numbers, as the whole population.", kNumberType,
                kFloatType),
    AggregateOf(AggregateKind::kSum, "sum", "The sum of numbers or durations.", kSummableType,
                kSummableType),
};

}  // namespace

absl::Span<const FunctionSignature> AggregateFunctions() { return kAggregates; }

}  // namespace tidemark::query
