// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "env/file_system.h"
#include "graph/name_kind.h"
#include "import/cluster_files.h"
#include "import/limits.h"
#include "import/placement.h"
#include "import/slot_buckets.h"
#include "import/slot_writer.h"

namespace tidemark::csv_import {

struct GraphBuilderOptions {
  std::string data_dir;
  uint32_t worker_count = 1;
  ClusterId cluster;  // of the new cluster; not zero
  size_t spill_bytes = kSpillBytes;
  size_t sort_bytes = kMaxSortBytes;
};

struct BuildResult {
  uint64_t vertices = 0;
  uint64_t edges = 0;
  uint64_t bytes = 0;  // of the snapshot files
};

// Makes the data directories of a new cluster from a graph that is given piece by piece, in any
// order but vertices before their edges. The graph may be larger than memory: what is given is
// sorted into slots, on disk when it must be, and written as one snapshot per worker.
// Owner: import, generate. Threads: one; blocks. Errors: kFailedPrecondition when the data
// directory is not empty; of the disk. Until Finish has returned OK there is no cluster; destroyed
// before, nothing is left behind.
class GraphBuilder {
 public:
  static absl::StatusOr<std::unique_ptr<GraphBuilder>> Create(env::FileSystem* files,
                                                              const GraphBuilderOptions& options);

  // The id of a label, type or key; a new one when the name is new.
  absl::StatusOr<uint32_t> NameId(graph::NameKind kind, std::string_view text);
  // `labels` ascend; `properties` are packed.
  absl::StatusOr<VertexId> AddVertex(absl::Span<const LabelId> labels, std::string_view properties);
  absl::Status AddEdge(const NewEdge& edge);

  // Writes everything; `on_slot` hears, on any thread, one at a time, how many slots are written.
  absl::StatusOr<BuildResult> Finish(const std::function<void(uint32_t done)>& on_slot);

  uint64_t vertex_count() const { return vertex_count_; }
  uint64_t edge_count() const { return edge_count_; }

 private:
  GraphBuilder(env::FileSystem* files, const GraphBuilderOptions& options,
               std::unique_ptr<StagingFolder> staging);
  absl::StatusOr<durability::SnapshotInfo> WriteWorker(NodeId worker,
                                                       const std::function<void()>& on_slot);
  // Each worker's files, several workers at the same time: they share no slot.
  std::vector<absl::StatusOr<durability::SnapshotInfo>> WriteWorkers(
      const std::function<void(uint32_t done)>& on_slot);

  env::FileSystem* const files_;
  const GraphBuilderOptions options_;
  std::unique_ptr<StagingFolder> staging_;
  Placement placement_;
  catalog::NameTable names_;
  SlotBuckets vertices_;
  SlotBuckets edges_;
  std::string mutation_;  // reused
  std::string record_;    // reused
  uint64_t vertex_count_ = 0;
  uint64_t edge_count_ = 0;
};

}  // namespace tidemark::csv_import
