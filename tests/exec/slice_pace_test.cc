// SPDX-License-Identifier: Apache-2.0
#include "exec/slice_pace.h"

#include <gtest/gtest.h>

namespace tidemark::exec {
namespace {

TEST(SlicePaceTest, SlicesThatTakeLongGetSmaller) {
  SlicePace pace;
  EXPECT_EQ(pace.units(), kSliceUnits);
  pace.Note(SlicePace::kSliceMicros);
  EXPECT_EQ(pace.units(), kSliceUnits);
  pace.Note(SlicePace::kSliceMicros + 1);
  EXPECT_EQ(pace.units(), kSliceUnits / 2);
  for (int i = 0; i < 100; ++i) pace.Note(1'000'000);
  EXPECT_EQ(pace.units(), SlicePace::kLeastUnits);
}

TEST(SlicePaceTest, SlicesThatTakeLittleGrowAgain) {
  SlicePace pace;
  pace.Note(1'000'000);
  pace.Note(SlicePace::kSliceMicros / 2);
  EXPECT_EQ(pace.units(), kSliceUnits / 2);
  for (int i = 0; i < 100; ++i) pace.Note(0);
  EXPECT_EQ(pace.units(), kSliceUnits);
}

TEST(SlicePaceTest, ARunIsLongFromItsFirstFullSliceOn) {
  SlicePace pace;
  EXPECT_FALSE(pace.is_long());
  pace.Note(1);
  EXPECT_TRUE(pace.is_long());
}

}  // namespace
}  // namespace tidemark::exec
