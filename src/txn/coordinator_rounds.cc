// SPDX-License-Identifier: Apache-2.0
// The coordinator's flush broadcasts, snapshots and clean stop.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

// --- Flush.

bool Coordinator::FlushIsDue(Csn csn) const {
  if (!options_.wal || flush_.under_way() || csn <= flush_.started()) return false;
  if (pipeline_.HasWatermarkWaiter(flush_.started(), csn)) return true;
  if (!flush_waiters_.empty() || state_ == ClusterState::kStopping) return true;
  return now_micros_ - flush_.started_micros() >= options_.wal_flush_interval_micros;
}

void Coordinator::AdvanceFlush() {
  LogWatermark();
  StartFlush();
  LogWatermark();  // a round that no worker needs to answer is complete
  while (!flush_waiters_.empty() && flush_waiters_.front().csn <= watermark()) {
    callbacks_.Add(
        [done = std::move(flush_waiters_.front().done), csn = watermark()] { done(csn); });
    flush_waiters_.pop_front();
  }
}

// Streams are ordered: a worker that has Flush{C} has logged every commit <= C that is its own.
void Coordinator::StartFlush() {
  // A schema change may have its csn and not be sent yet.
  const bool all_sent = !schema_commit_logging_;
  const Csn csn = all_sent ? pipeline_.assigned() : visible();
  if (!FlushIsDue(csn)) return;
  const auto& last = all_sent ? pipeline_.last_assigned() : pipeline_.last_visible();
  flush_.Start(csn, last, now_micros_).ForEach([&](NodeId node) {
    SendProgress(node);
    wire::Frame frame;
    frame.mutable_flush()->set_csn(csn.value());
    Send(node, std::move(frame));
  });
}

// What is flushed and visible.
void Coordinator::LogWatermark() {
  if (!options_.wal) return;
  const FlushRounds::Round& flushed = flush_.complete();
  const Csn csn = std::min(flushed.csn, visible());
  if (csn <= book_.appended_watermark()) return;  // a snapshot may say more
  // The rest of a round becomes visible soon: it waits for a sync of the log that is under way.
  if (csn < flushed.csn && book_.appended_watermark() > watermark()) return;
  durability::WatermarkRecord record;
  record.epoch = epoch();
  record.csn = csn;
  const auto& newest = csn < flushed.csn ? pipeline_.last_visible() : flushed.last;
  for (uint32_t id = 1; id <= worker_count(); ++id) {
    const auto last = newest.find(NodeId(id));
    record.last.push_back({NodeId(id), last == newest.end() ? Csn() : last->second});
  }
  if (PlantedBug("watermark-before-log-sync")) SetWatermark(csn);
  Append(record, [this, now = epoch(), csn] {
    if (working() && epoch() == now) SetWatermark(csn);
  });
}

void Coordinator::SetWatermark(Csn csn) {
  if (csn > watermark()) pipeline_.SetWatermark(csn);
}

void Coordinator::RequestFlush(std::function<void(absl::StatusOr<Csn>)> done) {
  absl::Status refused = ClosedStatus();
  if (refused.ok() && !options_.wal) {
    refused = absl::FailedPreconditionError("the WAL is off: take a snapshot instead");
  }
  if (refused.ok()) {
    flush_waiters_.push_back({visible(), std::move(done)});
  } else {
    callbacks_.Add([done = std::move(done), refused] { done(refused); });
  }
  Advance();
}

// --- Snapshots.

CommitId Coordinator::NewestSnapshot() const {
  if (log().snapshots().empty()) return {};
  return {log().snapshots().back().epoch, log().snapshots().back().csn};
}

bool Coordinator::SnapshotIsDue() const {
  if (snapshot_.active()) return false;
  if (snapshot_.has_waiter()) return true;
  if (!port_->CheckLogRoom().ok()) return false;
  if (options_.snapshot_interval_micros == 0 || visible() == NewestSnapshot().csn) return false;
  return now_micros_ - last_snapshot_micros_ >= options_.snapshot_interval_micros;
}

