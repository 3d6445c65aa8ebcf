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
};

}  // namespace tidemark::query
