// SPDX-License-Identifier: Apache-2.0
#include "sim/simulation.h"

#include <glog/logging.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/report.h"

namespace tidemark::sim {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The nodes' own log lines are no part of it.
class SimulationTest : public testing::Test {
 protected:
  SimulationTest() { FLAGS_minloglevel = google::GLOG_ERROR; }
};

RunResult RunSeed(uint64_t seed) { return Simulation(MakeScenario(seed, {}), nullptr).Run(); }

TEST_F(SimulationTest, OneSeedIsOneTrace) {
  for (const uint64_t seed : {3, 4, 5}) {
    const RunResult first = RunSeed(seed);
    const RunResult second = RunSeed(seed);
    EXPECT_THAT(first.violations, IsEmpty()) << "seed " << seed;
    EXPECT_EQ(first.trace_hash, second.trace_hash) << "seed " << seed;
    EXPECT_EQ(first.event_count, second.event_count) << "seed " << seed;
    EXPECT_EQ(first.commits, second.commits) << "seed " << seed;
  }
  EXPECT_NE(RunSeed(3).trace_hash, RunSeed(4).trace_hash);
}

TEST_F(SimulationTest, PrintingATraceDoesNotChangeIt) {
  std::ostringstream printed;
  const RunResult loud = Simulation(MakeScenario(6, {}), &printed).Run();
  EXPECT_EQ(loud.trace_hash, RunSeed(6).trace_hash);
  EXPECT_THAT(printed.str(), HasSubstr("fault"));
}

TEST_F(SimulationTest, FewSeedsMeetEveryKindOfFaultAndRecovery) {
  Report report;
  RunResult sum;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult result = RunSeed(seed);
    EXPECT_THAT(result.violations, IsEmpty()) << "seed " << seed;
    EXPECT_TRUE(result.Counts()) << "seed " << seed;
    for (const auto& [kind, count] : result.faults) sum.faults[kind] += count;
    for (const auto& [kind, count] : result.worker_recoveries) sum.worker_recoveries[kind] += count;
    report.Add(seed, result);
  }
  for (int kind = 0; kind < kFaultKindCount; ++kind) {
    EXPECT_GT(sum.faults[NameOf(static_cast<FaultKind>(kind))], 0u)
        << NameOf(static_cast<FaultKind>(kind));
  }
  for (const char* kind : {"memory", "nothing", "snapshot", "snapshot-and-wal", "wal"}) {
    EXPECT_GT(sum.worker_recoveries[kind], 0u) << kind;
  }
  EXPECT_EQ(report.failure_count(), 0u);
  EXPECT_THAT(report.ToJson(), HasSubstr("{\"seeds\": 20, \"failures\": 0,"));
}

}  // namespace
}  // namespace tidemark::sim
