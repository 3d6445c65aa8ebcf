// SPDX-License-Identifier: Apache-2.0
// Random histories of a model cluster. TIDEMARK_TXN_SEED=S replays one seed with its trace,
// TIDEMARK_TXN_SEEDS=N runs N of each kind.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "absl/strings/numbers.h"
#include "tests/txn/random_run.h"

namespace tidemark::txn {
namespace {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* text = std::getenv(name);
  uint64_t value = 0;
  return text != nullptr && absl::SimpleAtoi(text, &value) ? value : otherwise;
}

void RunSeeds(RunKind kind) {
  const uint64_t only = FromEnvironment("TIDEMARK_TXN_SEED", 0);
  const uint64_t count = FromEnvironment("TIDEMARK_TXN_SEEDS", 300);
  uint64_t commits = 0, faults = 0, recoveries = 0;
  for (uint64_t seed = only > 0 ? only : 1; seed <= (only > 0 ? only : count); ++seed) {
    RandomRun run(OptionsOf(kind, seed));
    const std::string violation = run.Execute();
    if (!violation.empty() || only > 0) {
      for (const std::string& line : run.trace()) std::cout << line << "\n";
    }
    ASSERT_EQ(violation, "");
    commits += run.commit_count();
    faults += run.fault_count();
    recoveries += run.recovery_count();
  }
  std::cout << commits << " commits, " << faults << " faults, " << recoveries << " recoveries\n";
  if (only > 0) return;
  EXPECT_GT(faults, count);  // trivial runs would prove nothing
  EXPECT_GT(recoveries, count);
}

TEST(RandomTest, SynchronousCommit) { RunSeeds(RunKind::kSynchronous); }
TEST(RandomTest, SynchronousCommitLongest) { RunSeeds(RunKind::kSynchronousLongest); }
TEST(RandomTest, AsynchronousCommit) { RunSeeds(RunKind::kAsynchronous); }
TEST(RandomTest, AsynchronousCommitLongest) { RunSeeds(RunKind::kAsynchronousLongest); }
// A process that dies alone loses nothing, even without synchronous commit.
TEST(RandomTest, SingleProcessesDie) { RunSeeds(RunKind::kSingleFaults); }
TEST(RandomTest, WithoutWal) { RunSeeds(RunKind::kWithoutWal); }
TEST(RandomTest, OlderDirectories) { RunSeeds(RunKind::kOlderDirectories); }

}  // namespace
}  // namespace tidemark::txn
