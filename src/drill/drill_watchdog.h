// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace tidemark::drill {

// Calls `give_up` once when a step takes longer than the limit: whoever waits for an answer that
// does not come is freed by it.
// Owner: the drill. Threads: Step and fired_at from main's; `give_up` runs on one of its own.
class DrillWatchdog {
 public:
  DrillWatchdog(int64_t limit_sec, std::function<void()> give_up);
  ~DrillWatchdog();
  DrillWatchdog(const DrillWatchdog&) = delete;
  DrillWatchdog& operator=(const DrillWatchdog&) = delete;

  // A step begins; the one before is over.
  void Step(const std::string& what);
  // The step that took too long; empty when none did.
  std::string fired_at() const;

 private:
  void Run(int64_t limit_sec, const std::function<void()>& give_up);

  mutable std::mutex mutex_;  // guards all below
  std::condition_variable changed_;
  std::string step_ = "the start";
  uint64_t step_number_ = 0;
  std::string fired_at_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace tidemark::drill
