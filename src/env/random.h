// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::env {

// The seam to randomness. Threads: one (each node has its own).
class Random {
 public:
  virtual ~Random() = default;
  // 64 uniform bits.
  virtual uint64_t Next() = 0;
};

// A number that is not 0, for ids of which 0 means "none".
inline uint64_t NextNonZero(Random* random) {
  uint64_t number = 0;
  while (number == 0) number = random->Next();
  return number;
}

}  // namespace tidemark::env
