// SPDX-License-Identifier: Apache-2.0
#include "session/memory_budget.h"

#include "base/check.h"

namespace tidemark::session {

bool MemoryBudget::TakeIfRoom(uint64_t bytes) {
  uint64_t used = used_bytes_.load();
  do {
    if (used != 0 && used + bytes > limit_bytes_) return false;
  } while (!used_bytes_.compare_exchange_weak(used, used + bytes));
  return true;
}

bool MemoryBudget::TryTake(uint64_t bytes) {
  return waiter_count_.load(std::memory_order_acquire) == 0 && TakeIfRoom(bytes);
}

void MemoryBudget::Give(uint64_t bytes) {
  const uint64_t before = used_bytes_.fetch_sub(bytes);
  CHECK_GE(before, bytes) << "more memory is given back than was taken";
  if (waiter_count_.load() == 0) return;
  executor_->Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (!alive.expired()) Serve();
  });
}

bool MemoryBudget::TakeLater(uint64_t bytes, std::weak_ptr<bool> alive,
                             std::function<void()> granted) {
  if (waiting_bytes_ != 0 && waiting_bytes_ + bytes > limit_bytes_) return false;
  waiting_bytes_ += bytes;
  waiters_.push_back({bytes, std::move(alive), std::move(granted)});
  // Before Serve looks for room: whoever gives back afterwards sees that somebody waits.
  waiter_count_.fetch_add(1);
  Serve();
  return true;
}

void MemoryBudget::Serve() {
  while (!waiters_.empty()) {
    const bool is_gone = waiters_.front().alive.expired();
    if (!is_gone && !TakeIfRoom(waiters_.front().bytes)) return;
    const Waiter waiter = std::move(waiters_.front());
    waiters_.pop_front();
    waiting_bytes_ -= waiter.bytes;
    waiter_count_.fetch_sub(1, std::memory_order_release);
    if (!is_gone) waiter.granted();
  }
}

}  // namespace tidemark::session
