// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace tidemark::worker {

// How long a snapshot pauses after a slice of work while clients are at work: nine times as long as
// a slice takes, or less when the snapshot would be late that way. Half of the time that it has is
// for reading the shard, the rest for what cannot be foreseen.
// Owner: Engine, one per snapshot. Threads: the worker's loop.
class BulkPace {
 public:
  static constexpr int64_t kMaxPauseMicros = 900;

  BulkPace() = default;
  // limit_micros: what the snapshot may take; 0 = as long as it likes.
  BulkPace(int64_t begin_micros, int64_t limit_micros)
      : begin_micros_(begin_micros), limit_micros_(limit_micros) {}

  // A slice has run; of the work so much is done, in thousandths. The pause until the next.
  int64_t NoteSlice(int64_t slice_begin_micros, int64_t slice_end_micros, int64_t done_permille);
  // The share of one slice in ten is not enough.
  bool is_late() const { return pause_micros_ < kMaxPauseMicros; }

 private:
  int64_t begin_micros_ = 0;
  int64_t limit_micros_ = 0;
  int64_t slice_count_ = 0;
  int64_t busy_micros_ = 0;  // the time of the slices
  int64_t pause_micros_ = kMaxPauseMicros;
};

}  // namespace tidemark::worker
