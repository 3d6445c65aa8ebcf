// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <functional>
#include <utility>

#include "query/eval/environment.h"

namespace tidemark::query::eval {

// A background whose jobs run when a test says so. Threads: one.
class HeldJobs final : public Background {
 public:
  void Run(std::function<void()> job) override {
    jobs_.push_back(std::move(job));
    ++count_;
  }
  void RunAll() {
    for (; !jobs_.empty(); jobs_.pop_front()) jobs_.front()();
  }
  size_t waiting() const { return jobs_.size(); }
  int count() const { return count_; }

 private:
  std::deque<std::function<void()>> jobs_;
  int count_ = 0;
};

}  // namespace tidemark::query::eval
