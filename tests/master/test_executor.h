// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "env/executor.h"

namespace tidemark::master {

// A loop that a test turns by hand; timers are due at once. Threads: one.
class TestExecutor : public env::Executor {
 public:
  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { Post(std::move(fn)); }
  TimerId RunAfter(int64_t, std::function<void()> fn) override {
    Post(std::move(fn));
    return 1;
  }
  void Cancel(TimerId) override {}
  void Submit(env::JobQueue, std::function<void()> job, std::function<void()> done) override {
    job();
    Post(std::move(done));
  }
  void Fail(const absl::Status&) override {}
  // False when nothing was left.
  bool RunOne() {
    if (posted_.empty()) return false;
    const std::function<void()> fn = std::move(posted_.front());
    posted_.pop_front();
    fn();
    return true;
  }

 private:
  std::deque<std::function<void()>> posted_;
};

}  // namespace tidemark::master
