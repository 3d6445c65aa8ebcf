// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "proto/cluster.pb.h"
#include "storage/shard.h"

namespace tidemark::worker {

// So many labels, and types, are told of: those of which there is most.
inline constexpr size_t kMaxToldCounts = 10'000;

// What the shard has of which label and type.
void FillGraphCounts(const storage::Shard& shard, wire::GraphCounts* counts);

}  // namespace tidemark::worker
