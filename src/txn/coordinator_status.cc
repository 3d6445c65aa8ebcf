// SPDX-License-Identifier: Apache-2.0
// The coordinator's figures and invariants.
#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

absl::Status Coordinator::ClosedStatus() const {
  std::string why;
  switch (context_.state) {
    case ClusterState::kOpen:
      return absl::OkStatus();
    case ClusterState::kStopping:
      why = absl::StrCat("the cluster is being stopped: ", stop_.Describe());
      break;
    case ClusterState::kStopped:
      why = "the cluster is being stopped";
      break;
    case ClusterState::kReconciling:
      why = "the cluster is closed: ";
      if (const int64_t silent = LogSilenceMicros();
          silent >= context_.options.silence_limit_micros) {
        absl::StrAppend(&why, "the disk of the master log has not answered for ",
                        silent / kMicrosPerSecond, " s");
      } else if (const std::string missing = context_.members.DescribeMissing(context_.now_micros);
                 !missing.empty()) {
        absl::StrAppend(&why, "waiting for ", missing);
      } else {
        absl::StrAppend(&why, "recovery is under way, ", recovery_.DescribePhase());
      }
  }
  return absl::UnavailableError(why);
}

WorkerStatus Coordinator::StatusOf(NodeId node) const {
  const Membership::Worker& worker = *context_.members.Find(node);
  WorkerStatus status;
  status.node = node;
  status.reason = worker.refused.empty() ? worker.reason : worker.refused;
  if (!worker.refused.empty()) {
    status.state = WorkerState::kRefused;
  } else if (!context_.members.connected().Contains(node)) {
    status.state = worker.disk_is_silent ? WorkerState::kDiskSilent : WorkerState::kAbsent;
  } else if (context_.working()) {
    status.state = WorkerState::kOpen;
  } else if (recovery_.converged().Contains(node)) {
    status.state = WorkerState::kConverged;
  } else if (recovery_.registered().Contains(node)) {
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
    status.figures_age_micros = context_.now_micros - *worker.figures_micros;
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

const wire::GraphCounts* Coordinator::CountsOf(NodeId node) const {
  const Membership::Worker* const worker = context_.members.Find(node);
  return worker->counts.has_value() ? &*worker->counts : nullptr;
}

ClusterStatus Coordinator::Status() const {
  ClusterStatus status;
  status.state = context_.state;
  status.reason = MessageOf(ClosedStatus());
  if (context_.state == ClusterState::kOpen) status.reason = MessageOf(queue_.CheckMasterRoom());
  status.cluster_id = log().cluster().id;
  status.epoch = epoch();
  status.watermark = context_.working() ? watermark() : WatermarkOf(log());
  status.visible = std::max(visible(), status.watermark);
  status.horizon = progress_.Horizon();
  status.snapshots = log().snapshots();
  for (uint32_t id = 1; id <= worker_count(); ++id) {
    status.workers.push_back(StatusOf(NodeId(id)));
  }
  status.undone = recovery_.history().undone();
  status.undone_total = recovery_.history().undone_total();
  status.recovery_count = recovery_.history().count();
  status.open_transactions = context_.transactions.size();
  status.queued_commits = queue_.size();
  status.commits = queue_.commit_count();
  status.flush_rounds = watermark_.round_count();
  return status;
}

void Coordinator::CheckInvariants() const {
  context_.transactions.CheckInvariants();
  context_.pipeline.CheckInvariants();
  context_.members.CheckInvariants();
  context_.book.CheckInvariants();
  names_.CheckInvariants();
  queue_.CheckInvariants();
  watermark_.CheckInvariants();
  snapshots_.CheckInvariants();
  recovery_.CheckInvariants();
  CHECK(epoch() >= checked_epoch_) << "epoch " << epoch() << " after " << checked_epoch_;
  checked_epoch_ = epoch();
  CHECK(context_.callbacks.empty() || context_.callbacks.running() || context_.failed);
  if (context_.failed) return;
  if (context_.working()) {
    CHECK(context_.pipeline.epoch() == epoch());
    CHECK(context_.members.Missing().empty());
  } else {
    CHECK_EQ(context_.transactions.size(), 0u);
  }
}

}  // namespace tidemark::txn
