// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "env/event_loop.h"
#include "env/executor.h"
#include "env/job_thread.h"
#include "env/step_stats.h"

namespace tidemark::env {

// One node's loop on a thread that it may share, with a background thread for each job queue. They
// are made with the executor: to make one later would hold up a step of the loop.
// Owner: main; lives longer than the node and its transports and less long than the loop.
// Threads: as in env/executor.h, and any before the loop starts; made and destroyed while it does
// not run. Functions given to AtTurnEnd while a turn ends still run in that turn, last. What was
// posted and not run when the loop stopped is destroyed with the executor; a job that is submitted
// later is destroyed at once.
class PosixExecutor : public Executor {
 public:
  // `name` is the start of the names of its job threads.
  PosixExecutor(EventLoop* loop, const std::string& name);
  ~PosixExecutor() override;

  void Post(std::function<void()> fn) override;
  void PostLater(std::function<void()> fn) override;
  void AtTurnEnd(std::function<void()> fn) override;
  TimerId RunAfter(int64_t delay_micros, std::function<void()> fn) override;
  void Cancel(TimerId timer) override;
  void Submit(JobQueue queue, std::function<void()> job, std::function<void()> done) override;
  // Prints "tidemark: fatal: REASON" and ends the process: with kExitRefused, kExitDamaged or
  // kExitLimit (a full disk) when that is the reason, else with kExitInternal.
  [[noreturn]] void Fail(const absl::Status& reason) override;

  bool memory_is_low() const override;
  StepFigures step_figures() const override { return step_stats_.figures(); }

  const StepStats& step_stats() const { return step_stats_; }

 private:
  friend class EventLoop;
  // (due, id): timers run in the order of their time, then of their making.
  using TimerKey = std::pair<int64_t, TimerId>;

  // False when there was nothing to do.
  bool RunTurn(int64_t now_micros);
  // A turn of one function that was given to PostLater.
  void RunLater(std::function<void()> fn);
  void RunPosted();
  void RunTimers(int64_t now_micros, TimerId first_new_timer);
  void RunTurnEnd();
  void RunStep(std::function<void()>* fn);
  int64_t NextDueMicros() const;
  void FinishJobs();

  EventLoop* const loop_;
  StepStats step_stats_;

  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;  // guarded by mutex_

  // The loop's own.
  std::vector<std::function<void()>> running_;
  std::vector<std::function<void()>> turn_end_;
  std::map<TimerKey, std::function<void()>> timers_;
  absl::flat_hash_map<TimerId, int64_t> timer_due_micros_;
  TimerId next_timer_ = 1;
  std::array<std::unique_ptr<JobThread>, kJobQueueCount> job_threads_;
};

}  // namespace tidemark::env
