// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/file_format.h"
#include "durability/identity.h"
#include "env/env.h"
#include "proto/cluster.pb.h"
#include "storage/shard.h"
#include "txn/participant.h"
#include "worker/fragment_queue.h"
#include "worker/recovery_task.h"

namespace tidemark::worker {

// The work of a worker is cut into slices of so many units of storage, about 0.1 ms each.
inline constexpr int64_t kSliceUnits = 8'192;

// What the engine tells the node around it. Every call is an input of its own: none comes from
// inside a call of the engine.
class EngineEvents {
 public:
  virtual ~EngineEvents() = default;
  virtual void OnWalSynced(Csn csn) = 0;
  virtual void OnApplied(Csn csn) = 0;
  virtual void OnSnapshotDone(const txn::Participant::SnapshotResult& result) = 0;
  virtual void OnRecoveryDone(const absl::Status& status) = 0;
  virtual void OnWalCut(Epoch new_epoch) = 0;
  virtual void OnExecuted(const wire::Execute& execute, absl::StatusOr<std::string> answer,
                          bool wrote) = 0;
  virtual void OnIndexBuilt(IndexId index) = 0;
  // The answers that are made and wait to be sent.
  virtual size_t HeldAnswerBytes() const = 0;
};

struct EngineOptions {
  bool wal = true;
  uint64_t wal_segment_bytes = 0;
  uint64_t tx_part_bytes = durability::kTxPartBytes;
  // What the queries of clients may take here beside the graph.
  uint64_t query_memory_bytes = uint64_t{256} << 20;
  ShardSettings shard;
  durability::FileIdentity identity;
};

// What the parts of an engine share. Owner: Engine; in the test of one part, the test.
// Threads: the worker's loop. Owns the shard alone; everything else outlives it.
struct EngineContext {
  env::Env env;
  EngineOptions options;
  const durability::DataDirectory* directory = nullptr;
  EngineEvents* events = nullptr;
  // Never null. A recovery puts another one here: a part may keep the pointer only for work that
  // ends when a recovery starts.
  std::unique_ptr<storage::Shard> shard;
};

}  // namespace tidemark::worker
