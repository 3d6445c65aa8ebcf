// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/coordinator_context.h"
#include "txn/progress_notices.h"
#include "txn/snapshot_rounds.h"
#include "txn/watermark_keeper.h"

namespace tidemark::txn {

// Takes snapshots, on request and from time to time: has every worker write its part, writes the
// complete one into the master log, and tells the workers which files to keep. A round that fails
// leaves no file.
// Owner: the coordinator, which has checked epoch and boot id of what it passes on.
// Threads: the master's loop. Errors: told to those that wait.
class SnapshotKeeper {
 public:
  // Does not own its arguments, which outlive it.
  SnapshotKeeper(CoordinatorContext* context, ProgressNotices* progress, WatermarkKeeper* watermark)
      : context_(*context), progress_(*progress), watermark_(*watermark) {}

  // The cluster opens at `csn`: files of rounds that the recovery has ended go.
  void Open(Csn csn);
  // The round under way, if there is one, ends with `reason`; who waits is told.
  void Close(const absl::Status& reason) { End(reason); }
  void Request(SnapshotRounds::Callback done) { rounds_.Wait(std::move(done)); }
  // Starts a round when one is due, logs one that is complete.
  void Advance();
  void OnTaken(NodeId from, const wire::SnapshotTaken& frame);
  // Gives a round up that takes too long: it holds back the horizon.
  void Expire();

  bool active() const { return rounds_.active(); }
  bool has_waiter() const { return rounds_.has_waiter(); }
  // The workers that have not written their parts.
  NodeSet missing() const { return rounds_.missing(); }
  // When the newest round has ended.
  int64_t ended_micros() const { return ended_micros_; }
  // Something has become visible since the newest snapshot.
  bool has_news() const { return context_.visible() != Newest().csn; }

  void CheckInvariants() const;

 private:
  CommitId Newest() const;
  bool IsDue() const;
  void Start();
  void Log(const durability::SnapshotCompleteRecord& record);
  void Fail(const absl::Status& status);
  void End(const absl::StatusOr<CommitId>& result);
  // No snapshot file up to `through` is of a round under way.
  void SendRetain(Csn through);

  CoordinatorContext& context_;
  ProgressNotices& progress_;
  WatermarkKeeper& watermark_;
  SnapshotRounds rounds_;
  int64_t started_micros_ = 0;  // the newest round; before it, when the cluster has first opened
  int64_t ended_micros_ = 0;
};

}  // namespace tidemark::txn
