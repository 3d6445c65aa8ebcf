// SPDX-License-Identifier: Apache-2.0
// The coordinator's figures and invariants.
#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

absl::Status Coordinator::ClosedStatus() const {
  std::string why;
  switch (state_) {
    case ClusterState::kOpen:
      return absl::OkStatus();
    case ClusterState::kStopping:
      why = absl::StrCat("the cluster is being stopped: ", DescribeStop());
      break;
    case ClusterState::kStopped:
      why = "the cluster is being stopped";
      break;
    case ClusterState::kReconciling:
      why = "the cluster is closed: ";
      if (const int64_t silent = LogSilenceMicros(); silent >= options_.silence_limit_micros) {
        absl::StrAppend(&why, "the disk of the master log has not answered for ",
                        silent / kMicrosPerSecond, " s");
      } else if (const std::string missing = members_.DescribeMissing(now_micros_);
                 !missing.empty()) {
        absl::StrAppend(&why, "waiting for ", missing);
      } else {
        absl::StrAppend(&why, "recovery is under way, ", DescribePhase());
      }
  }
  return absl::UnavailableError(why);
}

std::string Coordinator::DescribePhase() const {
  NodeSet slow = members_.connected();
  const bool converging = reconcile_.phase() == Reconcile::Phase::kConverging;
  (converging ? reconcile_.converged() : reconcile_.registered()).ForEach([&](NodeId node) {
    slow.Remove(node);
  });
  if (slow.empty()) return "the master log is being synced";
  std::string reading;
  slow.ForEach([&](NodeId node) {
    const wire::HeartbeatReply& figures = members_.Find(node)->figures;
    if (figures.start_bytes() == 0) return;
    constexpr uint64_t kBytesPerMib = 1 << 20;
    absl::StrAppend(&reading, reading.empty() ? "" : ", ", "worker ", node.value(),
                    " reads its files (", figures.start_read_bytes() / kBytesPerMib, " of ",
                    figures.start_bytes() / kBytesPerMib, " MiB)");
  });
  if (!reading.empty()) return reading;
  return absl::StrCat("waiting for worker ", slow.ToString(),
                      converging ? " to load its state" : " to report what it holds");
}

Csn Coordinator::Horizon() const {
  // Without a WAL no recovery undoes what was visible (it reloads instead).
  Csn horizon = options_.wal ? watermark() : visible();
  if (const auto oldest = transactions_.OldestReadCsn()) horizon = std::min(horizon, *oldest);
  if (snapshot_.active()) horizon = std::min(horizon, snapshot_.id().csn);
  return horizon;
}

WorkerStatus Coordinator::StatusOf(NodeId node) const {
  const Membership::Worker& worker = *members_.Find(node);
  WorkerStatus status;
  status.node = node;
  status.reason = worker.refused.empty() ? worker.reason : worker.refused;
  if (!worker.refused.empty()) {
    status.state = WorkerState::kRefused;
  } else if (!members_.connected().Contains(node)) {
    status.state = worker.disk_is_silent ? WorkerState::kDiskSilent : WorkerState::kAbsent;
  } else if (working()) {
    status.state = WorkerState::kOpen;
  } else if (reconcile_.converged().Contains(node)) {
    status.state = WorkerState::kConverged;
  } else if (reconcile_.registered().Contains(node)) {
    status.state = WorkerState::kRegistered;
  } else {
    status.state = WorkerState::kConnected;
  }
  if (status.state == WorkerState::kOpen) status.reason = worker.figures.disk_full();
  status.boot_id = worker.boot_id;
  status.pid = worker.pid;
  status.address = worker.address;
  status.build = worker.build;
  if (worker.figures_micros.has_value()) {
    status.figures_age_micros = now_micros_ - *worker.figures_micros;
  }
  status.vertices = worker.figures.vertices();
  status.edges = worker.figures.edges();
  status.wal_bytes = worker.figures.wal_bytes();
  status.wal_syncs = worker.figures.wal_syncs();
  status.resident_bytes = worker.figures.resident_bytes();
  status.storage_bytes = worker.figures.storage_bytes();
  status.undo_bytes = worker.figures.undo_bytes();
  status.unflushed_bytes = worker.figures.unflushed_bytes();
  status.steps.long_step_count = worker.figures.steps_over_1ms();
  status.steps.max_cpu_micros = static_cast<int64_t>(worker.figures.max_step_micros());
  status.steps.by_micros.assign(worker.figures.steps_by_micros().begin(),
                                worker.figures.steps_by_micros().end());
  return status;
}

ClusterStatus Coordinator::Status() const {
  ClusterStatus status;
  status.state = state_;
  status.reason = MessageOf(ClosedStatus());
  if (state_ == ClusterState::kOpen) status.reason = MessageOf(CheckMasterRoom());
  status.cluster_id = log().cluster().id;
  status.epoch = epoch();
  status.watermark = working() ? watermark() : WatermarkOf(log());
  status.visible = std::max(visible(), status.watermark);
  status.horizon = Horizon();
  status.snapshots = log().snapshots();
  for (uint32_t id = 1; id <= worker_count(); ++id) {
    status.workers.push_back(StatusOf(NodeId(id)));
  }
  status.undone = history_.undone();
  status.undone_total = history_.undone_total();
  status.recovery_count = history_.count();
  status.open_transactions = transactions_.size();
  status.queued_commits = queue_.size();
  status.commits = commit_count_;
  status.flush_rounds = flush_.count();
  return status;
}

void Coordinator::RefreshFigures(std::function<void()> done) {
  if (failed_ || state_ == ClusterState::kStopped || heartbeats_.is_full()) {
    callbacks_.Add(std::move(done));
  } else {
    SendHeartbeats();
    heartbeats_.Wait(now_micros_, std::move(done));
  }
  Advance();
}

void Coordinator::CheckInvariants() const {
  transactions_.CheckInvariants();
  pipeline_.CheckInvariants();
  flush_.CheckInvariants();
  snapshot_.CheckInvariants();
  reconcile_.CheckInvariants();
  members_.CheckInvariants();
  names_.CheckInvariants();
  book_.CheckInvariants();
  CHECK(epoch() >= checked_epoch_) << "epoch " << epoch() << " after " << checked_epoch_;
  checked_epoch_ = epoch();
  CHECK(callbacks_.empty() || callbacks_.running() || failed_);
  if (failed_) return;
  CHECK_LE(queue_.size(), kMaxQueuedCommitCount);
  if (working()) {
    CHECK(pipeline_.epoch() == epoch() && reconcile_.phase() == Reconcile::Phase::kIdle);
    CHECK(members_.Missing().empty());
  } else {
    CHECK(queue_.empty() && transactions_.size() == 0 && !snapshot_.active());
    CHECK(!flush_.under_way() && flush_waiters_.empty() && !schema_commit_logging_);
  }
  // What W claims is what the log says: nothing else survives this process.
  if (state_ == ClusterState::kOpen && options_.wal) {
    CHECK(watermark() <= WatermarkOf(log())) << watermark() << " above the log's";
  }
}

}  // namespace tidemark::txn
