// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace tidemark::exec {

// A slice of work on a query. What may take longer goes on in a later step.
inline constexpr int64_t kSliceUnits = 8'192;

// What has worked for so long, in however many slices, is long: what is small goes before it.
inline constexpr int64_t kLongMicros = 1'000;

// How many units the slices of one run get: what a unit takes differs from run to run, and a slice
// should take no more than kSliceMicros. Owner: who runs the slices. Threads: the owner's.
class SlicePace {
 public:
  // A small statement beside a long one waits for a slice of it: as long as it takes itself.
  static constexpr int64_t kSliceMicros = 60;
  static constexpr int64_t kLeastUnits = 64;

  int64_t units() const { return units_; }
  // A slice has used up its units in so much time.
  void Note(int64_t micros) {
    if (micros < kSliceMicros / 2) units_ = std::min(units_ + units_ / 4, kSliceUnits);
    Shrink(micros);
    is_long_ = true;
  }
  // One has ended before, because it waits for something.
  void NoteShort(int64_t micros) {
    Shrink(micros);
    spent_micros_ += micros;
    if (spent_micros_ >= kLongMicros) is_long_ = true;
  }
  // The run has used up a slice, or much time in small pieces: what is small goes before it.
  bool is_long() const { return is_long_; }

 private:
  void Shrink(int64_t micros) {
    if (micros > kSliceMicros) units_ = std::max(units_ / 2, kLeastUnits);
  }

  int64_t units_ = kSliceUnits / 2;
  int64_t spent_micros_ = 0;
  bool is_long_ = false;
};

}  // namespace tidemark::exec
