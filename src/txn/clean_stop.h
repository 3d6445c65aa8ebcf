// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "txn/commit_queue.h"
#include "txn/coordinator_context.h"
#include "txn/snapshot_keeper.h"

namespace tidemark::txn {

// A clean stop between its request and its end: waits for the commits that are under way, for the
// last flush and for a snapshot, tells the operator what it waits for, and says when it is time to
// end, with all of that or because it gets no further.
// Owner: the coordinator. Threads: the master's loop.
class CleanStop {
 public:
  // Does not own its arguments, which outlive it.
  CleanStop(CoordinatorContext* context, const CommitQueue* queue, SnapshotKeeper* snapshots)
      : context_(*context), queue_(*queue), snapshots_(*snapshots) {}

  // The stop begins: the state is kStopping.
  void Begin(bool with_snapshot);
  // Everything it waits for is done. Asks for the last snapshot when it is the turn of that.
  bool IsComplete();
  // It has got no further for too long. To be called with every tick.
  bool IsOverdue();
  // What it waits for: "worker 1 writes its snapshot (45 %)".
  std::string Describe() const;

 private:
  uint64_t SnapshotBytes() const;

  CoordinatorContext& context_;
  const CommitQueue& queue_;
  SnapshotKeeper& snapshots_;
  bool with_snapshot_ = false;
  int64_t advanced_micros_ = 0;  // when it began, or its snapshot has grown
  uint64_t snapshot_bytes_ = 0;  // seen then
  int64_t next_notice_micros_ = 0;
};

}  // namespace tidemark::txn
