// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "durability/master_log/master_log_record.h"
#include "env/step_stats.h"
#include "txn/types.h"

namespace tidemark::txn {

enum class WorkerState : uint8_t {
  kAbsent,      // has not come since this master started, or its stream is lost
  kConnected,   // greeted; reconcile is under way
  kRegistered,  // has reported what it holds
  kConverged,   // is at the recovery point
  kOpen,        // works
  kRefused,     // its files do not fit; see reason
  kDiskSilent,  // its disk does not answer; it comes back when that does
};
std::string_view NameOf(WorkerState state);

struct WorkerStatus {
  NodeId node;
  WorkerState state = WorkerState::kAbsent;
  std::string reason;  // why it is absent or refused, or refuses writes
  BootId boot_id;
  uint64_t pid = 0;
  std::string address;
  std::string build;
  // From its last HeartbeatReply, which came so long ago; nullopt: none has come.
  std::optional<int64_t> figures_age_micros;
  uint64_t vertices = 0;
  uint64_t edges = 0;
  uint64_t wal_bytes = 0;
  uint64_t wal_syncs = 0;
  uint64_t resident_bytes = 0;
  uint64_t storage_bytes = 0;
  uint64_t undo_bytes = 0;
  uint64_t unflushed_bytes = 0;
  env::StepFigures steps;
};

// What the last recovery has undone: the commits first ... last; none when count is 0.
struct UndoneStatus {
  uint64_t count = 0;
  Csn first;
  Csn last;
};

// A picture of the coordinator for `status` and metrics. Threads: a value type.
struct ClusterStatus {
  ClusterState state = ClusterState::kReconciling;
  std::string reason;  // why it is not open, or refuses writes; else empty
  ClusterId cluster_id;
  Epoch epoch;
  Csn visible;
  Csn watermark;
  Csn horizon;
  std::vector<durability::SnapshotCompleteRecord> snapshots;  // retained, oldest first
  std::vector<WorkerStatus> workers;                          // ascending
  UndoneStatus undone;                                        // by the last recovery of this master
  uint64_t undone_total = 0;                                  // since this master started
  uint64_t recovery_count = 0;  // completed reconciles since this master started
  uint64_t open_transactions = 0;
  uint64_t queued_commits = 0;
  uint64_t commits = 0;  // csns given out since this master started
  uint64_t flush_rounds = 0;
};

}  // namespace tidemark::txn
