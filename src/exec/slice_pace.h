// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace tidemark::exec {

// A slice of work on a query. What may take longer goes on in a later step.
inline constexpr int64_t kSliceUnits = 8'192;

// How many units the slices of one run get: what a unit takes differs from run to run, and a slice
// should take no more than kSliceMicros. Owner: who runs the slices. Threads: the owner's.
class SlicePace {
 public:
  static constexpr int64_t kSliceMicros = 200;
  static constexpr int64_t kLeastUnits = 64;

  int64_t units() const { return units_; }
  // A slice has used up its units in so much time.
  void Note(int64_t micros) {
    if (micros > kSliceMicros) units_ = std::max(units_ / 2, kLeastUnits);
    if (micros < kSliceMicros / 2) units_ = std::min(units_ * 2, kSliceUnits);
    is_long_ = true;
  }
  // The run has used up a slice: what is small goes before it.
  bool is_long() const { return is_long_; }

 private:
  int64_t units_ = kSliceUnits;
  bool is_long_ = false;
};

}  // namespace tidemark::exec
