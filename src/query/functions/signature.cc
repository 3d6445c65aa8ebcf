// SPDX-License-Identifier: Apache-2.0
#include "query/functions/signature.h"

namespace tidemark::query {

std::string_view CategoryName(FunctionCategory category) {
  constexpr std::string_view kNames[] = {"Aggregating", "List",   "Logarithmic", "Numeric",
                                         "Predicate",   "Scalar", "String",      "Trigonometric"};
  return kNames[static_cast<int>(category)];
}

size_t FunctionSignature::parameter_count() const {
  size_t count = 0;
  while (count < kMaxParameters && !parameters[count].name.empty()) ++count;
  return count;
}

CypherType FunctionSignature::ResultOf(absl::Span<const CypherType> arguments) const {
  CypherType type = result;
  bool has_null = false;
  CypherType all;
  for (const CypherType argument : arguments) {
    has_null |= argument.is_nullable();
    all = all | argument;
  }
  switch (result_rule) {
    case ResultRule::kFixed:
      break;
    case ResultRule::kElement:
      type = arguments[0].Contains(graph::ValueType::kList) ? arguments[0].element()
                                                            : kAnyType.OrNull();
      break;
    case ResultRule::kFirst:
      type = result.is_nullable() ? arguments[0].OrNull() : arguments[0];
      break;
    case ResultRule::kUnion:
      type = all;
      break;
  }
  return has_null && !handles_null ? type.OrNull() : type;
}

std::string FunctionSignature::ToString() const {
  std::string text = std::string(name) + "(";
  if (!syntax.empty()) {
    text += syntax;
  } else {
    for (size_t i = 0; i < parameter_count(); ++i) {
      if (i > 0) text += ", ";
      text += std::string(parameters[i].name) + " :: " + parameters[i].type.ToString();
    }
    if (is_variadic) text += ", ...";
  }
  return text + ") :: " + result.ToString();
}

}  // namespace tidemark::query
