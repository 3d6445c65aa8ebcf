// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

#include "absl/types/span.h"
#include "storage/adjacency/adjacency_group.h"
#include "storage/shard.h"

namespace tidemark::storage {

// Which groups of a vertex an expansion looks at. The types outlive it.
struct GroupFilter {
  Direction direction;
  absl::Span<const TypeId> types;  // empty = all

  bool WantsSide(bool incoming) const {
    const auto side = static_cast<uint8_t>(incoming ? Direction::kIn : Direction::kOut);
    return (static_cast<uint8_t>(direction) & side) != 0;
  }
  bool WantsType(TypeId type) const {
    return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
  }
  bool Wants(const AdjacencyGroup& group) const {
    return group.count != 0 && WantsSide(group.is_incoming) && WantsType(TypeId(group.type));
  }
  // A self loop is in both groups of its vertex; without a direction it comes once.
  bool SkipsLoops(bool incoming) const { return incoming && direction == Direction::kAny; }
};

}  // namespace tidemark::storage
