// SPDX-License-Identifier: Apache-2.0
// Random steps on hubs; HubModelRun says which. TIDEMARK_HUB_STEPS sets how many,
// TIDEMARK_FIRST_SEED where to begin. A difference ends the process with its seed and step.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "tests/storage/hub_model_run.h"

namespace tidemark::storage {
namespace {

// With blocks as they are a step costs ten times as much, and a sanitizer makes it ten times that.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint64_t kDefaultStepCount = 20'000;
#elif defined(TIDEMARK_TINY_LIMITS)
constexpr uint64_t kDefaultStepCount = 1'000'000;
#else
constexpr uint64_t kDefaultStepCount = 200'000;
#endif
// Every second episode is short and hard: blocks are filled, emptied and merged all the time.
constexpr uint64_t kEpisodeStepCount = 20'000;
constexpr uint64_t kHardEpisodeStepCount = 1000;
constexpr uint64_t kHardWritesPerRun = 3;
constexpr uint64_t kHardStepsPerCheck = 100;

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::stoull(text);
}

// What the handler of a failed CHECK prints.
uint64_t current_seed = 0;
const HubModelRun* current_run = nullptr;

void TellWhere(int /*signal*/) {
  char text[96];
  const int size = std::snprintf(text, sizeof(text), "hub model: seed %llu, step %llu\n",
                                 static_cast<unsigned long long>(current_seed),
                                 static_cast<unsigned long long>(current_run->step_count()));
  if (write(STDERR_FILENO, text, static_cast<size_t>(size)) < 0) _exit(2);
  std::signal(SIGABRT, SIG_DFL);
}

TEST(HubModelTest, ShardsAgreeWithTheModel) {
  const uint64_t step_count = FromEnvironment("TIDEMARK_HUB_STEPS", kDefaultStepCount);
  uint64_t steps = 0;
  uint64_t writes = 0;
  uint64_t comparisons = 0;
  uint64_t restarts = 0;
  uint64_t rollbacks = 0;
  uint64_t conflicts = 0;
  for (uint64_t seed = FromEnvironment("TIDEMARK_FIRST_SEED", 1); steps < step_count; ++seed) {
    HubModelRun::Shape shape;
    shape.seed = current_seed = seed;
    shape.shard_count = static_cast<uint32_t>(1 + seed / 2 % 3);
    shape.hub_count = static_cast<uint32_t>(1 + seed / 2 % 2);
    const bool hard = seed % 2 == 1;
    if (hard) {
      shape.writes_per_run = kHardWritesPerRun;
      shape.steps_per_check = kHardStepsPerCheck;
      shape.collections_per_check = 1;
    }
    const uint64_t episode = hard ? kHardEpisodeStepCount : kEpisodeStepCount;
    HubModelRun run(shape);
    current_run = &run;
    const auto old_handler = std::signal(SIGABRT, TellWhere);
    for (uint64_t i = 0; i < episode && steps < step_count; ++i, ++steps) run.Step();
    run.Finish();
    std::signal(SIGABRT, old_handler);
    writes += run.write_count();
    comparisons += run.comparison_count();
    restarts += run.restart_count();
    rollbacks += run.rollback_count();
    conflicts += run.conflict_count();
  }
  std::printf(
      "hub model: %llu steps, %llu writes (%llu conflicts), %llu rollbacks, %llu restarts, "
      "%llu comparisons, 0 differences\n",
      static_cast<unsigned long long>(steps), static_cast<unsigned long long>(writes),
      static_cast<unsigned long long>(conflicts), static_cast<unsigned long long>(rollbacks),
      static_cast<unsigned long long>(restarts), static_cast<unsigned long long>(comparisons));
  EXPECT_GT(comparisons, steps / 500);
}

}  // namespace
}  // namespace tidemark::storage
