// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "env/step_stats.h"

namespace tidemark::env {

// Background work that must stay in order goes through a queue. Queues of one node are independent.
enum class JobQueue : uint8_t {
  kLogSync = 0,     // syncs of WAL or master log
  kLogPrepare = 1,  // preallocates segments, removes old ones
  kSnapshot = 2,    // encodes, writes and syncs snapshot files
  kRecovery = 3,    // reads files while starting
  kConnect = 4,     // makes listeners and connections, reads certificates and large requests
  kPlan = 5,        // makes long statements ready to run
  kFree = 6,        // frees what large queries have kept
  kCompute = 7,     // functions of huge values
};
inline constexpr int kJobQueueCount = 8;

// What is long and takes memory waits so long for it at a time, and so often.
inline constexpr int64_t kLowMemoryPauseMicros = 1'000;
inline constexpr int kMaxLowMemoryPauses = 25;

// One node's event loop and its background threads. The logic of a node runs on the loop thread
// only; jobs run elsewhere and must touch nothing that the loop touches.
// A *turn* of the loop runs everything that was posted or has come due when it began, then the
// functions given to AtTurnEnd. Frames and log bytes of one turn are handed over together there.
class Executor {
 public:
  using TimerId = uint64_t;  // 0 = none

  virtual ~Executor() = default;
  // Runs `fn` on the loop, in the order of posting. Threads: any.
  virtual void Post(std::function<void()> fn) = 0;
  // Runs `fn` on the loop, in the order of these, when there is nothing else to do, or when it has
  // waited for some time: the next slice of work that is long. Threads: loop.
  virtual void PostLater(std::function<void()> fn) { Post(std::move(fn)); }
  // The same for what takes memory, in any order: it pauses while there is little (memory_is_low),
  // because whoever else runs would wait with it for the kernel. Threads: loop.
  void PostLaterWithMemory(std::function<void()> fn) { PostAfterPauses(0, std::move(fn)); }
  // Runs `fn` at the end of the current turn; one that is given while the turn ends still runs in
  // that turn, after those given before. Threads: loop.
  virtual void AtTurnEnd(std::function<void()> fn) = 0;
  // Runs `fn` on the loop not earlier than `delay_micros` from now. Threads: loop.
  virtual TimerId RunAfter(int64_t delay_micros, std::function<void()> fn) = 0;
  // Nothing happens when the timer has fired already. Threads: loop.
  virtual void Cancel(TimerId timer) = 0;
  // Runs `job` in the background after all earlier jobs of `queue`, then `done` on the loop.
  // Threads: loop.
  virtual void Submit(JobQueue queue, std::function<void()> job, std::function<void()> done) = 0;
  // Ends the node at once because going on could break a promise (a failed sync, a lower epoch
  // ...). A process prints the reason and exits; a simulated node stops. The caller must return
  // right away without touching anything else. Threads: any.
  virtual void Fail(const absl::Status& reason) = 0;
  // New memory would make the loop wait for the kernel: what can go on a millisecond later should.
  // Threads: loop.
  virtual bool memory_is_low() const { return false; }
  // How long the steps of the loop took. Threads: any.
  virtual StepFigures step_figures() const { return {}; }

 private:
  void PostAfterPauses(int pause_count, std::function<void()> fn);
};

}  // namespace tidemark::env
