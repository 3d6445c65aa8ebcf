// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "durability/identity.h"
#include "durability/snapshot/snapshot_reader.h"
#include "durability/wal/wal_state.h"
#include "env/file_system.h"
#include "env/read_meter.h"
#include "txn/participant.h"

namespace tidemark::worker {

// What a worker that starts finds in its directory. A value type.
struct StartFiles {
  durability::WalState wal;
  std::vector<durability::SnapshotInfo> snapshots;  // ascending
};

// How far a start is. Threads: its job writes, any reads; any may cancel.
struct StartProgress {
  env::ReadMeter reads;
  std::atomic<uint64_t> all_bytes{0};  // of the log; 0 = not known yet
};

// Reads the whole log and what is there of snapshots; removes unfinished ones. A fresh directory is
// empty. Blocks, perhaps for minutes; runs as a JobQueue::kRecovery job.
// Errors: kDataLoss names the damaged file and the place; kCancelled.
absl::StatusOr<StartFiles> ReadStartFiles(env::FileSystem* files,
                                          const durability::DataDirectory& directory,
                                          StartProgress* progress);

// The same as the participant takes it.
txn::RecoveredFiles DescribeFiles(const StartFiles& files);

}  // namespace tidemark::worker
