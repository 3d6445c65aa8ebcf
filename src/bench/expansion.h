// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "env/clock.h"
#include "storage/shard.h"

namespace tidemark::bench {

// Adjacency as arrays of arrays, which nothing can change: what expansion is held against.
struct Csr {
  std::vector<uint64_t> offsets;  // of each vertex; one more at the end
  std::vector<VertexId> neighbours;
};

struct ExpansionRate {
  double edges_per_second = 0;
  uint64_t edge_count = 0;  // of all passes
};

// Copies all neighbours of the vertices in `order`, a frontier at a time, with the memory fetched
// ahead; again and again for a small graph.
ExpansionRate TimeCsrCopy(const Csr& csr, const std::vector<uint32_t>& order, env::Clock* clock);

// The same from a shard, as `view` and `direction` say.
struct ShardExpansion {
  storage::Shard* shard;
  storage::View view;
  storage::Direction direction = storage::Direction::kOut;
};
ExpansionRate TimeExpansion(const ShardExpansion& expansion, const std::vector<VertexId>& frontier,
                            env::Clock* clock);

}  // namespace tidemark::bench
