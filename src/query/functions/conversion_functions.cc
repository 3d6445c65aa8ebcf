// SPDX-License-Identifier: Apache-2.0
// toInteger(), toFloat(), toBoolean(), toString(), each also as ...OrNull and ...List.
#include <vector>

#include "query/functions/convert.h"
#include "query/functions/signature.h"

namespace tidemark::query {

using graph::Value;

namespace {

using Converter = ValueOr (*)(const Value& value);
using ConvertArguments = absl::Span<const Value>;

constexpr CypherType kToText =
    kStringType | kNumberType | kBooleanType | kPointType | kTemporalType | kDurationType;

template <Converter convert>
ValueOr Convert(Environment*, ConvertArguments arguments) {
  return convert(arguments[0]);
}

template <Converter convert>
ValueOr ConvertOrNull(Environment*, ConvertArguments arguments) {
  const ValueOr converted = convert(arguments[0]);
  return converted.ok() ? *converted : Value();
}

template <Converter convert>
ValueOr ConvertList(Environment*, ConvertArguments arguments) {
  std::vector<Value> elements;
  elements.reserve(arguments[0].list().size());
  for (const Value& element : arguments[0].list()) {
    const ValueOr converted = convert(element);
    elements.push_back(converted.ok() ? *converted : Value());
  }
  return Value::List(std::move(elements));
}

constexpr FunctionSignature Converts(std::string_view name, std::string_view description,
                                     CypherType from, CypherType to, ScalarFunction call) {
  FunctionSignature function;
  function.name = name;
  function.description = description;
  function.parameters[0] = {"input", from};
  function.result = to.OrNull();
  function.call = call;
  function.mismatch = ErrorId::kInvalidTypeArgumentValue;
  return function;
}

constexpr FunctionSignature ConvertsList(std::string_view name, std::string_view description,
                                         CypherType to, ScalarFunction call) {
  FunctionSignature function = Converts(name, description, kListType, CypherType::ListOf(to), call);
  function.category = FunctionCategory::kList;
  function.result = function.result.NotNull();
  function.mismatch = ErrorId::kInvalidArgumentType;
  return function;
}

constexpr FunctionSignature kConversions[] = {
    Converts("toBoolean", "The boolean that a string or integer stands for; null for other text.",
             kBooleanType | kStringType | kIntegerType, kBooleanType, Convert<ConvertToBoolean>),
    Converts("toBooleanOrNull", "As toBoolean(), null for what cannot be converted.", kAnyType,
             kBooleanType, ConvertOrNull<ConvertToBoolean>),
    ConvertsList("toBooleanList", "Each element as toBooleanOrNull() gives it.", kBooleanType,
                 ConvertList<ConvertToBoolean>),
    Converts("toFloat", "The float that a number or its text stands for; null for other text.",
             kStringType | kNumberType, kFloatType, Convert<ConvertToFloat>),
    Converts("toFloatOrNull", "As toFloat(), null for what cannot be converted.", kAnyType,
             kFloatType, ConvertOrNull<ConvertToFloat>),
    ConvertsList("toFloatList", "Each element as toFloatOrNull() gives it.", kFloatType,
                 ConvertList<ConvertToFloat>),
    Converts("toInteger",
             "The integer that a number, its text or a boolean stands for, cut towards zero; null "
             "for other text.",
             kBooleanType | kStringType | kNumberType, kIntegerType, Convert<ConvertToInteger>),
    Converts("toIntegerOrNull", "As toInteger(), null for what cannot be converted.", kAnyType,
             kIntegerType, ConvertOrNull<ConvertToInteger>),
    ConvertsList("toIntegerList", "Each element as toIntegerOrNull() gives it.", kIntegerType,
                 ConvertList<ConvertToInteger>),
    Converts("toString", "A scalar as text.", kToText, kStringType, Convert<ConvertToString>),
    Converts("toStringOrNull", "As toString(), null for what cannot be converted.", kAnyType,
             kStringType, ConvertOrNull<ConvertToString>),
    ConvertsList("toStringList", "Each element as toStringOrNull() gives it.", kStringType,
                 ConvertList<ConvertToString>),
};

}  // namespace

absl::Span<const FunctionSignature> ConversionFunctions() { return kConversions; }

}  // namespace tidemark::query
