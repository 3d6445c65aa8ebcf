// SPDX-License-Identifier: Apache-2.0
// All functions of the language by name.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "query/functions/signature.h"

namespace tidemark::query {

// Where in a statement a function is called, for errors.
struct CallSite {
  std::string_view statement;
  size_t byte_offset = 0;
};

// The signature that takes so many arguments; the case of the name does not matter. The error says
// that there is no such function and which one may have been meant, that it is not supported yet,
// or how many arguments it takes.
absl::StatusOr<const FunctionSignature*> FindFunction(std::string_view name, size_t argument_count,
                                                      const CallSite& site);
// OK unless an argument is of none of the types that its parameter takes, whatever its value.
absl::Status CheckArgumentTypes(const FunctionSignature& function,
                                absl::Span<const CypherType> arguments, const CallSite& site);

// Calls a scalar function: null for a null argument unless it handles them, an error for arguments
// of wrong types. REQUIRES: as many arguments as it takes.
ValueOr CallFunction(const FunctionSignature& function, Environment* environment,
                     absl::Span<const graph::Value> arguments);

// All signatures by name, then by the number of arguments, for SHOW FUNCTIONS.
absl::Span<const FunctionSignature* const> AllFunctions();

}  // namespace tidemark::query
