// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "env/clock.h"

namespace tidemark::env {

// The machine's clocks. Owner: main. Threads: any.
class PosixClock : public Clock {
 public:
  int64_t NowMicros() override;
  int64_t WallMicros() override;
};

// The processor time of the calling thread: for measurements beside other work.
// Owner: who measures. Threads: any.
class ThreadClock : public PosixClock {
 public:
  int64_t NowMicros() override;
};

}  // namespace tidemark::env
