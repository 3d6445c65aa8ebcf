// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <numbers>
#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/functions/decimal_rounding.h"
#include "query/functions/failures.h"
#include "query/functions/signature.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

using NumberArguments = absl::Span<const Value>;

constexpr FunctionCategory kNumericCategory = FunctionCategory::kNumeric;

double FloatOf(const Value& number) {
  return number.type() == ValueType::kInteger ? static_cast<double>(number.integer())
                                              : number.real();
}

template <double (*function)(double)>
ValueOr OfFloat(Environment*, NumberArguments arguments) {
  return Value::Float(function(FloatOf(arguments[0])));
}

ValueOr Abs(Environment*, NumberArguments arguments) {
  const Value& number = arguments[0];
  if (number.type() == ValueType::kFloat) return Value::Float(std::abs(number.real()));
  if (number.integer() == INT64_MIN) {
    return IntegerOverflow(absl::StrCat("abs(", number.integer(), ")"));
  }
  return Value::Integer(std::abs(number.integer()));
}

ValueOr SignOfNumber(Environment*, NumberArguments arguments) {
  const double number = FloatOf(arguments[0]);
  return Value::Integer(number > 0 ? 1 : number < 0 ? -1 : 0);
}

ValueOr IsNanNumber(Environment*, NumberArguments arguments) {
  return Value::Boolean(std::isnan(FloatOf(arguments[0])));
}

ValueOr RoundToInteger(Environment*, NumberArguments arguments) {
  return Value::Float(RoundTiesUp(FloatOf(arguments[0])));
}

ValueOr RoundToPrecision(Environment*, NumberArguments arguments) {
  const double precision = FloatOf(arguments[1]);
  if (!(precision >= 0)) {
    return Failure(ErrorId::kNegativeIntegerArgumentAtRuntime,
                   {"The precision of round()", DescribeValue(arguments[1])});
  }
  const double number = FloatOf(arguments[0]);
  const int digits = static_cast<int>(std::min<double>(precision, kMaxPrecision));
  if (arguments.size() == 2) {
    // Without digits and mode, round() has only one meaning.
    if (digits == 0) return Value::Float(RoundTiesUp(number));
    return Value::Float(RoundDecimal(number, digits, RoundingMode::kHalfUp));
  }
  ASSIGN_OR_RETURN(const RoundingMode mode, RoundingModeOf(arguments[2].string()));
  return Value::Float(RoundDecimal(number, digits, mode));
}

ValueOr Rand(Environment* environment, NumberArguments) {
  constexpr double kTwoToMinus53 = 1.0 / (uint64_t{1} << 53);
  return Value::Float(static_cast<double>(environment->RandomBits() >> 11) * kTwoToMinus53);
}

ValueOr ConstantE(Environment*, NumberArguments) { return Value::Float(std::numbers::e); }
ValueOr ConstantPi(Environment*, NumberArguments) { return Value::Float(std::numbers::pi); }

ValueOr Atan2(Environment*, NumberArguments arguments) {
  return Value::Float(std::atan2(FloatOf(arguments[0]), FloatOf(arguments[1])));
}

double Cot(double angle) { return 1.0 / std::tan(angle); }
double Haversin(double angle) { return (1.0 - std::cos(angle)) / 2; }
double Degrees(double angle) { return angle * (180.0 / std::numbers::pi); }
double Radians(double angle) { return angle * (std::numbers::pi / 180.0); }

constexpr FunctionSignature OfNumber(FunctionCategory category, std::string_view name,
                                     std::string_view description, ScalarFunction call) {
  FunctionSignature function;
  function.name = name;
  function.category = category;
  function.description = description;
  function.parameters[0] = {"input", kNumberType};
  function.result = kFloatType;
  function.call = call;
  return function;
}

constexpr FunctionSignature Numeric(std::string_view name, std::string_view description,
                                    ScalarFunction call) {
  return OfNumber(FunctionCategory::kNumeric, name, description, call);
}

constexpr FunctionSignature Logarithmic(std::string_view name, std::string_view description,
                                        ScalarFunction call) {
  return OfNumber(FunctionCategory::kLogarithmic, name, description, call);
}

constexpr FunctionSignature Trigonometric(std::string_view name, std::string_view description,
                                          ScalarFunction call) {
  return OfNumber(FunctionCategory::kTrigonometric, name, description, call);
}

