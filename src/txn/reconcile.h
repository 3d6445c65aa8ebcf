// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>

#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/recovery_plan.h"
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

  // REQUIRES for both: the frame came from the present stream of `node`, whose boot is `boot_id`.
  // False: stale or not asked for, nothing changes.
  bool OnRegister(NodeId node, BootId boot_id, const wire::Register& frame);
  bool OnConverged(NodeId node, BootId boot_id, const wire::Converged& frame);

  bool all_registered() const { return registered_ == all_; }
  bool all_converged() const { return converged_ == all_; }
  NodeSet registered() const { return registered_; }
  NodeSet converged() const { return converged_; }
  // REQUIRES: all_registered().
  const std::map<NodeId, WorkerReport>& reports() const { return reports_; }

  // kCollecting -> kLogging. REQUIRES: all registered, the plan is valid.
  void Fix(Epoch new_epoch, RecoveryPlan plan);
  // kLogging -> kConverging.
  void BeginConverging();
  // kConverging -> kOpening. REQUIRES: all converged.
  void BeginOpening();
  Epoch new_epoch() const { return new_epoch_; }
  const RecoveryPlan& plan() const { return plan_; }
  wire::Converge MakeConverge(NodeId node) const;
  // Each worker's newest commit <= R, as told by Converged.
  const std::map<NodeId, Csn>& last() const { return last_; }

  void CheckInvariants() const;

 private:
  Phase phase_ = Phase::kIdle;
  Attempt attempt_;
  NodeSet all_;
  NodeSet registered_;
  NodeSet converged_;
  std::map<NodeId, WorkerReport> reports_;  // those still coming in included
  Epoch new_epoch_;
  RecoveryPlan plan_;
  std::map<NodeId, Csn> last_;
};

}  // namespace tidemark::txn
