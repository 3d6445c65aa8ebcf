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
#include "base/ids.h"
#include "durability/file_format.h"
#include "durability/snapshot/compression.h"
#include "durability/snapshot/snapshot_format.h"
#include "env/executor.h"
#include "env/file_system.h"

namespace tidemark::durability {

struct SnapshotOptions {
  std::string directory;  // the snapshots folder; REQUIRES: exists
  FileIdentity identity;
  Epoch epoch;
  Csn csn;       // as of
  Csn last_csn;  // the worker's newest commit <= csn
};

// Writes one snapshot file, step by step, on the calling thread: the path of import, and what the
// jobs of SnapshotWriter do. `<epoch>-<csn>.part` until Finish has synced it, renamed it to
// `.snap` and synced the folder.
// Owner: the caller. Threads: one at a time; blocks. Errors: as env::File; after an error only
// destruction is allowed. Destroyed before Finish it removes the .part file.
class SnapshotFile {
 public:
  static absl::StatusOr<std::unique_ptr<SnapshotFile>> Create(env::FileSystem* files,
                                                              const SnapshotOptions& options);
  ~SnapshotFile();
  SnapshotFile(const SnapshotFile&) = delete;
  SnapshotFile& operator=(const SnapshotFile&) = delete;

  // `mutations` rebuild (a part of) `slot`. REQUIRES: slots never descend; at most
  // kMaxRecordBodyBytes / 2. kDataLoss when the mutations are malformed.
  absl::Status AddChunk(SlotId slot, std::string_view mutations);
  absl::StatusOr<SnapshotInfo> Finish();

 private:
  SnapshotFile(env::FileSystem* files, const SnapshotOptions& options);
  absl::Status WriteOut();

  env::FileSystem* files_;
  SnapshotOptions options_;
  std::string part_path_;
  std::unique_ptr<env::File> file_;
  uint64_t seed_ = 0;
  uint64_t offset_ = 0;
  uint64_t next_sequence_ = 1;
  std::string buffer_;
  Compressor compressor_;
  SnapshotFooter footer_;
  bool finished_ = false;
};

// The same from a loop: chunks are handed over and written by JobQueue::kSnapshot jobs, a bounded
// number at a time.
// Owner: the worker. Threads: loop. Errors: kept, and given to Finish's callback; a snapshot that
// cannot be written does not end the node. Destroyed before Finish: the .part file is removed in
// the background and callbacks are not called.
class SnapshotWriter {
 public:
  static constexpr int kMaxChunksInFlight = 4;

  SnapshotWriter(env::FileSystem* files, env::Executor* executor, const SnapshotOptions& options);
  ~SnapshotWriter();
  SnapshotWriter(const SnapshotWriter&) = delete;
  SnapshotWriter& operator=(const SnapshotWriter&) = delete;

  // A chunk may be added; else wait for on_ready.
  bool Ready() const;
  // Called on the loop each time a chunk was written.
  void set_on_ready(std::function<void()> on_ready);
  // REQUIRES: Ready(), and as SnapshotFile::AddChunk.
  void AddChunk(SlotId slot, std::string mutations);
  // REQUIRES: nothing is added afterwards.
  void Finish(std::function<void(absl::StatusOr<SnapshotInfo>)> done);

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace tidemark::durability
