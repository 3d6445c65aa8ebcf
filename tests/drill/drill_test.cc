// SPDX-License-Identifier: Apache-2.0
// What of a drill needs no processes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>

#include "base/status.h"
#include "drill/drill_options.h"
#include "drill/drill_report.h"
#include "drill/drill_watchdog.h"

namespace tidemark::drill {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

DrillRound Round(DrillFault fault, uint64_t acknowledged, uint64_t lost, double seconds) {
  DrillRound round;
  round.fault = fault;
  round.text = "kill worker-1";
  round.tally.committed = 2 * acknowledged;
  round.tally.acknowledged = acknowledged;
  round.tally.lost = lost;
  round.undone = lost + 1;
  round.recovery_seconds = seconds;
  return round;
}

TEST(DrillOptionsTest, FaultsAreNamed) {
  EXPECT_THAT(*ParseDrillFaults("hang,worker"),
              ElementsAre(DrillFault::kHang, DrillFault::kWorker));
  for (const DrillFault fault : kAllDrillFaults) {
    EXPECT_THAT(*ParseDrillFaults(NameOf(fault)), ElementsAre(fault));
  }
  for (const char* text : {"", "worker,", "flood"}) {
    EXPECT_EQ(ParseDrillFaults(text).status().code(), absl::StatusCode::kInvalidArgument) << text;
  }
}

TEST(DrillOptionsTest, WithoutRootEverythingButPower) {
  EXPECT_EQ(DrillFaultNames(","), "worker,master,all,hang,recovery,snapshot,power");
  EXPECT_EQ(DrillOptions().faults, "worker,master,all,hang,recovery,snapshot");
}

TEST(DrillWatchdogTest, NamesTheStepThatTookTooLong) {
  std::promise<void> given_up;
  DrillWatchdog watchdog(1, [&given_up] { given_up.set_value(); });
  watchdog.Step("the first");
  watchdog.Step("the second");
  EXPECT_EQ(watchdog.fired_at(), "");
  given_up.get_future().wait();
  EXPECT_EQ(watchdog.fired_at(), "the second");
}

TEST(DrillReportTest, RoundsAreAddedUp) {
  DrillReport report({});
  report.Add(Round(DrillFault::kAll, 100, 3, 0.5));
  report.Add(Round(DrillFault::kWorker, 10, 0, 0.1));
  report.Add(Round(DrillFault::kAll, 20, 0, 0.25));
  EXPECT_THAT(report.RoundLine(), HasSubstr("all: kill worker-1"));
  report.AddViolation("something \"lost\"");
  EXPECT_EQ(report.violation_count(), 1u);
  const std::string json = report.Json(7);
  EXPECT_THAT(json, HasSubstr("\"rounds\":3,\"violations\":1,\"acknowledged\":130,"
                              "\"recovered\":127,\"acknowledged_lost\":3,\"undone\":6,"
                              "\"recovery_seconds\":0.25,\"recovery_seconds_max\":0.5"));
  EXPECT_THAT(json, HasSubstr("\"all\":{\"rounds\":2,\"acknowledged\":120,"));
  EXPECT_THAT(json, HasSubstr("[\"something \\\"lost\\\"\"]"));
  EXPECT_THAT(report.Table(), HasSubstr("VIOLATION something"));
  EXPECT_THAT(report.Table(), HasSubstr("\n1 violations\n"));
}

}  // namespace
}  // namespace tidemark::drill
