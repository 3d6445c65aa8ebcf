// SPDX-License-Identifier: Apache-2.0
// The data directories of a cluster that begins with a snapshot: commit 1 of epoch 1 is the whole
// graph, with every worker as participant, so a cluster started on them recovers it like any other
// snapshot.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "durability/file_format.h"
#include "durability/identity.h"
#include "durability/snapshot/snapshot_format.h"
#include "durability/snapshot/snapshot_writer.h"
#include "env/file_system.h"

namespace tidemark::csv_import {

inline constexpr Epoch kFirstEpoch{1};
inline constexpr Csn kFirstCsn{1};

// The empty folder in which a cluster's directories are made, next to where they will be. Holds
// them for itself; what an unfinished earlier attempt left in it is removed.
// Owner: GraphBuilder. Threads: one; blocks. Errors: kFailedPrecondition when `data_dir` holds
// anything else, or another process is at work in it. Destroyed before Publish it removes what it
// made.
class StagingFolder {
 public:
  static absl::StatusOr<std::unique_ptr<StagingFolder>> Make(env::FileSystem* files,
                                                             const std::string& data_dir);
  ~StagingFolder();
  StagingFolder(const StagingFolder&) = delete;
  StagingFolder& operator=(const StagingFolder&) = delete;

  const std::string& path() const { return path_; }
  // Moves master and workers to `data_dir`, the master last: without it there is no cluster.
  absl::Status Publish(uint32_t worker_count);

 private:
  StagingFolder(env::FileSystem* files, std::string data_dir)
      : files_(files), data_dir_(std::move(data_dir)), path_(data_dir_ + "/import.tmp") {}
  absl::Status Move(const std::string& name);

  env::FileSystem* const files_;
  const std::string data_dir_;
  const std::string path_;
  bool made_data_dir_ = false;
  std::unique_ptr<env::DirectoryLock> lock_;
};

// "worker-1" ...
std::string WorkerFolderName(NodeId worker);

// One worker's directory with its snapshot under way.
// Owner: GraphBuilder. Threads: one; blocks.
class WorkerFiles {
 public:
  static absl::StatusOr<WorkerFiles> Create(env::FileSystem* files, const std::string& parent,
                                            ClusterId cluster, NodeId worker);
  durability::SnapshotFile* snapshot() { return snapshot_.get(); }

 private:
  std::unique_ptr<durability::DataDirectory> directory_;
  std::unique_ptr<durability::SnapshotFile> snapshot_;
};

// The master's directory: cluster, members, names, and the snapshot that `parts` are (worker 1
// first). Durable when it returns.
absl::Status WriteMasterFiles(env::FileSystem* files, const std::string& parent, ClusterId cluster,
                              const catalog::NameTable& names,
                              const std::vector<durability::SnapshotInfo>& parts);

// Removes a folder with everything in it; OK when there is nothing.
absl::Status RemoveTree(env::FileSystem* files, const std::string& path);

}  // namespace tidemark::csv_import
