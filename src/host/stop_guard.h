// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "env/posix_clock.h"
#include "host/stop_signal.h"

namespace tidemark::host {

// Sees to it that a process which is to stop ends, whatever hangs in it: a disk, a call of a
// client, a job. When nothing has extended the guard for its limit it ends the process.
// Owner: main, which makes it before everything that could hang and destroys it after that.
// Threads: any.
class StopGuard {
 public:
  // `name` is for the message: "worker".
  StopGuard(std::string name, int64_t limit_ms);
  ~StopGuard();
  StopGuard(const StopGuard&) = delete;
  StopGuard& operator=(const StopGuard&) = delete;

  // The stop begins or goes on: from now on it has the limit again.
  void Extend();
  // Whatever still hangs: all that was acknowledged is with the operating system, so the process
  // may end with exit code 0.
  void NothingIsLost();

 private:
  void Run();
  [[noreturn]] void EndProcess() const;

  const std::string name_;
  const int64_t limit_ms_;
  env::PosixClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<int64_t> deadline_micros_;  // guarded by mutex_
  bool nothing_is_lost_ = false;            // guarded by mutex_
  bool done_ = false;                       // guarded by mutex_
  std::thread thread_;
};

// What a command waits for, and what watches its stop. Does not own them.
struct StopWatch {
  StopSignal* signal;
  StopGuard* guard;
};

}  // namespace tidemark::host
