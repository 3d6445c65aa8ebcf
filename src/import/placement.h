// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"

namespace tidemark::csv_import {

// Gives ids to the vertices and edges of a graph that is made at once. Vertices are placed in runs,
// worker by worker, so that what stands together in the input stays together and every worker gets
// its share; each worker fills as many slots at a time as storage keeps open.
// Owner: GraphBuilder. Threads: one. Limits: 2^32 - 1 vertices and edges per slot, CHECKed.
class Placement {
 public:
  explicit Placement(uint32_t worker_count);

  VertexId NextVertex();
  // An edge lives in the slot of its source.
  EdgeId NextEdge(SlotId source);

  // The next sequences of a slot; 1 when nothing is in it.
  uint32_t next_vertex(SlotId slot) const { return next_vertex_[slot.value()]; }
  uint32_t next_edge(SlotId slot) const { return next_edge_[slot.value()]; }
  bool is_empty(SlotId slot) const { return next_vertex(slot) == 1 && next_edge(slot) == 1; }

 private:
  struct Range {
    uint32_t first = 0;
    uint32_t count = 0;
  };
  void StartRun();

  std::vector<Range> slots_;  // of worker i + 1
  std::vector<uint32_t> next_vertex_;
  std::vector<uint32_t> next_edge_;
  uint64_t run_count_ = 0;
  uint32_t left_in_run_ = 0;
  SlotId slot_;
};

}  // namespace tidemark::csv_import
