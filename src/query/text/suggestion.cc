// SPDX-License-Identifier: Apache-2.0
#include "query/text/suggestion.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "absl/strings/ascii.h"

namespace tidemark::query {

size_t EditDistance(std::string_view a, std::string_view b, size_t limit) {
  const size_t longer = std::max(a.size(), b.size());
  if (longer > kMaxSuggestedBytes || longer - std::min(a.size(), b.size()) > limit) {
    return limit + 1;
  }
  // Rows of the table of distances between the first i bytes of `a` and the first j of `b`.
  using Row = std::array<size_t, kMaxSuggestedBytes + 1>;
  Row before_last = {};
  Row last = {};
  Row row = {};
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    before_last = last;
    last = row;
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const char x = absl::ascii_tolower(a[i - 1]);
      const char y = absl::ascii_tolower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (x == y ? 0 : 1)});
      const bool swapped = i > 1 && j > 1 && x == absl::ascii_tolower(b[j - 2]) &&
                           y == absl::ascii_tolower(a[i - 2]);
      if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
  }
  return std::min(row[b.size()], limit + 1);
}

std::string_view Nearest(std::string_view word, absl::Span<const std::string_view> candidates) {
  constexpr size_t kFewestWordBytes = 3;
  constexpr size_t kShortWordBytes = 4;
  if (word.size() < kFewestWordBytes) return {};
  const size_t limit = word.size() <= kShortWordBytes ? 1 : 2;
  std::string_view nearest;
  size_t best = limit + 1;
  for (const std::string_view candidate : candidates) {
    if (candidate.size() <= best) continue;  // all of it would be changed
    const size_t distance = EditDistance(word, candidate, best - 1);
    if (distance < best) {
      best = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace tidemark::query