void Coordinator::AdvanceSnapshot() {
  if (SnapshotIsDue()) {
    if (visible() == NewestSnapshot().csn) {  // nothing has changed since
      EndSnapshot(NewestSnapshot());
      return;
    }
    const CommitId id{epoch(), visible()};
    const NodeSet workers = NodeSet::FirstWorkers(worker_count());
    snapshot_.Start(id, workers, pipeline_.last_visible());
    last_snapshot_micros_ = now_micros_;
    workers.ForEach([&](NodeId node) {
      SendProgress(node);
      wire::Frame frame;
      frame.mutable_take_snapshot()->set_csn(id.csn.value());
      frame.mutable_take_snapshot()->set_round(snapshot_.number());
      frame.mutable_take_snapshot()->set_limit_micros(
          static_cast<uint64_t>(options_.horizon_limit_micros));
      Send(node, std::move(frame));
    });
  }
  if (const auto record = snapshot_.TakeComplete()) LogSnapshot(*record);
}

void Coordinator::OnSnapshotTaken(NodeId from, const wire::SnapshotTaken& frame) {
  const Csn csn(frame.csn());
  if (!snapshot_.active() || frame.round() != snapshot_.number()) return;
  std::string error = frame.error();
  if (error.empty() && Csn(frame.last_csn()) != snapshot_.LastOf(from)) {
    error = absl::StrCat("its newest commit up to there is ", frame.last_csn(), ", not ",
                         snapshot_.LastOf(from).value());
  }
  if (!error.empty()) {
    FailSnapshot(absl::ResourceExhaustedError(absl::StrCat("worker ", from.value(),
                                                           " could not take the snapshot of csn ",
                                                           csn.value(), ": ", error)));
    return;
  }
  durability::SnapshotCompleteRecord::Part part;
  part.node = from;
  part.digest = frame.digest();
  part.last_csn = Csn(frame.last_csn());
  part.bytes = frame.bytes();
  part.vertices = frame.vertices();
  part.edges = frame.edges();
  snapshot_.OnTaken(part, frame.round());
}

void Coordinator::ExpireSnapshot() {
  if (!snapshot_.active() || snapshot_.missing().empty()) return;
  if (now_micros_ - last_snapshot_micros_ < options_.horizon_limit_micros) return;
  FailSnapshot(absl::DeadlineExceededError(absl::StrCat(
      "worker ", snapshot_.missing().ToString(), " has not finished the snapshot of csn ",
      snapshot_.id().csn.value(), " within ", options_.horizon_limit_micros / kMicrosPerSecond,
      " s; it is given up, look at the worker's disk")));
}

// The workers that have written their part remove it: what failed once would fill their disks.
void Coordinator::FailSnapshot(const absl::Status& status) {
  port_->Log(MessageOf(status));
  const Csn csn = snapshot_.id().csn;
  EndSnapshot(status);
  if (!PlantedBug("failed-snapshots-stay")) SendRetain(csn);
}

void Coordinator::LogSnapshot(const durability::SnapshotCompleteRecord& record) {
  Append(record, [this, record] {
    if (!working() || epoch() != record.epoch) return;
    SetWatermark(record.csn);
    for (const auto& part : record.parts) flush_.NoteFlushed(part.node, record.csn);
    SendRetain(record.csn);
    EndSnapshot(CommitId{record.epoch, record.csn});
  });
}

void Coordinator::EndSnapshot(const absl::StatusOr<CommitId>& result) {
  stop_advanced_micros_ = now_micros_;
  for (auto& done : snapshot_.Finish()) {
    callbacks_.Add([done = std::move(done), result] { done(result); });
  }
}

void Coordinator::SendRetain(Csn through) {
  members_.connected().ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_retain()->set_through(through.value());
    frame.mutable_retain()->set_round(snapshot_.number());
    for (const auto& record : log().snapshots()) {
      for (const auto& part : record.parts) {
        if (part.node != node) continue;
        wire::SnapshotFile* file = frame.mutable_retain()->add_snapshots();
        file->set_epoch(record.epoch.value());
        file->set_csn(record.csn.value());
        file->set_digest(part.digest);
        file->set_last_csn(part.last_csn.value());
      }
    }
    Send(node, std::move(frame));
  });
}

void Coordinator::RequestSnapshot(SnapshotCallback done) {
  if (state_ == ClusterState::kOpen) {
    snapshot_.Wait(std::move(done));
  } else {
    callbacks_.Add([done = std::move(done), status = ClosedStatus()] { done(status); });
  }
  Advance();
}

// --- Clean stop.

