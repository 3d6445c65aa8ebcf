// SPDX-License-Identifier: Apache-2.0
#include "sim/sim_executor.h"

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "gtest/gtest.h"

namespace tidemark::sim {
namespace {

struct Loop {
  explicit Loop(uint64_t seed = 1, int64_t drift_ppm = 0)
      : process(std::make_shared<Process>()), clock(&scheduler, {0, drift_ppm, 0}) {
    process->node = NodeId(1);
    executor = std::make_unique<SimExecutor>(&scheduler, process, &clock, &disk, seed);
  }
  void RunAll() {
    while (scheduler.RunOne()) {
    }
  }

  Scheduler scheduler;
  std::shared_ptr<Process> process;
  SimClock clock;
  SimDisk disk{1, 1};
  std::unique_ptr<SimExecutor> executor;
  std::vector<std::string> log;
};

TEST(SimExecutorTest, ATurnRunsWhatWasPostedAndThenItsEnd) {
  Loop loop;
  loop.executor->Post([&] {
    loop.log.push_back("first");
    loop.executor->AtTurnEnd([&] { loop.log.push_back("end"); });
    loop.executor->Post([&] { loop.log.push_back("next turn"); });
  });
  loop.executor->Post([&] { loop.log.push_back("second"); });
  loop.RunAll();
  EXPECT_EQ(loop.log, (std::vector<std::string>{"first", "second", "end", "next turn"}));
}

TEST(SimExecutorTest, JobsOfAQueueRunInOrderAndFinishOnTheLoop) {
  Loop loop;
  for (const char* name : {"a", "b"}) {
    loop.executor->Submit(
        env::JobQueue::kLogSync, [&loop, name] { loop.log.push_back(std::string("run ") + name); },
        [&loop, name] { loop.log.push_back(std::string("done ") + name); });
  }
  loop.RunAll();
  EXPECT_EQ(loop.log.front(), "run a");
  EXPECT_EQ(loop.log.back(), "done b");
  EXPECT_EQ(loop.log.size(), 4u);
}

TEST(SimExecutorTest, TimersKeepTheirTimeOnTheirOwnClock) {
  Loop loop(1, 1000);
  int64_t fired = 0;
  loop.executor->RunAfter(1'000'000, [&] { fired = loop.clock.NowMicros(); });
  const auto cancelled = loop.executor->RunAfter(10, [&] { FAIL(); });
  loop.executor->Cancel(cancelled);
  loop.RunAll();
  EXPECT_GE(fired, 999'999);
  EXPECT_LE(fired, 1'000'100);
  EXPECT_LT(loop.scheduler.now_micros(), 999'500) << "the clock is fast";
}

TEST(SimExecutorTest, NothingRunsAfterAFailure) {
  Loop loop;
  loop.executor->AtTurnEnd([&] { loop.log.push_back("end"); });
  loop.executor->Post([&] {
    loop.log.push_back("dies");
    loop.executor->Fail(absl::UnavailableError("sync failed"));
    loop.executor->Post([&] { loop.log.push_back("later"); });
  });
  loop.executor->Post([&] { loop.log.push_back("same turn"); });
  loop.executor->RunAfter(5, [&] { loop.log.push_back("timer"); });
  loop.RunAll();
  EXPECT_EQ(loop.log, std::vector<std::string>{"dies"});
  EXPECT_EQ(loop.process->death_reason, "failed: sync failed");
}

TEST(SimExecutorTest, AHangingProcessGoesOnWhereItWas) {
  Loop loop;
  loop.executor->HangUntil(5'000'000);
  int64_t ran = 0;
  loop.executor->Post([&] { ran = loop.scheduler.now_micros(); });
  loop.RunAll();
  EXPECT_GE(ran, 5'000'000);
}

TEST(SimExecutorTest, AHangThatEndsEarlyHoldsUpNothingLonger) {
  Loop loop;
  loop.executor->HangUntil(5'000'000);
  std::vector<int64_t> ran;
  loop.executor->Post([&] { ran.push_back(loop.scheduler.now_micros()); });
  loop.scheduler.RunUntil(1'000'000);
  EXPECT_TRUE(ran.empty());
  loop.executor->EndHang();
  loop.executor->Post([&] { ran.push_back(loop.scheduler.now_micros()); });
  loop.scheduler.RunUntil(1'001'000);
  EXPECT_EQ(ran.size(), 2);
  EXPECT_TRUE(loop.executor->has_hung());
}

TEST(SimExecutorTest, EventsOfADestroyedLoopDoNothing) {
  Loop loop;
  loop.executor->Post([&] { FAIL(); });
  loop.executor->RunAfter(5, [&] { FAIL(); });
  loop.executor.reset();
  loop.RunAll();
}

}  // namespace
}  // namespace tidemark::sim
