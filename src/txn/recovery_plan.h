// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/ids.h"
#include "durability/master_log/master_log_state.h"
#include "proto/cluster.pb.h"
#include "txn/options.h"
#include "txn/types.h"

namespace tidemark::txn {

// What a worker reported: its Register frames put together.
struct WorkerReport {
  BootId boot_id;
  Epoch epoch;
  Csn watermark;
  bool in_memory = false;
  std::vector<wire::SnapshotFile> snapshots;
  Csn tail_after;
  Csn last_csn;  // newest commit <= tail_after
  struct Record {
    CommitId id;
    NodeSet participants;
  };
  std::vector<Record> tail;  // ascending csn
  bool wal_from_start = false;
  Csn wal_complete_after;
  // The files alone, without the memory: newest commit <= durable_csn.
  Csn durable_csn;
  Csn durable_last_csn;
};

// The recovery point and the way of each worker to it.
struct RecoveryPlan {
  Csn csn;  // R
  struct Worker {
    CommitId snapshot;  // csn 0 = none
    std::vector<CommitId> dead;
    bool reload = false;
    Csn last_csn;  // the newest commit <= R, which it must have afterwards
  };
  std::map<NodeId, Worker> workers;
  // The newest commit that somebody reported and that no earlier recovery undid; R when none.
  Csn newest;
  // Workers whose files do not fit, with the reason. Not empty: there is no plan.
  std::map<NodeId, std::string> refused;
  // Not empty: the master log is older than the workers. There is no plan.
  std::string log_is_old;

  bool valid() const { return refused.empty() && log_is_old.empty(); }
};

struct PlanRules {
  bool wal = true;
  RecoveryPoint recovery_point = RecoveryPoint::kWatermark;
  bool first_recovery = false;  // this master process has completed none yet
};

// The rules that fix R (docs/protocols/reconcile.md, step 3). Pure.
// REQUIRES: `log` has every record that was ever appended and is synced; a report of every worker.
RecoveryPlan PlanRecovery(const durability::MasterLogState& log,
                          const std::map<NodeId, WorkerReport>& reports, const PlanRules& rules);

// The newest csn that Watermark and SnapshotComplete records cover, and a worker's newest commit
// not above it.
Csn WatermarkOf(const durability::MasterLogState& log);
Csn LastAtWatermark(const durability::MasterLogState& log, NodeId node);

}  // namespace tidemark::txn
