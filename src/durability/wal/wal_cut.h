// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/wal/disk_watch.h"
#include "durability/wal/wal_reader.h"
#include "durability/wal/wal_state.h"
#include "env/clock.h"
#include "env/file_system.h"

namespace tidemark::durability {

struct WalOptions {
  std::string directory;  // REQUIRES: exists
  FileIdentity identity;
  uint64_t segment_bytes = kDefaultWalSegmentBytes;
  env::Clock* clock = nullptr;       // to time syncs; not owned
  std::shared_ptr<DiskWatch> watch;  // is told of the steps of a cut; may be null
};

// The state that a reconcile gave this worker, and the epoch that begins with it.
struct WalCut {
  Epoch epoch;       // > every epoch of the log
  Csn csn;           // R: no commit above it stays. REQUIRES: >= the log's watermark
  Csn last_csn;      // newest commit <= R in the worker's state (log, or snapshot that it loaded)
  Csn snapshot_csn;  // the snapshot that was loaded, 0 = none
  std::vector<EpochCsn> dead;  // commits <= R that are dead
  // An earlier process has written the log: what may not be on disk is written again.
  bool of_earlier_process = false;
};

struct WalCutResult {
  WalState state;
  std::shared_ptr<env::File> active;  // the segment of state.end
  // The segment behind it, when it was there already and nothing was ever written to it: on a full
  // disk there might be no room to make another. Null = there is none.
  std::shared_ptr<env::File> prepared;
};

// Removes everything above cut.csn and every torn byte, syncs all that stays, appends Epoch and
// syncs that. In this order, so that a crash anywhere leaves a log that ends between the old end
// and the cut: segments behind go first, newest first, each with a sync of the folder; then the
// rest of the segment is zeroed and synced; only then is Epoch written.
// Blocks. REQUIRES: `state` describes the files; nobody else uses them.
absl::StatusOr<WalCutResult> CutWal(env::FileSystem* files, const WalOptions& options,
                                    WalState state, const WalCut& cut);

// Makes a segment that is ready for its first record: header, zeroes, synced under its name.
// Blocks. kResourceExhausted when the disk has no room for it: says how much is needed and how much
// is free, and nothing of it stays behind.
absl::StatusOr<std::shared_ptr<env::File>> PrepareWalSegment(env::FileSystem* files,
                                                             const WalOptions& options,
                                                             uint64_t number, Epoch epoch);

// The end of a segment that only records about the log itself may use, above all the epoch of a
// recovery: a start on a full disk has no other room.
uint64_t WalSegmentReserveBytes(const WalOptions& options);

// How many bytes the segment gets. The first one of a log is made while the cluster waits to open,
// so it is small; the others are made in the background.
uint64_t WalSegmentBytes(const WalOptions& options, uint64_t number);

// The header that PrepareWalSegment writes; its RecordSeed is the one of the segment's records.
FileHeader WalSegmentHeader(const WalOptions& options, uint64_t number, Epoch epoch);

}  // namespace tidemark::durability
