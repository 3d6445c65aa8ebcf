// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

#include "storage/graph_state.h"
#include "storage/shard.h"

namespace tidemark::storage {

// One slice of the online build of an index. Contract: Shard::BuildIndexSome.
bool BuildIndexSlice(GraphState* state, IndexId index, int64_t max_units,
                     const std::function<void(const KeyChange&)>& emit);

}  // namespace tidemark::storage
