// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "env/clock.h"
#include "env/executor.h"

namespace tidemark::worker {

// A loop with timers and background jobs that a test turns by hand. Threads: one.
class HandExecutor : public env::Executor {
 public:
  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  TimerId RunAfter(int64_t delay_micros, std::function<void()> fn) override {
    timers_.emplace(std::pair(clock_.NowMicros() + delay_micros, ++last_timer_), std::move(fn));
    return last_timer_;
  }
  void Cancel(TimerId timer) override {
    std::erase_if(timers_, [timer](const auto& entry) { return entry.first.second == timer; });
  }
  void Submit(env::JobQueue /*queue*/, std::function<void()> job,
              std::function<void()> done) override {
    jobs_.emplace_back(std::move(job), std::move(done));
  }
  void Fail(const absl::Status& reason) override { failure_ = reason; }
  bool memory_is_low() const override { return memory_is_low_; }
  void set_memory_is_low(bool is_low) { memory_is_low_ = is_low; }

  // The oldest job; what comes after it is posted. False when there is none.
  bool RunJob() {
    if (jobs_.empty()) return false;
    const auto [job, done] = std::move(jobs_.front());
    jobs_.pop_front();
    job();
    Post(done);
    return true;
  }
  // One turn: what was posted before it.
  void RunTurn() {
    for (const auto& fn : std::exchange(posted_, {})) fn();
  }
  void RunPosted() {
    while (!posted_.empty()) RunTurn();
  }
  // All that is posted and all jobs, until only timers are left.
  void RunAll() {
    do {
      RunPosted();
    } while (RunJob());
  }
  bool has_posted() const { return !posted_.empty(); }
  // Time passes without a look at the timers.
  void PassTime(int64_t micros) { clock_.now_micros += micros; }
  // Time passes; timers fire when they are due.
  void Advance(int64_t micros) {
    const int64_t end = clock_.NowMicros() + micros;
    while (!timers_.empty() && timers_.begin()->first.first <= end) {
      clock_.now_micros = timers_.begin()->first.first;
      const std::function<void()> fn = std::move(timers_.begin()->second);
      timers_.erase(timers_.begin());
      fn();
      RunPosted();
    }
    clock_.now_micros = end;
  }
  env::Clock& clock() { return clock_; }
  const absl::Status& failure() const { return failure_; }

 private:
  struct HandClock : env::Clock {
    int64_t NowMicros() override { return now_micros; }
    int64_t WallMicros() override { return 0; }
    int64_t now_micros = 1;
  };

  HandClock clock_;
  std::vector<std::function<void()>> posted_;
  std::deque<std::pair<std::function<void()>, std::function<void()>>> jobs_;
  std::map<std::pair<int64_t, TimerId>, std::function<void()>> timers_;
  TimerId last_timer_ = 0;
  absl::Status failure_;
  bool memory_is_low_ = false;
};

}  // namespace tidemark::worker
