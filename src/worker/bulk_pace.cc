// SPDX-License-Identifier: Apache-2.0
#include "worker/bulk_pace.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::worker {

int64_t BulkPace::NoteSlice(int64_t slice_begin_micros, int64_t slice_end_micros,
                            int64_t done_permille) {
  CHECK_GE(slice_end_micros, slice_begin_micros);
  CHECK_GE(slice_begin_micros, begin_micros_);
  CHECK(done_permille >= 0 && done_permille <= 1000) << done_permille;
  ++slice_count_;
  busy_micros_ += slice_end_micros - slice_begin_micros;
  const int64_t target_micros = limit_micros_ / 2;
  const int64_t elapsed_micros = slice_end_micros - begin_micros_;
  if (limit_micros_ == 0 || done_permille >= 1000) {
    pause_micros_ = kMaxPauseMicros;
  } else if (elapsed_micros >= target_micros) {
    pause_micros_ = 0;
  } else if (done_permille == 0) {
    // Nothing to reckon with yet. A thousandth of the work should take a thousandth of the time;
    // ten of them without the first say that there is much to do.
    pause_micros_ = elapsed_micros > target_micros / 100 ? 0 : kMaxPauseMicros;
  } else {
    const int64_t slices_left =
        std::max<int64_t>(slice_count_ * (1000 - done_permille) / done_permille, 1);
    const int64_t period_micros = (target_micros - elapsed_micros) / slices_left;
    pause_micros_ =
        std::clamp<int64_t>(period_micros - busy_micros_ / slice_count_, 0, kMaxPauseMicros);
  }
  return pause_micros_;
}

}  // namespace tidemark::worker
