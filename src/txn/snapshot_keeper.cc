// SPDX-License-Identifier: Apache-2.0
#include "txn/snapshot_keeper.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"

namespace tidemark::txn {

void SnapshotKeeper::Open(Csn csn) {
  if (started_micros_ == 0) started_micros_ = context_.now_micros;
  if (rounds_.number() > 0 || !context_.log().snapshots().empty()) SendRetain(csn);
}

CommitId SnapshotKeeper::Newest() const {
  const auto& snapshots = context_.log().snapshots();
  if (snapshots.empty()) return {};
  return {snapshots.back().epoch, snapshots.back().csn};
}

bool SnapshotKeeper::IsDue() const {
  if (rounds_.active()) return false;
  if (rounds_.has_waiter()) return true;
  if (!context_.port->CheckLogRoom().ok()) return false;
  const int64_t interval_micros = context_.options.snapshot_interval_micros;
  if (interval_micros == 0 || !has_news()) return false;
  return context_.now_micros - started_micros_ >= interval_micros;
}

void SnapshotKeeper::Advance() {
  if (IsDue()) {
    if (!has_news()) return End(Newest());
    Start();
  }
  if (const auto record = rounds_.TakeComplete()) Log(*record);
}

void SnapshotKeeper::Start() {
  const CommitId id{context_.epoch(), context_.visible()};
  const NodeSet workers = NodeSet::FirstWorkers(context_.worker_count());
  rounds_.Start(id, workers, context_.pipeline.last_visible());
  progress_.HoldHorizon(id.csn);
  started_micros_ = context_.now_micros;
  workers.ForEach([&](NodeId node) {
    progress_.SendTo(node);
    wire::Frame frame;
    frame.mutable_take_snapshot()->set_csn(id.csn.value());
    frame.mutable_take_snapshot()->set_round(rounds_.number());
    frame.mutable_take_snapshot()->set_limit_micros(
        static_cast<uint64_t>(context_.options.horizon_limit_micros));
    context_.Send(node, std::move(frame));
  });
}

void SnapshotKeeper::OnTaken(NodeId from, const wire::SnapshotTaken& frame) {
  const Csn csn(frame.csn());
  if (!rounds_.active() || frame.round() != rounds_.number()) return;
  std::string error = frame.error();
  if (error.empty() && Csn(frame.last_csn()) != rounds_.LastOf(from)) {
    error = absl::StrCat("its newest commit up to there is ", frame.last_csn(), ", not ",
                         rounds_.LastOf(from).value());
  }
  if (!error.empty()) {
    Fail(absl::ResourceExhaustedError(absl::StrCat("worker ", from.value(),
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
  rounds_.OnTaken(part, frame.round());
}

void SnapshotKeeper::Expire() {
  if (!rounds_.active() || rounds_.missing().empty()) return;
  const int64_t limit_micros = context_.options.horizon_limit_micros;
  if (context_.now_micros - started_micros_ < limit_micros) return;
  Fail(absl::DeadlineExceededError(absl::StrCat(
      "worker ", rounds_.missing().ToString(), " has not finished the snapshot of csn ",
      rounds_.id().csn.value(), " within ", limit_micros / kMicrosPerSecond,
      " s; it is given up, look at the worker's disk")));
}

// The workers that have written their part remove it: what failed once would fill their disks.
void SnapshotKeeper::Fail(const absl::Status& status) {
  context_.port->Log(MessageOf(status));
  const Csn csn = rounds_.id().csn;
  End(status);
  if (!PlantedBug("failed-snapshots-stay")) SendRetain(csn);
}

void SnapshotKeeper::Log(const durability::SnapshotCompleteRecord& record) {
  context_.Append(record, [this, record] {
    if (!context_.working() || context_.epoch() != record.epoch) return;
    watermark_.Raise(record.csn);
    for (const auto& part : record.parts) watermark_.NoteFlushed(part.node, record.csn);
    SendRetain(record.csn);
    End(CommitId{record.epoch, record.csn});
  });
}

void SnapshotKeeper::End(const absl::StatusOr<CommitId>& result) {
  ended_micros_ = context_.now_micros;
  progress_.ReleaseHorizon();
  for (auto& done : rounds_.Finish()) {
    context_.callbacks.Add([done = std::move(done), result] { done(result); });
  }
}

void SnapshotKeeper::SendRetain(Csn through) {
  context_.members.connected().ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_retain()->set_through(through.value());
    frame.mutable_retain()->set_round(rounds_.number());
    for (const auto& record : context_.log().snapshots()) {
      for (const auto& part : record.parts) {
        if (part.node != node) continue;
        wire::SnapshotFile* file = frame.mutable_retain()->add_snapshots();
        file->set_epoch(record.epoch.value());
        file->set_csn(record.csn.value());
        file->set_digest(part.digest);
        file->set_last_csn(part.last_csn.value());
      }
    }
    context_.Send(node, std::move(frame));
  });
}

void SnapshotKeeper::CheckInvariants() const {
  rounds_.CheckInvariants();
  CHECK(context_.working() || context_.failed || !rounds_.active());
  CHECK_EQ(rounds_.active(), progress_.held().has_value()) << "the horizon and the round differ";
  CHECK(!rounds_.active() || *progress_.held() == rounds_.id().csn);
}

}  // namespace tidemark::txn
