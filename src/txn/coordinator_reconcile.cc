// SPDX-License-Identifier: Apache-2.0
// The coordinator's part of recovery: docs/protocols/reconcile.md.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

// Step 0: a new attempt.
void Coordinator::StartReconcile(const std::string& reason) {
  if (failed_ || state_ == ClusterState::kStopped) return;
  port_->Log(reason);
  reason_ = reason;
  if (state_ == ClusterState::kStopping) {
    Stop();
    return;
  }
  CloseCluster();
  SetState(ClusterState::kReconciling);
  reconcile_.Start({boot_id_, ++attempt_number_}, worker_count());
  members_.connected().ForEach([&](NodeId node) { SendReport(node); });
}

// Ends everything that was under way, except for the clients that wait for a verdict.
void Coordinator::CloseCluster() {
  if (!working()) return;
  const absl::Status reason =
      absl::UnavailableError(absl::StrCat("the cluster closed (", reason_, "); rolled back"));
  // No Abort frames: a worker drops open transactions when it is asked to report.
  for (const TxId tx : transactions_.OpenIds()) {
    const bool queued = transactions_.Find(tx)->ending;
    transactions_.End(tx);
    if (queued) continue;
    callbacks_.Add([this, tx, reason] { port_->OnTransactionAborted(tx, reason); });
  }
  for (QueuedCommit& commit : queue_) callbacks_.Tell(std::move(commit.done), reason);
  queue_.clear();
  schema_commit_logging_ = false;
  for (FlushWaiter& waiter : flush_waiters_) {
    callbacks_.Add([done = std::move(waiter.done), reason] { done(reason); });
  }
  flush_waiters_.clear();
  flush_.Close();
  if (!PlantedBug("snapshot-survives-epoch")) EndSnapshot(reason);
  history_.NoteSeen(pipeline_.assigned());
  pipeline_.Close();
  if (PlantedBug("verdict-before-reconcile")) callbacks_.Tell(pipeline_.TakeAll(reason));
}

// Step 1.
void Coordinator::SendReport(NodeId to) {
  wire::Frame frame;
  ToWire(reconcile_.attempt(), frame.mutable_report()->mutable_attempt());
  Send(to, std::move(frame));
}

// Steps 2 and 3: every earlier append is synced, or this process ends, before R is fixed.
void Coordinator::TryFix() {
  if (failed_ || reconcile_.phase() != Reconcile::Phase::kCollecting) return;
  if (!reconcile_.all_registered()) return;
  if (!book_.is_drained() && !PlantedBug("epoch-not-drained")) return;
  const PlanRules rules{options_.wal, options_.recovery_point, history_.count() == 0};
  RecoveryPlan plan = PlanRecovery(log(), reconcile_.reports(), rules);
  if (!plan.log_is_old.empty()) {
    FailWith(absl::FailedPreconditionError(plan.log_is_old));
    return;
  }
  if (!plan.refused.empty()) {
    for (const auto& [node, reason] : plan.refused) RefuseWorker(node, reason);
    return;
  }
  history_.NoteSeen(plan.newest);
  const Epoch new_epoch = book_.appended_epoch().Next();
  const Csn csn = plan.csn;
  reconcile_.Fix(new_epoch, std::move(plan));
  Append(durability::EpochRecord{new_epoch, csn},
         [this, attempt = reconcile_.attempt()] { OnEpochSynced(attempt); });
}

// Step 4.
void Coordinator::OnEpochSynced(Attempt attempt) {
  if (reconcile_.attempt() != attempt || reconcile_.phase() != Reconcile::Phase::kLogging) return;
  reconcile_.BeginConverging();
  members_.connected().ForEach([&](NodeId node) {
    wire::Frame frame;
    *frame.mutable_converge() = reconcile_.MakeConverge(node);
    Send(node, std::move(frame));
  });
}

// Step 5.
void Coordinator::OnConverged(NodeId from, const wire::Converged& frame) {
  if (!reconcile_.OnConverged(from, members_.Find(from)->boot_id, frame)) return;
  const RecoveryPlan& plan = reconcile_.plan();
  const Csn expected = plan.workers.at(from).last_csn;
  if (Csn(frame.last_csn()) != expected && !PlantedBug("attempt-not-checked")) {
    RefuseWorker(from, absl::StrCat("worker ", from.value(), " came to csn ", plan.csn.value(),
                                    " with newest commit ", frame.last_csn(), " instead of ",
                                    expected.value(), ": its directory is damaged"));
    return;
  }
  if (!reconcile_.all_converged()) return;
  reconcile_.BeginOpening();
  // Without a WAL only snapshots move W.
  durability::WatermarkRecord record;
  record.epoch = reconcile_.new_epoch();
  record.csn = options_.wal ? plan.csn : log().watermark().csn;
  for (const auto& [node, last] : reconcile_.last()) {
    record.last.push_back({node, options_.wal ? last : LastAtWatermark(log(), node)});
  }
  const Attempt attempt = reconcile_.attempt();
  Append(record, [this, attempt] { OpenCluster(attempt); });
  if (PlantedBug("open-without-synced-watermark")) OpenCluster(attempt);
}

void Coordinator::OpenCluster(Attempt attempt) {
  if (reconcile_.attempt() != attempt || reconcile_.phase() != Reconcile::Phase::kOpening) return;
  const Csn csn = reconcile_.plan().csn;
  const Csn watermark = options_.wal ? csn : log().watermark().csn;
  transactions_.StartEpoch(epoch());
  pipeline_.Open(epoch(), csn, watermark, reconcile_.last());
  flush_.Open(csn);
  progress_.clear();
  reconcile_.Finish();
  if (last_snapshot_micros_ == 0) last_snapshot_micros_ = now_micros_;
  reason_.clear();
  history_.End(csn);
  port_->Log(absl::StrCat("open at csn ", csn.value(), " in epoch ", epoch().value(),
                          history_.DescribeUndone()));
  SetState(ClusterState::kOpen);
  port_->OnRecovered(csn);
  // Rounds that the recovery has ended leave files.
  if (snapshot_.number() > 0 || !log().snapshots().empty()) SendRetain(csn);
  callbacks_.Tell(pipeline_.TakeRecovered(log()));
}

}  // namespace tidemark::txn
