// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/wal_reader.h"
#include "env/file_system.h"
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
// as a JobQueue::kRecovery job and touches nothing but its arguments.
// Errors: kDataLoss names the damaged file, offset and csn.
absl::StatusOr<RecoveredShard> RecoverShard(const RecoverySource& source,
                                            const txn::RecoveryOrder& order,
                                            const ShardSettings& settings);

}  // namespace tidemark::worker
