// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "exec/slice_pace.h"
#include "worker/bulk_work.h"
#include "worker/commit_log.h"
#include "worker/engine_context.h"
#include "worker/fragment_queue.h"

namespace tidemark::worker {

// Lets the work of an engine take turns on the worker's loop, one slice of each in a turn: commits
// and operations first; then, in one turn of ten or when nothing else is to be done, garbage,
// snapshots and index builds.
//
// Owner: Engine. Threads: the worker's loop. No turn takes longer than about 0.5 ms.
class SliceScheduler {
 public:
  // Does not own the context and the work, which outlive this.
  struct Work {
    CommitLog* commits = nullptr;
    FragmentQueue* fragments = nullptr;
    BulkWork* bulk = nullptr;
  };
  SliceScheduler(EngineContext* context, const Work& work);
  SliceScheduler(const SliceScheduler&) = delete;
  SliceScheduler& operator=(const SliceScheduler&) = delete;

  // There is something to do: slices run from the next turn of the loop on, until all is done.
  void Wake();
  // The same for what a client waits for.
  void WakeForClient();
  // What waits for room in the log or for a job may go on now.
  void AskAgain();
  // The same for what the shard has to collect: its horizon has moved, or a large transaction is
  // half undone, whose elements nobody may change before all of it is.
  void WakeForGarbage();

 private:
  static constexpr int64_t kOperationsBesideCommit = 8;  // batches between two slices of a commit

  // Goes on behind what is small.
  void WakeLater();
  void WakeAfter(int64_t delay_micros);
  void RunTurn();
  // Large operations are all there is to do, and their memory is not there yet.
  bool LacksMemory() const;
  // False when no batch could run.
  bool RunFragments();
  void RunBackground();

  EngineContext* const context_;
  const Work work_;
  bool awake_ = false;         // a turn is posted
  bool put_off_ = false;       // a turn is given to PostLater
  bool wake_awaited_ = false;  // a timer runs
  bool collecting_ = false;    // there is garbage
  int low_memory_pauses_ = 0;  // since the last slice
  exec::SlicePace pace_;
  uint64_t turn_count_ = 0;
  int64_t client_micros_ = 0;  // when clients last wanted something
  // What comes back from the executor after this is gone does nothing.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
