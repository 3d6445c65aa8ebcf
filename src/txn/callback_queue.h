// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "txn/commit_pipeline.h"
#include "txn/types.h"

namespace tidemark::txn {

// What clients are to be told at the end of an input, when the coordinator's state is consistent. A
// callback may come back to the coordinator and add more.
// Owner: the coordinator. Threads: the master's loop.
class CallbackQueue {
 public:
  void Add(std::function<void()> callback) { callbacks_.push_back(std::move(callback)); }
  void Tell(CommitCallback done, absl::StatusOr<CommitId> result) {
    Add([done = std::move(done), result = std::move(result)] { done(result); });
  }
  void Tell(std::vector<Verdict> verdicts) {
    for (Verdict& verdict : verdicts) Tell(std::move(verdict.done), std::move(verdict.result));
  }
  // Runs all, in order; inside a callback it does nothing, because the outer call goes on with what
  // was added.
  void Run() {
    if (running_) return;
    running_ = true;
    while (!callbacks_.empty()) {
      const std::function<void()> callback = std::move(callbacks_.front());
      callbacks_.pop_front();
      callback();
    }
    running_ = false;
  }
  bool empty() const { return callbacks_.empty(); }
  bool running() const { return running_; }

 private:
  std::deque<std::function<void()>> callbacks_;
  bool running_ = false;
};

}  // namespace tidemark::txn
