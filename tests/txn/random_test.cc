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

void RunSeeds(RandomRunOptions options) {
  const uint64_t only = FromEnvironment("TIDEMARK_TXN_SEED", 0);
  const uint64_t count = FromEnvironment("TIDEMARK_TXN_SEEDS", 300);
  uint64_t commits = 0, faults = 0, recoveries = 0;
  for (uint64_t seed = only > 0 ? only : 1; seed <= (only > 0 ? only : count); ++seed) {
    options.seed = seed;
    options.worker_count = 2 + seed % 2;
    RandomRun run(options);
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

RandomRunOptions Base() {
  RandomRunOptions options;
  options.coordinator.snapshot_interval_micros = 0;
  return options;
}

TEST(RandomTest, SynchronousCommit) {
  RandomRunOptions options = Base();
  options.coordinator.synchronous_commit = true;
  RunSeeds(options);
}

TEST(RandomTest, SynchronousCommitLongest) {
  RandomRunOptions options = Base();
  options.coordinator.synchronous_commit = true;
  options.coordinator.recovery_point = RecoveryPoint::kLongest;
  RunSeeds(options);
}

TEST(RandomTest, AsynchronousCommit) { RunSeeds(Base()); }

TEST(RandomTest, AsynchronousCommitLongest) {
  RandomRunOptions options = Base();
  options.coordinator.recovery_point = RecoveryPoint::kLongest;
  RunSeeds(options);
}

// A process that dies alone loses nothing, even without synchronous commit.
TEST(RandomTest, SingleProcessesDie) {
  RandomRunOptions options = Base();
  options.power_loss = false;
  options.single_faults = true;
  RunSeeds(options);
}

TEST(RandomTest, WithoutWal) {
  RandomRunOptions options = Base();
  options.coordinator.wal = false;
  RunSeeds(options);
}

}  // namespace
}  // namespace tidemark::txn
