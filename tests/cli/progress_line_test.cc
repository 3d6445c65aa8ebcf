// SPDX-License-Identifier: Apache-2.0
#include "cli/progress_line.h"

#include <gtest/gtest.h>

namespace tidemark::cli {
namespace {

TEST(ProgressTextTest, RateAndTimeLeft) {
  EXPECT_EQ(ProgressText({"nodes", "nodes", 0, 0}, 0), "nodes: 0 %");
  EXPECT_EQ(ProgressText({"nodes", "nodes", 3'000'000, 0.25}, 2'000'000),
            "nodes: 25 %, 1.5 million nodes/s, 6 s left");
  EXPECT_EQ(ProgressText({"writing", "slots", 100, 0.01}, 10'000'000),
            "writing: 1 %, 10 slots/s, 16 min left");
}

}  // namespace
}  // namespace tidemark::cli
