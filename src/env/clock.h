// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::env {

// The seam to time. Threads: any.
class Clock {
 public:
  virtual ~Clock() = default;
  // Monotonic, from an arbitrary start. The only time used for timeouts.
  virtual int64_t NowMicros() = 0;
  // Since the Unix epoch; jumps. For log lines and clients' eyes only, never for an order.
  virtual int64_t WallMicros() = 0;
};

}  // namespace tidemark::env
