// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/snapshot/snapshot_reader.h"
#include "env/env.h"

namespace tidemark::worker {

// Removes the snapshot files of a worker that are of no use any more, behind those that are being
// written.
// Owner: Engine. Threads: the worker's loop; the removal runs in jobs of JobQueue::kSnapshot. No
// `done` is called after this is gone.
class SnapshotFiles {
 public:
  // Does not own what is in `env`.
  SnapshotFiles(const env::Env& env, std::string path) : env_(env), path_(std::move(path)) {}
  SnapshotFiles(const SnapshotFiles&) = delete;
  SnapshotFiles& operator=(const SnapshotFiles&) = delete;

  // Of the files up to `through` only those in `keep` stay; then `done`. A removal that fails is
  // told in the log, `done` is not called, and the next call tries again.
  void Retain(std::vector<durability::EpochCsn> keep, Csn through, std::function<void()> done);
  // No file above `csn` is there any more, on disk, when `done` is called. A removal that fails
  // ends the node.
  void RemoveAbove(Csn csn, std::function<void()> done);

 private:
  void Run(std::function<absl::Status()> job, std::function<void(const absl::Status&)> done);

  const env::Env env_;
  const std::string path_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
