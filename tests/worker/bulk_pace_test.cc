// SPDX-License-Identifier: Apache-2.0
#include "worker/bulk_pace.h"

#include <gtest/gtest.h>

namespace tidemark::worker {
namespace {

constexpr int64_t kMicrosPerTestSecond = 1'000'000;
constexpr int64_t kSliceMicros = 100;

// When a snapshot of so many slices of 0.1 ms is done that may take `limit_micros`.
int64_t EndOf(int64_t slices, int64_t limit_micros) {
  BulkPace pace(/*begin_micros=*/0, limit_micros);
  int64_t now_micros = 0;
  for (int64_t done = 1; done <= slices; ++done) {
    const int64_t begin_micros = now_micros;
    now_micros += kSliceMicros;
    now_micros += pace.NoteSlice(begin_micros, now_micros, done * 1000 / slices);
  }
  return now_micros;
}

TEST(BulkPaceTest, TakesATenthWhileThereIsTime) {
  EXPECT_NEAR(EndOf(100'000, 1200 * kMicrosPerTestSecond), 100 * kMicrosPerTestSecond,
              kMicrosPerTestSecond);
  EXPECT_NEAR(EndOf(10'000, 0), 10 * kMicrosPerTestSecond, kMicrosPerTestSecond);
}

// A fixed pause would take 2,000 s for the first of these.
TEST(BulkPaceTest, TakesMoreWhenTheTimeWouldNotDo) {
  EXPECT_LE(EndOf(2'000'000, 1200 * kMicrosPerTestSecond), 620 * kMicrosPerTestSecond);
  EXPECT_LE(EndOf(5'000'000, 1200 * kMicrosPerTestSecond), 620 * kMicrosPerTestSecond);
  EXPECT_LE(EndOf(10'000'000, 1200 * kMicrosPerTestSecond), 1100 * kMicrosPerTestSecond)
      << "without a pause: 1,000 s";
}

TEST(BulkPaceTest, SaysWhenATenthIsNotEnough) {
  BulkPace pace(0, 1200 * kMicrosPerTestSecond);
  pace.NoteSlice(0, kSliceMicros, 1);
  EXPECT_FALSE(pace.is_late());
  pace.NoteSlice(100 * kMicrosPerTestSecond, 100 * kMicrosPerTestSecond + kSliceMicros, 2);
  EXPECT_FALSE(pace.is_late()) << "two slices for two thousandths: there is little to do";
  pace.NoteSlice(700 * kMicrosPerTestSecond, 700 * kMicrosPerTestSecond + kSliceMicros, 500);
  EXPECT_TRUE(pace.is_late());
}

}  // namespace
}  // namespace tidemark::worker
