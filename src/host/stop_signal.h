// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::host {

// What ends a wait of the main thread: SIGTERM, SIGINT or SIGHUP, a child's end, or Wake from
// another thread. SIGHUP counts unless it is ignored, as under nohup.
// Made before any other thread, because it blocks the signals for all of them.
// Owner: main, one per process. Threads: Wake from any, the rest from main.
class StopSignal {
 public:
  StopSignal();
  ~StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  enum class Event { kTimeout, kStop, kChild, kWoken };
  // Waits for the next event; a negative timeout waits for ever.
  Event Wait(int timeout_ms);
  void Wake();

 private:
  int signal_fd_ = -1;
  int wake_fd_ = -1;
};

}  // namespace tidemark::host