void Coordinator::Shutdown(bool snapshot) {
  if (failed_ || state_ == ClusterState::kStopping || state_ == ClusterState::kStopped) return;
  if (state_ == ClusterState::kReconciling) {
    Stop();
    callbacks_.Run();
    return;
  }
  SetState(ClusterState::kStopping);
  stop_advanced_micros_ = now_micros_;
  next_stop_notice_micros_ = now_micros_ + kStopNoticeMicros;
  for (const TxId tx : transactions_.OpenIds()) {
    if (!transactions_.Find(tx)->ending) {
      AbortOpen(tx, absl::UnavailableError("the cluster is being stopped; rolled back"));
    }
  }
  stop_with_snapshot_ = snapshot && visible() != NewestSnapshot().csn;
  if (!snapshot && snapshot_.active() && !snapshot_.has_waiter()) {
    EndSnapshot(absl::UnavailableError("the cluster is being stopped"));
  }
  Advance();
}

uint64_t Coordinator::SnapshotBytes() const {
  uint64_t bytes = 0;
  members_.connected().ForEach(
      [&](NodeId node) { bytes += members_.Find(node)->figures.snapshot_bytes(); });
  return bytes;
}

std::string Coordinator::DescribeStop() const {
  if (snapshot_.active()) {
    std::string text;
    snapshot_.missing().ForEach([&](NodeId node) {
      const uint32_t permille = members_.Find(node)->figures.snapshot_permille();
      absl::StrAppend(&text, text.empty() ? "" : ", ", "worker ", node.value(),
                      " writes its snapshot (", permille / 10, " %)");
    });
    return text.empty() ? "the snapshot is being noted in the master log" : text;
  }
  if (!queue_.empty() || pipeline_.unapplied_count() > 0) {
    return absl::StrCat(queue_.size() + pipeline_.unapplied_count(), " commits are under way");
  }
  return "the last flush is under way";
}

void Coordinator::ExpireStop() {
  if (state_ != ClusterState::kStopping) return;
  const uint64_t bytes = SnapshotBytes();
  if (snapshot_.active() && bytes != stop_snapshot_bytes_) {
    stop_snapshot_bytes_ = bytes;
    stop_advanced_micros_ = now_micros_;
  }
  const int64_t limit_micros = snapshot_.active() ? kSnapshotStallMicros : kStopLimitMicros;
  if (now_micros_ - stop_advanced_micros_ >= limit_micros) {
    port_->Log(absl::StrCat("the stop waits no longer: ", DescribeStop()));
    Stop();
  } else if (snapshot_.active() && now_micros_ >= next_stop_notice_micros_) {
    next_stop_notice_micros_ = now_micros_ + kStopNoticeMicros;
    port_->Log(absl::StrCat("stopping: ", DescribeStop()));
  }
}

void Coordinator::AdvanceStop() {
  if (state_ != ClusterState::kStopping) return;
  if (!queue_.empty() || pipeline_.unapplied_count() > 0 || snapshot_.active()) return;
  if (options_.wal && watermark() < visible()) return;  // the last flush is under way
  if (stop_with_snapshot_) {
    stop_with_snapshot_ = false;  // one try: without it there is more to replay, no harm
    if (visible() != NewestSnapshot().csn) {
      snapshot_.Wait([](const absl::StatusOr<CommitId>&) {});
      AdvanceSnapshot();
      return;
    }
  }
  Stop();
}

void Coordinator::Stop() {
  reason_ = "it is being stopped";
  CloseCluster();
  callbacks_.Tell(pipeline_.TakeAll(absl::UnknownError(
      "the master was stopped before it could tell whether the transaction is committed")));
  const absl::Status stopped = absl::UnavailableError("the master was stopped; try again later");
  for (auto& waiter : names_.TakeWaiters()) {
    callbacks_.Add([waiter = std::move(waiter), stopped] { waiter(stopped); });
  }
  members_.connected().ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_shutdown();
    Send(node, std::move(frame));
  });
  reconcile_.Finish();
  for (auto& done : heartbeats_.TakeAll()) callbacks_.Add(std::move(done));
  SetState(ClusterState::kStopped);
  // Whoever waits hears of it first.
  callbacks_.Add([this] { port_->OnStopped(); });
}

}  // namespace tidemark::txn
