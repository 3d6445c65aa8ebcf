// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/snapshot/snapshot_writer.h"
#include "graph/edge_run.h"
#include "graph/mutation.h"
#include "import/slot_buckets.h"

namespace tidemark::csv_import {

struct NewEdge {
  VertexId source;
  VertexId target;
  TypeId type;
  std::string_view properties;  // packed
};

// One end of an edge as it waits in its slot's bucket.
void AppendEdgeEnd(const NewEdge& edge, EdgeId id, graph::EdgeSides side, std::string* record);

// Writes the sections of a snapshot, slot by slot: the next sequences, the vertices, then the ends
// of edges, put in order of their vertex, direction and type if they take at most `sort_bytes`.
// Owner: GraphBuilder. Threads: one; blocks. Errors: of the files.
class SlotWriter {
 public:
  explicit SlotWriter(durability::SnapshotFile* snapshot) : snapshot_(snapshot) {}

  // REQUIRES: the slot before is finished.
  void Start(SlotId slot) { slot_ = slot; }
  absl::Status WriteNextSequences(uint32_t next_vertex, uint32_t next_edge);
  absl::Status WriteVertices(SlotBuckets* vertices);
  absl::Status WriteEdges(SlotBuckets* edges, size_t sort_bytes);
  absl::Status Finish();

 private:
  absl::Status Write(std::string_view mutation);
  absl::Status WriteSorted(std::string_view run);
  // `record` is at the front.
  absl::Status WriteEdgeEnd(uint64_t order, std::string_view record);
  absl::Status FinishRun();

  durability::SnapshotFile* const snapshot_;
  SlotId slot_;
  std::string chunk_;
  graph::EdgeRunWriter edges_;
  uint64_t run_order_ = 0;  // of the edges in it
  // Reused:
  std::string run_;
  std::string mutation_;
  std::vector<std::pair<uint64_t, size_t>> places_;  // order, offset of the record in its run
};

}  // namespace tidemark::csv_import
