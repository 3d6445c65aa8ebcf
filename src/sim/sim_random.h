// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "env/random.h"

namespace tidemark::sim {

// A seeded stream of random numbers (splitmix64). Streams made from one seed with different names
// are independent, so that one node's draws do not move another's.
// Threads: one.
class SimRandom final : public env::Random {
 public:
  SimRandom(uint64_t seed, uint64_t stream);

  uint64_t Next() override;
  // Uniform in [0, bound). REQUIRES: bound > 0.
  uint64_t Below(uint64_t bound) { return Next() % bound; }
  // Uniform in [low, high].
  int64_t Between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(Below(static_cast<uint64_t>(high - low + 1)));
  }
  // True in `permille` of 1,000 cases.
  bool Chance(uint64_t permille) { return Below(1000) < permille; }

 private:
  uint64_t state_;
};

}  // namespace tidemark::sim
