// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace tidemark::shell {

// How many columns of a terminal the text takes: wide characters of East Asia and pictures take
// two, marks that combine with the character before them none. A byte that is no UTF-8 takes one.
size_t TextWidth(std::string_view text);

// How many bytes of the text fit into `width` columns: whole characters with their marks, and at
// least one, so that whoever cuts text comes to its end.
size_t BytesWithin(std::string_view text, size_t width);

}  // namespace tidemark::shell
