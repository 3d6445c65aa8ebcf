// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.h"
#include "storage/graph_state.h"

namespace tidemark::storage {

// Undoes every commit above `csn`, newest first: deletions of edges, appended edges, changes of
// vertices and edges, keys and schema. REQUIRES: csn >= horizon, no transaction open or ending.
void RollbackCommits(GraphState* state, Csn csn);

}  // namespace tidemark::storage
