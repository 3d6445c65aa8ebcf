// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/coordinator_context.h"
#include "txn/reconcile.h"
#include "txn/recovery_history.h"

namespace tidemark::txn {

// What a recovery asks of the coordinator.
class RecoveryHost {
 public:
  virtual ~RecoveryHost() = default;
  // All workers hold R = `csn` and the new epoch is durable; `last` is each worker's newest commit
  // up to there.
  virtual void OpenCluster(Csn csn, const std::map<NodeId, Csn>& last) = 0;
  // What the worker holds does not fit: it is sent away for good, which begins a new attempt.
  virtual void RefuseWorker(NodeId node, const std::string& reason) = 0;
  // The process ends.
  virtual void FailWith(const absl::Status& status) = 0;
};

// Brings all workers to one state, attempt by attempt: docs/protocols/reconcile.md. It asks every
// worker for what it holds, fixes R, writes the new epoch into the master log, has the workers
// converge to R and lets the cluster open. Also knows what recoveries have undone.
// Owner: the coordinator, which passes on what came from a worker's present stream.
// Threads: the master's loop.
class Recovery {
 public:
  // Does not own its arguments, which outlive it.
  Recovery(CoordinatorContext* context, RecoveryHost* host) : context_(*context), host_(*host) {}

  // Begins a new attempt; what an earlier one has gathered is forgotten. REQUIRES: closed.
  void Start();
  // No attempt is wanted any more.
  void Finish() { reconcile_.Finish(); }
  // The worker has connected.
  void AskForReport(NodeId node);
  void OnRegister(NodeId from, const wire::Register& frame);
  void OnConverged(NodeId from, const wire::Converged& frame);
  // Fixes R when everything for that is there. To be called when the log was synced.
  void TryFix();
  // Commits up to `csn` were given out; some of them may be undone.
  void NoteSeen(Csn csn) { history_.NoteSeen(csn); }

  Reconcile::Phase phase() const { return reconcile_.phase(); }
  NodeSet registered() const { return reconcile_.registered(); }
  NodeSet converged() const { return reconcile_.converged(); }
  const RecoveryHistory& history() const { return history_; }
  // What it waits for: "waiting for worker 2 to report what it holds".
  std::string DescribePhase() const;
  void CheckInvariants() const;

 private:
  void OnEpochSynced(Attempt attempt);
  void Open(Attempt attempt);

  CoordinatorContext& context_;
  RecoveryHost& host_;
  Reconcile reconcile_;
  uint64_t attempt_number_ = 0;
  RecoveryHistory history_;
};

}  // namespace tidemark::txn
