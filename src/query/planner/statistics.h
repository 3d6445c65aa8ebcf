// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/container/flat_hash_map.h"

namespace tidemark::query {

// How much there is of what, as far as it is known. They choose between plans that give the same
// rows, so they may be old or wrong. Labels and types by id.
struct Statistics {
  double vertex_count = 10'000;
  double edge_count = 50'000;
  absl::flat_hash_map<uint32_t, double> label_counts;
  absl::flat_hash_map<uint32_t, double> type_counts;
  // Of what is not in the maps there is nothing; else it is not known.
  bool is_complete = false;
};

// What there is little of may be more by the time that a plan runs: no count is taken to be less.
inline constexpr double kSmallestCount = 64;

// Whether plans that were made with one of them are likely to be bad where the other one is true:
// some count is more than twice that of the other.
bool AreFarApart(const Statistics& a, const Statistics& b);

}  // namespace tidemark::query
