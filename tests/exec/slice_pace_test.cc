// SPDX-License-Identifier: Apache-2.0
#include "exec/slice_pace.h"

#include <gtest/gtest.h>

namespace tidemark::exec {
namespace {

TEST(SlicePaceTest, SlicesThatTakeLongGetSmaller) {
  SlicePace pace;
  const int64_t units = pace.units();
  EXPECT_LE(units, kSliceUnits);
  pace.Note(SlicePace::kSliceMicros);
  EXPECT_EQ(pace.units(), units);
  pace.Note(SlicePace::kSliceMicros + 1);
  EXPECT_EQ(pace.units(), units / 2);
  pace.NoteShort(SlicePace::kSliceMicros + 1);
  EXPECT_EQ(pace.units(), units / 4);
  for (int i = 0; i < 100; ++i) pace.Note(1'000'000);
  EXPECT_EQ(pace.units(), SlicePace::kLeastUnits);
}

TEST(SlicePaceTest, SlicesThatTakeLittleGrowAgain) {
  SlicePace pace;
  pace.Note(1'000'000);
  const int64_t units = pace.units();
  pace.Note(SlicePace::kSliceMicros / 2);
  pace.NoteShort(0);
  EXPECT_EQ(pace.units(), units);
  pace.Note(0);
  EXPECT_GT(pace.units(), units);
  for (int i = 0; i < 100; ++i) pace.Note(0);
  EXPECT_EQ(pace.units(), kSliceUnits);
}

TEST(SlicePaceTest, ARunIsLongFromItsFirstFullSliceOn) {
  SlicePace pace;
  EXPECT_FALSE(pace.is_long());
  pace.Note(1);
  EXPECT_TRUE(pace.is_long());
}

TEST(SlicePaceTest, ARunIsLongThatHasTakenMuchTimeInSmallPieces) {
  SlicePace pace;
  for (int64_t micros = 0; micros < kLongMicros; micros += 10) {
    EXPECT_FALSE(pace.is_long());
    pace.NoteShort(10);
  }
  EXPECT_TRUE(pace.is_long());
}

}  // namespace
}  // namespace tidemark::exec
