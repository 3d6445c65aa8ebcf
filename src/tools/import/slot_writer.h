// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/snapshot_writer.h"
#include "graph/mutation.h"
#include "tools/import/slot_buckets.h"

namespace tidemark::tools {

// One end of an edge in a bucket: what it is sorted by, then the mutation with its length.
void AppendEdgeEnd(const graph::Mutation& mutation, std::string_view encoded, std::string* record);

// Writes one slot's section of a snapshot: the next sequences, the vertices, then the ends of
// edges, put in order of their vertex, direction and type if they take at most `sort_bytes`.
// Owner: GraphBuilder. Threads: one; blocks. Errors: of the files.
class SlotWriter {
 public:
  SlotWriter(durability::SnapshotFile* snapshot, SlotId slot) : snapshot_(snapshot), slot_(slot) {}

  absl::Status WriteNextSequences(uint32_t next_vertex, uint32_t next_edge);
  absl::Status WriteVertices(SlotBuckets* vertices);
  absl::Status WriteEdges(SlotBuckets* edges, size_t sort_bytes);
  absl::Status Finish();

 private:
  absl::Status Write(std::string_view mutation);
  absl::Status WriteSorted(std::string_view run);

  durability::SnapshotFile* const snapshot_;
  const SlotId slot_;
  std::string chunk_;
};

}  // namespace tidemark::tools
