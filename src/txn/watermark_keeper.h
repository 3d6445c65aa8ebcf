// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "txn/commit_queue.h"
#include "txn/coordinator_context.h"
#include "txn/flush_rounds.h"
#include "txn/progress_notices.h"

namespace tidemark::txn {

// Moves the watermark: has the workers sync their logs round by round, writes what is flushed and
// visible into the master log, and raises W when that record is synced. Holds those that asked for
// a flush.
// Owner: the coordinator, which has checked epoch and boot id of what it passes on.
// Threads: the master's loop.
class WatermarkKeeper {
 public:
  using Callback = std::function<void(absl::StatusOr<Csn>)>;

  // Does not own its arguments, which outlive it.
  WatermarkKeeper(CoordinatorContext* context, const CommitQueue* queue, ProgressNotices* progress)
      : context_(*context), queue_(*queue), progress_(*progress) {}

  // The cluster opens: everything <= csn is flushed everywhere.
  void Open(Csn csn) { rounds_.Open(csn); }
  // The cluster closes: rounds end, who waits is told `reason`.
  void Close(const absl::Status& reason);
  // `done` with the watermark when it covers what is visible now; an error without a WAL.
  void Request(Callback done);
  // The worker has synced its WAL up to there.
  void OnFlushed(NodeId node, Csn csn) { rounds_.OnFlushed(node, csn); }
  // A snapshot of `csn` is durable on the worker.
  void NoteFlushed(NodeId node, Csn csn) { rounds_.NoteFlushed(node, csn); }
  // W comes to `csn` unless it is there already.
  void Raise(Csn csn);
  // Does everything that has become possible.
  void Advance();

  // How many rounds there were.
  uint64_t round_count() const { return rounds_.count(); }
  void CheckInvariants() const;

 private:
  struct Waiter {
    Csn csn;
    Callback done;
  };
  bool IsDue(Csn csn) const;
  void StartRound();
  void LogWatermark();

  CoordinatorContext& context_;
  const CommitQueue& queue_;
  ProgressNotices& progress_;
  FlushRounds rounds_;
  std::deque<Waiter> waiters_;  // by csn
};

}  // namespace tidemark::txn
