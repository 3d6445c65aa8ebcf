// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "env/executor.h"
#include "query/eval/environment.h"

namespace tidemark::exec {

// Has what a query asks for done by jobs of its node.
// Owner: the query's run, before which it must not go. Threads: the loop.
class BackgroundJobs final : public query::eval::Background {
 public:
  // `done` is called on the loop after each job, unless this has gone; it may be empty. The
  // executor outlives this.
  BackgroundJobs(env::Executor* executor, std::function<void()> done)
      : executor_(executor), done_(std::make_shared<std::function<void()>>(std::move(done))) {}

  void Run(std::function<void()> job) override {
    executor_->Submit(env::JobQueue::kCompute, std::move(job),
                      [weak = std::weak_ptr<std::function<void()>>(done_)] {
                        const auto done = weak.lock();
                        if (done != nullptr && *done != nullptr) (*done)();
                      });
  }
  // From now on nobody is told.
  void Close() { done_ = nullptr; }

 private:
  env::Executor* const executor_;
  std::shared_ptr<std::function<void()>> done_;
};

}  // namespace tidemark::exec
