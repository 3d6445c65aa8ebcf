// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

namespace tidemark::query {

// What trim(BOTH c FROM t) and its like are called between the parser and the functions: a blank in
// the name, so that a call in a text has it in backticks only. kTrimFormPrefix and the side, as it
// is written.
inline constexpr std::string_view kTrimFormPrefix = "trim ";
inline constexpr std::array<std::string_view, 3> kTrimFormNames = {"trim BOTH", "trim LEADING",
                                                                   "trim TRAILING"};

}  // namespace tidemark::query
