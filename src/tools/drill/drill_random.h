// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <random>

#include "env/random.h"

namespace tidemark::tools {

// Seeded random numbers. Threads: one.
class DrillRandom final : public env::Random {
 public:
  explicit DrillRandom(uint64_t seed) : engine_(seed) {}
  uint64_t Next() override { return engine_(); }
  // 0 ... bound - 1. REQUIRES: bound > 0.
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(Next() % static_cast<uint64_t>(bound));
  }
  bool Chance(int percent) { return Below(100) < percent; }
  std::mt19937_64& engine() { return engine_; }

 private:
  std::mt19937_64 engine_;
};

}  // namespace tidemark::tools
