// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "durability/snapshot/snapshot_writer.h"
#include "storage/shard.h"

namespace tidemark::worker {

// One snapshot under way: reads the shard slot by slot in slices while writes go on, and hands the
// chunks to the background writer.
// Owner: the engine; destroying it abandons the snapshot. Threads: the worker's loop.
class SnapshotTask {
 public:
  using Done = std::function<void(absl::StatusOr<durability::SnapshotInfo>)>;

  // `wake` asks for RunSlice to be called again. Does not own the shard, which must keep the
  // versions of options.csn meanwhile.
  SnapshotTask(env::FileSystem* files, env::Executor* executor,
               const durability::SnapshotOptions& options, storage::Shard* shard,
               std::function<void()> wake);

  void set_done(Done done) { done_ = std::move(done); }
  // True when there is more to do now; false when it waits for the writer or is through.
  bool RunSlice(int64_t max_units);
  // How far it is: what was handed to the writer, and how much of the shard that is.
  uint64_t bytes() const { return bytes_; }
  uint32_t permille() const { return slot_ * 1000 / kSlotCount; }

 private:
  storage::Shard* const shard_;
  const Csn csn_;
  durability::SnapshotWriter writer_;
  Done done_;
  uint32_t slot_ = 0;
  uint64_t bytes_ = 0;
  storage::Shard::SnapshotCursor cursor_;
  std::string chunk_;
  bool finished_ = false;
};

}  // namespace tidemark::worker
