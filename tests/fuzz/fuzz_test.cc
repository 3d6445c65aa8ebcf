// SPDX-License-Identifier: Apache-2.0
// Every target over its seeds, over what was once found, and over random changes that no coverage
// guides. `--gtest_repeat=100 --gtest_shuffle` runs other seeds.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include "tests/fuzz/target.h"
#include "tests/graph/random_values.h"

namespace tidemark::fuzz {
namespace {

constexpr int kChangeCount = 10'000;
// Larger ones take long and say nothing new.
constexpr size_t kMaxInputBytes = 2'000;

class FuzzTest : public ::testing::TestWithParam<const Target*> {
 protected:
  // Alone in memory, so that a sanitizer sees a read behind it.
  static void Run(const std::string& input) {
    const auto alone = std::make_unique<char[]>(input.size());
    input.copy(alone.get(), input.size());
    GetParam()->run({alone.get(), input.size()});
  }
};

TEST_P(FuzzTest, Seeds) {
  const std::vector<std::string> seeds = GetParam()->seeds();
  EXPECT_GE(seeds.size(), 100u);
  for (const std::string& seed : seeds) Run(seed);
}

// Files of tests/fuzz/found/TARGET.
TEST_P(FuzzTest, WhatWasFound) {
  const std::filesystem::path folder =
      std::filesystem::path(TIDEMARK_SOURCE_DIR) / "tests/fuzz/found" / GetParam()->name;
  if (!std::filesystem::exists(folder)) return;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ostringstream bytes;
    bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    Run(bytes.str());
  }
}

TEST_P(FuzzTest, Changes) {
  const std::vector<std::string> seeds = GetParam()->seeds();
  graph::RandomValues random(
      11 + static_cast<uint64_t>(::testing::UnitTest::GetInstance()->random_seed()));
  const auto pick = [&]() -> const std::string& { return seeds[random.Below(seeds.size())]; };
  for (int i = 0; i < kChangeCount; ++i) {
    std::string input = pick();
    for (uint64_t n = 1 + random.Below(3); n > 0; --n) {
      if (random.Below(2) == 0) {
        input = random.Damage(std::move(input));
      } else {  // a piece of another one in it
        const std::string& other = pick();
        const size_t from = random.Below(other.size() + 1);
        input.insert(random.Below(input.size() + 1), other, from, random.Below(40));
      }
    }
    input.resize(std::min(input.size(), kMaxInputBytes));
    Run(input);
  }
}

INSTANTIATE_TEST_SUITE_P(Target, FuzzTest, testing::ValuesIn(Targets()),
                         [](const auto& info) { return std::string(info.param->name); });

}  // namespace
}  // namespace tidemark::fuzz