constexpr FunctionParameter kValueToRound = {"value", kNumberType};
constexpr FunctionParameter kPrecision = {"precision", kNumberType};

constexpr FunctionSignature kMaths[] = {
    {.name = "abs",
     .category = kNumericCategory,
     .description = "A number without its sign.",
     .parameters = {{{"input", kNumberType}}},
     .result = kNumberType,
     .call = Abs,
     .result_rule = ResultRule::kFirst},
    Numeric("ceil", "The least whole number that is not below a number.", OfFloat<std::ceil>),
    Numeric("floor", "The largest whole number that is not above a number.", OfFloat<std::floor>),
    {.name = "isNaN",
     .category = kNumericCategory,
     .description = "Whether a number is NaN.",
     .parameters = {{{"input", kNumberType}}},
     .result = kBooleanType,
     .call = IsNanNumber},
    {.name = "sign",
     .category = kNumericCategory,
     .description = "-1, 0 or 1 by the sign of a number.",
     .parameters = {{{"input", kNumberType}}},
     .result = kIntegerType,
     .call = SignOfNumber},
    {.name = "round",
     .category = kNumericCategory,
     .description = "The nearest whole number; a tie goes up.",
     .parameters = {{kValueToRound}},
     .result = kFloatType,
     .call = RoundToInteger},
    {.name = "round",
     .category = kNumericCategory,
     .description = "The nearest number with so many decimals; a tie goes away from 0.",
     .parameters = {{kValueToRound, kPrecision}},
     .result = kFloatType,
     .call = RoundToPrecision},
    {.name = "round",
     .category = kNumericCategory,
     .description = "A number with so many decimals, rounded by a mode: UP, DOWN, CEILING, FLOOR, "
                    "HALF_UP, HALF_DOWN or HALF_EVEN.",
     .parameters = {{kValueToRound, kPrecision, {"mode", kStringType}}},
     .result = kFloatType,
     .call = RoundToPrecision},
    {.name = "rand",
     .category = kNumericCategory,
     .description = "A random number from 0 to 1, without 1.",
     .result = kFloatType,
     .call = Rand,
     .stability = Stability::kVolatile},
    {.name = "e",
     .category = FunctionCategory::kLogarithmic,
     .description = "The base of the natural logarithm.",
     .result = kFloatType,
     .call = ConstantE},
    Logarithmic("exp", "e to the power of a number.", OfFloat<std::exp>),
    Logarithmic("log", "The natural logarithm of a number.", OfFloat<std::log>),
    Logarithmic("log10", "The logarithm of a number to base 10.", OfFloat<std::log10>),
    Logarithmic("sqrt", "The square root of a number; NaN below 0.", OfFloat<std::sqrt>),
};

constexpr FunctionSignature kTrigonometrics[] = {
    Trigonometric("acos", "The angle in radians whose cosine is a number.", OfFloat<std::acos>),
    Trigonometric("asin", "The angle in radians whose sine is a number.", OfFloat<std::asin>),
    Trigonometric("atan", "The angle in radians whose tangent is a number.", OfFloat<std::atan>),
    {.name = "atan2",
     .category = FunctionCategory::kTrigonometric,
     .description = "The angle in radians of the point (x, y).",
     .parameters = {{{"y", kNumberType}, {"x", kNumberType}}},
     .result = kFloatType,
     .call = Atan2},
    Trigonometric("cos", "The cosine of an angle in radians.", OfFloat<std::cos>),
    Trigonometric("cot", "The cotangent of an angle in radians.", OfFloat<Cot>),
    Trigonometric("degrees", "An angle in radians as degrees.", OfFloat<Degrees>),
    Trigonometric("haversin", "Half of the versine of an angle in radians.", OfFloat<Haversin>),
    {.name = "pi",
     .category = FunctionCategory::kTrigonometric,
     .description = "The number pi.",
     .result = kFloatType,
     .call = ConstantPi},
    Trigonometric("radians", "An angle in degrees as radians.", OfFloat<Radians>),
    Trigonometric("sin", "The sine of an angle in radians.", OfFloat<std::sin>),
    Trigonometric("tan", "The tangent of an angle in radians.", OfFloat<std::tan>),
};

}  // namespace

absl::Span<const FunctionSignature> MathFunctions() { return kMaths; }
absl::Span<const FunctionSignature> TrigonometricFunctions() { return kTrigonometrics; }

}  // namespace tidemark::query
