// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "durability/master_log_state.h"
#include "proto/cluster.pb.h"
#include "txn/options.h"
#include "txn/types.h"

namespace tidemark::txn {

// One run of reconcile.
struct Attempt {
  BootId master_boot_id;
  uint64_t number = 0;

  friend constexpr bool operator==(const Attempt&, const Attempt&) = default;
};
Attempt FromWire(const wire::Attempt& attempt);
void ToWire(const Attempt& attempt, wire::Attempt* out);

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
};

// The recovery point and the way of each worker to it.
struct RecoveryPlan {
  Csn csn;  // R
  bool longest = false;
  struct Worker {
    CommitId snapshot;  // csn 0 = none
    std::vector<WorkerReport::Record> dead;
    bool reload = false;
    Csn last_csn;  // the newest commit <= R it must have afterwards
  };
  std::map<NodeId, Worker> workers;
  // The newest commit that somebody reported and that no earlier recovery undid; R when none.
  Csn newest;
  // Workers whose files do not fit, with the reason. Not empty: there is no plan.
  std::map<NodeId, std::string> refused;
  // Not empty: the master log itself is older than the workers. There is no plan.
  std::string log_is_old;
};

struct PlanRules {
  bool wal = true;
  RecoveryPoint recovery_point = RecoveryPoint::kWatermark;
  bool first_recovery = false;  // this master process has completed none yet
};

// The rules that fix R (docs/protocols/reconcile.md, step 3). Pure.
RecoveryPlan PlanRecovery(const durability::MasterLogState& log,
                          const std::map<NodeId, WorkerReport>& reports, const PlanRules& rules);

// One attempt to bring all workers to one state: who has registered, what was decided, who has
// converged. The steps between belong to the coordinator, which also starts a new attempt at any
// fault.
// Owner: the coordinator. Threads: the master's loop.
class Reconcile {
 public:
  enum class Phase : uint8_t {
    kIdle,        // the cluster is open, or stopped
    kCollecting,  // waits for Register of every worker, and for the log to be synced
    kLogging,     // Epoch{e+1, R} is being synced
    kConverging,  // waits for Converged of every worker
    kOpening,     // Watermark{e+1, R} is being synced
  };

  // Starts an attempt; what an earlier one gathered is forgotten.
  void Start(Attempt attempt, uint32_t worker_count);
  void Finish();

  Phase phase() const { return phase_; }
  const Attempt& attempt() const { return attempt_; }

  // REQUIRES for all: the frame came from `node`'s present stream, whose boot id is `boot_id`.
  // False: stale or not asked for, nothing changes.
  bool OnRegister(NodeId node, BootId boot_id, const wire::Register& frame);
  bool OnConverged(NodeId node, BootId boot_id, const wire::Converged& frame);

  bool all_registered() const { return registered_ == all_; }
  bool all_converged() const { return converged_ == all_; }
  NodeSet registered() const { return registered_; }
  NodeSet converged() const { return converged_; }
  const std::map<NodeId, WorkerReport>& reports() const { return reports_; }

  // kCollecting -> kLogging. REQUIRES: all registered.
  void Fix(Epoch new_epoch, RecoveryPlan plan);
  // kLogging -> kConverging.
  void BeginConverging();
  // kConverging -> kOpening. REQUIRES: all converged.
  void BeginOpening();
  Epoch new_epoch() const { return new_epoch_; }
  const RecoveryPlan& plan() const { return plan_; }
  wire::Converge MakeConverge(NodeId node) const;
  const std::map<NodeId, Csn>& last() const { return last_; }  // as told by Converged

  void CheckInvariants() const;

 private:
  Phase phase_ = Phase::kIdle;
  Attempt attempt_;
  NodeSet all_;
  NodeSet registered_;
  NodeSet converged_;
  std::map<NodeId, WorkerReport> reports_;  // of registered workers, and parts of others
  Epoch new_epoch_;
  RecoveryPlan plan_;
  std::map<NodeId, Csn> last_;
};

}  // namespace tidemark::txn
