// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "env/random.h"

namespace tidemark::cli {

// A fast generator of random numbers, the same on every machine (splitmix64, Steele, Lea and Flood
// 2014). Threads: one.
class SeededRandom final : public env::Random {
 public:
  explicit SeededRandom(uint64_t seed) : state_(seed) {}
  uint64_t Next() override;
  // Uniform in [0, bound). REQUIRES: bound > 0.
  template <std::integral T>
  T Below(T bound) {
    return static_cast<T>(ScaledTo(static_cast<uint64_t>(bound)));
  }
  // True in `percent` of 100 cases.
  bool Chance(int percent) { return Below(100) < percent; }
  // Uniform in [0, 1).
  double Unit();
  // Standard normal (Box and Muller 1958).
  double Normal();
  template <typename T>
  void Shuffle(std::vector<T>* values) {
    for (size_t i = values->size(); i > 1; --i) std::swap((*values)[i - 1], (*values)[Below(i)]);
  }

 private:
  uint64_t ScaledTo(uint64_t bound);

  uint64_t state_;
};

}  // namespace tidemark::cli
