// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/ids.h"
#include "storage/graph_state.h"
#include "storage/shard.h"

namespace tidemark::storage {

// Writes one slot of one version of the graph as mutations, in slices, while commits go on.
// Contract: Shard::SnapshotSlot. Threads: one. Errors: none.
class SnapshotSource {
 public:
  explicit SnapshotSource(GraphState* state) : state_(*state) {}

  bool ReadSlot(const SnapshotSlice& slice, Shard::SnapshotCursor* cursor, std::string* out) const;

 private:
  struct Step;
  void WriteHeader(const Step& step) const;
  // Each returns false when the step is over before its end.
  bool WriteVertices(Step* step) const;
  bool WriteEdges(Step* step) const;
  bool WriteEdgesOf(Step* step, VertexId vertex, VertexRecord* record) const;
  bool WriteGroup(Step* step, VertexId vertex, const AdjacencyGroup& group,
                  uint64_t* position) const;
  bool WriteKeys(Step* step) const;
  std::string_view PropertiesOf(const Step& step, EdgeId edge) const;

  GraphState& state_;
};

}  // namespace tidemark::storage
