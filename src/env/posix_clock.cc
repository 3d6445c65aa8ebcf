// SPDX-License-Identifier: Apache-2.0
#include "env/posix_clock.h"

#include <time.h>

namespace tidemark::env {
namespace {

int64_t ReadMicros(clockid_t clock) {
  timespec now;
  clock_gettime(clock, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

}  // namespace

int64_t PosixClock::NowMicros() { return ReadMicros(CLOCK_MONOTONIC); }
int64_t PosixClock::WallMicros() { return ReadMicros(CLOCK_REALTIME); }
int64_t ThreadClock::NowMicros() { return ReadMicros(CLOCK_THREAD_CPUTIME_ID); }

}  // namespace tidemark::env
