// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "session/query_front.h"
#include "tests/session/shard_backend.h"

namespace tidemark::cypher_test {

// A node with its workers as shards in this process, which answer in a random order. Timers are due
// at once. Threads: one.
class GraphNode : public session::ShardBackend,
                  public env::Executor,
                  public env::Clock,
                  public env::Random {
 public:
  GraphNode(uint32_t worker_count, uint64_t seed)
      : ShardBackend(worker_count, seed), front_(this, env::Env{this, this, nullptr, this}) {}

  session::QueryFront* front() { return &front_; }

  // Called when a timer is due, before what it does.
  void set_before_timer(std::function<void()> fn) { before_timer_ = std::move(fn); }
  uint64_t timer_count() const { return timer_count_; }

  // env::Executor, and Backend's Post
  void Post(std::function<void()> fn) override { ShardBackend::Post(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { Post(std::move(fn)); }
  TimerId RunAfter(int64_t, std::function<void()> fn) override {
    Post([this, fn = std::move(fn)] {
      ++timer_count_;
      if (before_timer_ != nullptr) before_timer_();
      fn();
    });
    return 1;
  }
  void Cancel(TimerId) override {}
  void Submit(env::JobQueue, std::function<void()> job, std::function<void()> done) override {
    Post([job = std::move(job), done = std::move(done)] {
      job();
      done();
    });
  }
  void Fail(const absl::Status& reason) override { LOG(FATAL) << reason; }

  int64_t NowMicros() override { return 1'000'000; }
  int64_t WallMicros() override { return 1'700'000'000'000'000; }
  uint64_t Next() override { return ++random_; }

 private:
  uint64_t random_ = 0;
  std::function<void()> before_timer_;
  uint64_t timer_count_ = 0;
  session::QueryFront front_;
};

}  // namespace tidemark::cypher_test
