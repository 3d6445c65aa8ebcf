// SPDX-License-Identifier: Apache-2.0
// What the language knows of a function: how it is called, what it gives, how it is described.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "graph/value.h"
#include "query/functions/cypher_type.h"
#include "query/functions/environment.h"
#include "query/text/error.h"

namespace tidemark::query {

enum class FunctionCategory : uint8_t {
  kAggregating,
  kList,
  kLogarithmic,
  kNumeric,
  kPredicate,
  kScalar,
  kString,
  kTrigonometric,
};
// As SHOW FUNCTIONS writes it.
std::string_view CategoryName(FunctionCategory category);

// When the same arguments give the same result.
enum class Stability : uint8_t {
  kPure,       // always: may be computed before the statement runs
  kStatement,  // within one statement
  kVolatile,   // never: it is neither folded nor moved, and counts as no constant
};

enum class AggregateKind : uint8_t {
  kNone,
  kCount,
  kSum,
  kAvg,
  kMin,
  kMax,
  kCollect,
  kStDev,
  kStDevP,
  kPercentileCont,
  kPercentileDisc,
};

// How the type of the result follows from the types of the arguments.
enum class ResultRule : uint8_t {
  kFixed,    // FunctionSignature::result
  kElement,  // what the list holds that is the first argument
  kFirst,    // the type of the first argument
  kUnion,    // of all arguments
};

using ScalarFunction = ValueOr (*)(Environment* environment,
                                   absl::Span<const graph::Value> arguments);

struct FunctionParameter {
  std::string_view name;
  CypherType type;
};

// One way to call a function: functions that take fewer or more arguments have one for each count.
struct FunctionSignature {
  static constexpr size_t kMaxParameters = 3;

  std::string_view name;
  FunctionCategory category = FunctionCategory::kScalar;
  std::string_view description;
  std::array<FunctionParameter, kMaxParameters> parameters = {};
  CypherType result;
  // nullptr for aggregates, and for what looks like a function and is syntax, such as all().
  ScalarFunction call = nullptr;
  AggregateKind aggregate = AggregateKind::kNone;
  ResultRule result_rule = ResultRule::kFixed;
  Stability stability = Stability::kPure;
  // Otherwise a null argument gives null, and `call` sees none.
  bool handles_null = false;
  // The last parameter stands for one or more arguments.
  bool is_variadic = false;
  // The error of an argument of a wrong type while the statement runs. A definite mismatch is found
  // before, unless this is another than kInvalidArgumentType.
  ErrorId mismatch = ErrorId::kInvalidArgumentType;
  // Of syntax: what stands between the parentheses, as SHOW FUNCTIONS writes it.
  std::string_view syntax = {};

  size_t parameter_count() const;
  bool Takes(size_t argument_count) const {
    return is_variadic ? argument_count >= parameter_count() : argument_count == parameter_count();
  }
  const FunctionParameter& ParameterAt(size_t argument) const {
    return parameters[argument < parameter_count() ? argument : parameter_count() - 1];
  }
  bool is_aggregate() const { return aggregate != AggregateKind::kNone; }
  bool is_syntax() const { return call == nullptr && !is_aggregate(); }
  bool is_checked_before_it_runs() const { return mismatch == ErrorId::kInvalidArgumentType; }
  CypherType ResultOf(absl::Span<const CypherType> arguments) const;
  // left(original :: STRING, length :: INTEGER) :: STRING
  std::string ToString() const;
};

// The families, each in a file of its own.
absl::Span<const FunctionSignature> AggregateFunctions();
absl::Span<const FunctionSignature> ConversionFunctions();
absl::Span<const FunctionSignature> ElementFunctions();
absl::Span<const FunctionSignature> ListFunctions();
absl::Span<const FunctionSignature> MathFunctions();
absl::Span<const FunctionSignature> PredicateFunctions();
absl::Span<const FunctionSignature> ScalarFunctions();
absl::Span<const FunctionSignature> StringFunctions();
absl::Span<const FunctionSignature> TrimFunctions();
// The forms of trim() that are written with words. They are found by their names, "trim BOTH" and
// so on, which the parser gives them, and are not listed.
absl::Span<const FunctionSignature> TrimForms();
absl::Span<const FunctionSignature> TrigonometricFunctions();

}  // namespace tidemark::query
