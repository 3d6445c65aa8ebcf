// SPDX-License-Identifier: Apache-2.0
// Every bit and every length of every file, by the rule of tests/damage/damage_test.cc, with
// TIDEMARK_TEST_SCALE=acceptance; else those of every fifth byte. Of the zeroes behind the last
// record of a preallocated file all bits of the first kilobyte and one bit of each 61st byte after
// it.
#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "tests/damage/runner.h"

namespace tidemark::damage {
namespace {

CaseChoice Choice() {
  const char* scale = std::getenv("TIDEMARK_TEST_SCALE");
  const bool all = scale != nullptr && std::string_view(scale) == "acceptance";
  return {
      .data_step = all ? 1u : 5u, .zero_bytes = all ? 1024u : 64u, .zero_step = all ? 61u : 211u};
}

void TryEverything(const std::string& title, DirectoryKind kind) {
  const DataDirectory directory = MakeDataDirectory(kind);
  const RunFigures figures = RunCases(directory, FlipsAndTruncations(directory, Choice()));
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
