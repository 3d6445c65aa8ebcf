// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "base/ids.h"
#include "durability/record_reader.h"
#include "durability/snapshot/compression.h"
#include "durability/snapshot/snapshot_format.h"
#include "durability/wal/wal_reader.h"
#include "env/file_system.h"

namespace tidemark::durability {

// Reads one complete snapshot file, chunk by chunk, slots ascending; every checksum, digest and
// count is verified on the way, the last ones before Next says false.
// Owner: recovery, import, verify. Threads: one; blocks. Memory: one chunk and the footer.
// Errors: kDataLoss names path and offset; kFailedPrecondition: not this node's file, or another
// format version.
class SnapshotReader {
 public:
  // Verifies header, trailer and footer.
  static absl::StatusOr<std::unique_ptr<SnapshotReader>> Open(env::FileSystem* files,
                                                              const std::string& path,
                                                              const FileIdentity& identity);
  const SnapshotInfo& info() const { return info_; }
  const SnapshotFooter& footer() const { return footer_; }

  struct Chunk {
    SlotId slot;
    std::string_view mutations;  // until the next call
  };
  // False at the end, when everything was as the footer says.
  absl::StatusOr<bool> Next(Chunk* chunk);
  // Reads what is left.
  absl::Status Verify();

 private:
  SnapshotReader(std::string path, RecordReader reader)
      : path_(std::move(path)), reader_(std::move(reader)) {}
  absl::Status ReadFooter();
  absl::Status Damage(uint64_t offset, std::string_view what) const;
  absl::StatusOr<std::string_view> Unpack(const SnapshotChunk& chunk, uint64_t offset);
  absl::Status FinishSection();

  std::string path_;
  RecordReader reader_;
  SnapshotInfo info_;
  SnapshotFooter footer_;
  uint64_t footer_offset_ = 0;
  uint64_t next_sequence_ = 1;
  size_t section_ = 0;       // index of the one being read
  SnapshotSection counted_;  // what was read of it
  uint64_t position_ = 0;    // of the next chunk's record
  Decompressor decompressor_;
};

// The complete snapshot files of a folder, ascending (epoch, csn). Files that cannot be read are an
// error. Blocks.
absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots(env::FileSystem* files,
                                                        const std::string& directory,
                                                        const FileIdentity& identity);
// Removes unfinished (.part) files. Blocks.
absl::Status RemoveUnfinishedSnapshots(env::FileSystem* files, const std::string& directory);
// Removes snapshots above `csn` (reconcile), durably. Blocks.
absl::Status RemoveSnapshotsAbove(env::FileSystem* files, const std::string& directory, Csn csn);
// Removes the snapshots up to `through` that are not among `keep`, oldest first; nothing when none
// of `keep` is there, unless it is empty. Blocks.
absl::Status RetainSnapshots(env::FileSystem* files, const std::string& directory,
                             absl::Span<const EpochCsn> keep, Csn through);

}  // namespace tidemark::durability
