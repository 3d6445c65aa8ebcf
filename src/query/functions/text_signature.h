// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "query/functions/signature.h"

namespace tidemark::query {

// A function that makes a string of a string; the families of such functions change what differs.
constexpr FunctionSignature OfText(std::string_view name, std::string_view description,
                                   ScalarFunction call) {
  FunctionSignature function;
  function.name = name;
  function.category = FunctionCategory::kString;
  function.description = description;
  function.parameters[0] = {"input", kStringType};
  function.result = kStringType;
  function.call = call;
  return function;
}

}  // namespace tidemark::query
