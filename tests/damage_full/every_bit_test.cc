// SPDX-License-Identifier: Apache-2.0
// Every bit and every length of every file, by the rule of tests/damage/damage_test.cc. Of the
// zeroes behind the last record of a preallocated file all bits of the first kilobyte and one bit
// of each 61st byte after it.
#include <gtest/gtest.h>

#include <string>

#include "tests/damage/runner.h"

namespace tidemark::damage {
namespace {

constexpr CaseChoice kEverything{.data_step = 1, .zero_bytes = 1024, .zero_step = 61};

void TryEverything(const std::string& title, DirectoryKind kind) {
  const DataDirectory directory = MakeDataDirectory(kind);
  const RunFigures figures = RunCases(directory, FlipsAndTruncations(directory, kEverything));
  Print(title, figures);
  EXPECT_EQ(figures.problem_count, 0u);
  EXPECT_EQ(figures.signal_count, 0u);
}

TEST(EveryBitTest, OfAKilledCluster) { TryEverything("killed", DirectoryKind::kKilled); }
TEST(EveryBitTest, OfAStoppedCluster) { TryEverything("stopped", DirectoryKind::kStopped); }
TEST(EveryBitTest, OfASynchronousCluster) {
  TryEverything("synchronous", DirectoryKind::kSynchronous);
}

}  // namespace
}  // namespace tidemark::damage
