// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using Arguments = std::vector<Value>;

// Functions of strings and conversions; no argument is null.
std::optional<Value> CallTextFunction(Evaluator* evaluator, const std::string& name,
                                      const Arguments& arguments);

std::u32string CodePoints(std::string_view text);
std::string Utf8(const std::u32string& text);

}  // namespace tidemark::reference
