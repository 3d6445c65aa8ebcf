// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "storage/graph_state.h"

namespace tidemark::storage {

// CHECKs everything that must hold of a shard: the form of every group, record and chain, the
// symmetry of edges whose two ends are here, the counters and the indexes. `settled` = no commit is
// half applied, `idle` = no transaction is open or ending either. Slow.
void CheckGraph(const GraphState& state, bool settled, bool idle);

}  // namespace tidemark::storage
