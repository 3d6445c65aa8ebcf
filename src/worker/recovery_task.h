// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/wal/wal_reader.h"
#include "env/file_system.h"
#include "env/read_meter.h"
#include "storage/shard.h"
#include "txn/participant_port.h"

namespace tidemark::worker {

// Where a worker's files are and whose they are.
struct RecoverySource {
  env::FileSystem* files = nullptr;
  std::string wal_path;
  std::string snapshots_path;
  durability::FileIdentity identity;
  const durability::WalState* wal = nullptr;  // does not change meanwhile
};

// How far a recovery is. Threads: its job writes, any reads and may cancel the reads.
struct RecoveryProgress {
  env::ReadMeter reads;
  std::atomic<uint64_t> snapshot_entities{0};  // vertices and edges in the snapshot
  std::atomic<uint64_t> vertices{0};           // that the shard has
  std::atomic<uint64_t> edges{0};
  std::atomic<uint64_t> mutations{0};     // loaded or replayed
  std::atomic<uint64_t> replayed_csn{0};  // 0 = still at the snapshot
};

// "loading the snapshot: 45 %, 2,100,000 mutations/s", "replaying the log: csn 7 of 900, ...".
std::string ProgressText(const RecoveryProgress& progress, Csn through, int64_t elapsed_micros);

struct RecoveredShard {
  std::unique_ptr<storage::Shard> shard;
  Csn snapshot_last_csn;  // newest commit in the snapshot
};

struct ShardSettings {
  storage::ShardLimits limits;
  uint32_t worker_count = 0;
  NodeId self;
};

// Builds a shard from a snapshot (csn 0 = none) and the WAL above it, up to order.csn. Blocks; runs
// as a JobQueue::kRecovery job and touches nothing but its arguments; *progress follows it.
// Errors: kDataLoss names the damaged file, offset and csn.
absl::StatusOr<RecoveredShard> RecoverShard(const RecoverySource& source,
                                            const txn::RecoveryOrder& order,
                                            const ShardSettings& settings,
                                            RecoveryProgress* progress);

}  // namespace tidemark::worker
