// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tidemark {

// Where `part` stands in `text` for the first time, from a byte on; npos when it does not. Takes a
// time in proportion to both together, whatever they are: std::string_view::find takes their
// product for a text of one character and a part that differs at its end.
size_t FindText(std::string_view text, std::string_view part, size_t from = 0);

}  // namespace tidemark
