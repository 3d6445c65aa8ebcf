// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <random>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "base/check.h"
#include "env/executor.h"

namespace tidemark::durability {

// A loop that a test turns by hand, and job queues that take turns at random. A node that failed
// runs nothing any more. Threads: one.
class ManualExecutor : public env::Executor {
 public:
  explicit ManualExecutor(uint64_t seed = 1) : random_(seed) {}

  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { turn_end_.push_back(std::move(fn)); }
  // Waits for FireTimers.
  TimerId RunAfter(int64_t, std::function<void()> fn) override {
    timers_.push_back(std::move(fn));
    return timers_.size();
  }
  void Cancel(TimerId) override {}
  void Submit(env::JobQueue queue, std::function<void()> job, std::function<void()> done) override {
    jobs_[static_cast<size_t>(queue)].push_back({std::move(job), std::move(done)});
  }
  void Fail(const absl::Status& reason) override {
    if (failure_.ok()) failure_ = reason;
  }

  // One turn of the loop.
  void Turn() {
    for (auto& fn : std::exchange(posted_, {})) {
      if (failure_.ok()) fn();
    }
    while (!turn_end_.empty() && failure_.ok()) {
      for (auto& fn : std::exchange(turn_end_, {})) {
        if (failure_.ok()) fn();
      }
    }
  }
  // Runs one job of a random queue; its `done` is posted. False when there is none.
  bool RunJob() {
    std::vector<size_t> waiting;
    for (size_t i = 0; i < jobs_.size(); ++i) {
      if (!jobs_[i].empty()) waiting.push_back(i);
    }
    if (waiting.empty() || !failure_.ok()) return false;
    auto& queue = jobs_[waiting[random_() % waiting.size()]];
    Job job = std::move(queue.front());
    queue.pop_front();
    job.job();
    Post(std::move(job.done));
    return true;
  }
  // All that wait now come due.
  void FireTimers() {
    for (auto& fn : std::exchange(timers_, {})) Post(std::move(fn));
  }
  // Until nothing is left to do, timers left out.
  void RunAll() {
    do {
      Turn();
    } while (failure_.ok() && (RunJob() || !posted_.empty() || !turn_end_.empty()));
  }
  const absl::Status& failure() const { return failure_; }

 private:
  struct Job {
    std::function<void()> job;
    std::function<void()> done;
  };

  std::mt19937_64 random_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::function<void()>> turn_end_;
  std::vector<std::function<void()>> timers_;
  std::array<std::deque<Job>, env::kJobQueueCount> jobs_;
  absl::Status failure_;
};

}  // namespace tidemark::durability
