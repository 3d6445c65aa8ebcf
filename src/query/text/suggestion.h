// SPDX-License-Identifier: Apache-2.0
// What somebody may have meant who wrote a word that nothing knows.
#pragma once

#include <cstddef>
#include <string_view>

#include "absl/types/span.h"

namespace tidemark::query {

// How many single-character changes (insert, remove, replace, swap of neighbours) make `a` to `b`,
// without regard to the case of ASCII letters; `limit` + 1 when it takes more than `limit`, or when
// a word has more than kMaxSuggestedBytes.
inline constexpr size_t kMaxSuggestedBytes = 64;
size_t EditDistance(std::string_view a, std::string_view b, size_t limit);

// The candidate nearest to `word`, the first of equals; empty when none is near: one change in a
// word of three or four letters, two in a longer one.
std::string_view Nearest(std::string_view word, absl::Span<const std::string_view> candidates);

}  // namespace tidemark::query
