// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "env/executor.h"

namespace tidemark::session {

// What the requests of all clients of a process, or their results, may take together. Whoever finds
// no room is refused, or waits in the order of coming.
// Owner: the backend. Threads: as said at each function. Limits: `limit_bytes` is passed by what is
// small (Take), and by one holder that comes when nothing else is held; so much again may wait.
class MemoryBudget {
 public:
  // Does not own the executor, which outlives the budget.
  MemoryBudget(env::Executor* executor, uint64_t limit_bytes)
      : executor_(executor), limit_bytes_(limit_bytes) {}
  MemoryBudget(const MemoryBudget&) = delete;
  MemoryBudget& operator=(const MemoryBudget&) = delete;

  // False when there is no room, or when others wait for it. Threads: any.
  bool TryTake(uint64_t bytes);
  // Takes it in any case. Threads: any.
  void Take(uint64_t bytes) { used_bytes_.fetch_add(bytes, std::memory_order_relaxed); }
  // Threads: any.
  void Give(uint64_t bytes);
  // Calls `granted` once `bytes` have been taken, from inside or in a later step; not when `alive`
  // has expired by then. False when as much as the limit waits already. Threads: the loop.
  bool TakeLater(uint64_t bytes, std::weak_ptr<bool> alive, std::function<void()> granted);

  uint64_t used_bytes() const { return used_bytes_.load(std::memory_order_relaxed); }
  uint64_t limit_bytes() const { return limit_bytes_; }

 private:
  struct Waiter {
    uint64_t bytes = 0;
    std::weak_ptr<bool> alive;
    std::function<void()> granted;
  };

  bool TakeIfRoom(uint64_t bytes);
  void Serve();

  env::Executor* const executor_;
  const uint64_t limit_bytes_;
  std::atomic<uint64_t> used_bytes_{0};
  // The rest is the loop's, but waiter_count_ may be read by any thread.
  std::deque<Waiter> waiters_;
  uint64_t waiting_bytes_ = 0;
  std::atomic<uint64_t> waiter_count_{0};
  const std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

// A part of the budget, given back when it goes. Owner: whoever holds the memory. Threads: one at a
// time.
class MemoryCharge {
 public:
  MemoryCharge() = default;
  // `bytes` have been taken from the budget, which outlives the charge.
  MemoryCharge(MemoryBudget* budget, uint64_t bytes) : budget_(budget), bytes_(bytes) {}
  MemoryCharge(MemoryCharge&& other) noexcept
      : budget_(other.budget_), bytes_(std::exchange(other.bytes_, 0)) {}
  MemoryCharge& operator=(MemoryCharge&& other) noexcept {
    if (this == &other) return *this;
    Release();
    budget_ = other.budget_;
    bytes_ = std::exchange(other.bytes_, 0);
    return *this;
  }
  ~MemoryCharge() { Release(); }

  // `more_bytes` have been taken from the same budget.
  void Add(uint64_t more_bytes) { bytes_ += more_bytes; }
  // What it was charged is the caller's to give back.
  uint64_t Detach() { return std::exchange(bytes_, 0); }
  uint64_t bytes() const { return bytes_; }
  void Release() {
    if (bytes_ != 0) budget_->Give(std::exchange(bytes_, 0));
  }

 private:
  MemoryBudget* budget_ = nullptr;
  uint64_t bytes_ = 0;
};

}  // namespace tidemark::session
