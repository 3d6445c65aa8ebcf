// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_server_cpu.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <ctime>
#include <string>

namespace tidemark::bench {
namespace {

TEST(BoltServerCpu, ReadsBothFieldsBehindAnyName) {
  EXPECT_EQ(CpuTicksOf("17 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 1200 34 0 0 20"), 1'234);
  EXPECT_EQ(CpuTicksOf("17 (server) S 1 2 3 4 5 6 7 8 9 10 1200"), std::nullopt);
  EXPECT_EQ(CpuTicksOf("17 (server) S 1 2 3 4 5 6 7 8 9 10 many 34"), std::nullopt);
  EXPECT_EQ(CpuTicksOf(""), std::nullopt);
}

TEST(BoltServerCpu, GrowsWithWork) {
  const auto before = CpuSecondsOf({getpid()});
  ASSERT_TRUE(before.ok()) << before.status();
  const std::clock_t start = std::clock();
  while (std::clock() - start < CLOCKS_PER_SEC / 5) {
  }
  const auto after = CpuSecondsOf({getpid()});
  ASSERT_TRUE(after.ok()) << after.status();
  // Ticks may be as long as 10 ms.
  EXPECT_GE(*after - *before, 0.15);
  EXPECT_LE(*after - *before, 2);
  EXPECT_GE(*CpuSecondsOf({getpid(), getpid()}), 2 * *after);
}

TEST(BoltServerCpu, NamesAProcessThatIsNotThere) {
  const auto seconds = CpuSecondsOf({getpid(), 2'000'000'000});
  EXPECT_EQ(seconds.status().code(), absl::StatusCode::kNotFound);
  EXPECT_NE(seconds.status().message().find("no process 2000000000"), absl::string_view::npos);
  EXPECT_EQ(*CpuSecondsOf({}), 0);
}

}  // namespace
}  // namespace tidemark::bench
