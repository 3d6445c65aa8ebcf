// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_watchdog.h"

#include <chrono>
#include <utility>

namespace tidemark::drill {

DrillWatchdog::DrillWatchdog(int64_t limit_sec, std::function<void()> give_up) {
  thread_ =
      std::thread([this, limit_sec, give_up = std::move(give_up)] { Run(limit_sec, give_up); });
}

DrillWatchdog::~DrillWatchdog() {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void DrillWatchdog::Step(const std::string& what) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    step_ = what;
    ++step_number_;
  }
  changed_.notify_all();
}

std::string DrillWatchdog::fired_at() const {
  const std::lock_guard<std::mutex> lock(mutex_);
  return fired_at_;
}

void DrillWatchdog::Run(int64_t limit_sec, const std::function<void()>& give_up) {
  std::unique_lock<std::mutex> lock(mutex_);
  while (!ending_) {
    const uint64_t number = step_number_;
    const bool in_time = changed_.wait_for(lock, std::chrono::seconds(limit_sec),
                                           [&] { return ending_ || step_number_ != number; });
    if (in_time) continue;
    fired_at_ = step_;
    lock.unlock();
    give_up();
    return;
  }
}

}  // namespace tidemark::drill
