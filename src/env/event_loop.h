// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "env/clock.h"
#include "env/loop_waiter.h"

namespace tidemark::env {

class PosixExecutor;

// A thread that runs the turns of the executors attached to it, one after the other. With several
// nodes on one thread a message between them costs no wake-up.
// Owner: main; outlives its executors. Threads: Wake from any; the rest from the owner's.
class EventLoop {
 public:
  // How long a thread that waits for another one of the same process looks for work before it
  // sleeps: to wake it costs more than that. What comes from other processes takes longer to come,
  // and on a busy machine the processor is of more use to them.
  static constexpr int64_t kNoSpinMicros = 0;
  static constexpr int64_t kShortSpinMicros = 20;

  // What is long waits so long at most for the loop to have nothing else to do; then one slice of
  // it runs. Of a loop that is never idle it gets a tenth or more.
  static constexpr int64_t kLaterMicros = 1'000;

  // While turns find work, the waiter is looked at once in so long a time: to look is a system
  // call, and the parts of a small request are done sooner without it.
  static constexpr int64_t kPollMicros = 15;

  // With a `waiter`, which outlives the loop, the thread sleeps there, and runs what is ready there
  // between turns.
  EventLoop(Clock* clock, std::string thread_name, int64_t spin_micros = kNoSpinMicros,
            LoopWaiter* waiter = nullptr);
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;
  ~EventLoop();

  // Starts the thread. Executors attach (by their constructor) before this.
  void Start();
  // Ends the thread after the turns under way and waits for it; then finishes the background jobs
  // that were submitted, without their `done`. Nothing of any executor runs afterwards.
  // REQUIRES: not called on the loop.
  void Stop();

  // Makes the thread run a turn soon.
  void Wake();
  bool IsCurrentThread() const { return std::this_thread::get_id() == thread_id_; }
  bool IsRunning() const { return thread_id_ != std::thread::id(); }
  Clock* clock() const { return clock_; }

 private:
  friend class PosixExecutor;
  void Attach(PosixExecutor* executor);
  void Detach(PosixExecutor* executor);
  // PosixExecutor::PostLater. Threads: the loop's.
  void AddLater(PosixExecutor* executor, std::function<void()> fn);

  void Run();
  // True when a turn of any executor found something to do.
  bool RunTurns(int64_t now_micros);
  // True when something was ready there.
  bool PollWaiter(int64_t now_micros);
  // The first of what was put off, when its turn has come.
  void RunLater(bool idle);
  void WaitForWork();
  bool SpinForSignal(int64_t until_micros);
  void Sleep(int64_t micros);

  Clock* const clock_;
  const std::string thread_name_;
  const int64_t spin_micros_;
  LoopWaiter* const waiter_;
  std::vector<PosixExecutor*> executors_;
  struct Later {
    PosixExecutor* executor = nullptr;
    std::function<void()> fn;
  };
  std::deque<Later> later_;
  int64_t polled_micros_ = 0;       // when it was last looked at
  int64_t later_since_micros_ = 0;  // the first of it has waited since then
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};  // none while it does not run
  std::atomic<bool> stop_{false};
  // kQuiet, kSignalled or kSleeping; the address the thread sleeps on.
  std::atomic<uint32_t> state_{0};
};

}  // namespace tidemark::env
