// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

#include "env/clock.h"

namespace tidemark::durability {

// Since when a log has been waiting for its disk. A disk that hangs gives no error: only the time
// tells, and only somebody else than the one who waits can look at it.
// Owner: GroupSync and its jobs. Threads: any.
class DiskWatch {
 public:
  // Does not own the clock; without one nothing is watched.
  explicit DiskWatch(env::Clock* clock) : clock_(clock) {}

  // The disk is asked for something.
  void Asked() {
    if (clock_ != nullptr) since_micros_.store(clock_->NowMicros(), std::memory_order_relaxed);
  }
  // One step of several is done: the disk does answer.
  void Progressed() {
    if (since_micros_.load(std::memory_order_relaxed) != kIdle) Asked();
  }
  void Answered() { since_micros_.store(kIdle, std::memory_order_relaxed); }

  // When it was asked for what it has not answered yet; nullopt: nothing is under way.
  std::optional<int64_t> asked_micros() const {
    const int64_t since = since_micros_.load(std::memory_order_relaxed);
    return since == kIdle ? std::nullopt : std::optional(since);
  }

 private:
  static constexpr int64_t kIdle = -1;
  env::Clock* const clock_;
  std::atomic<int64_t> since_micros_{kIdle};
};

}  // namespace tidemark::durability
