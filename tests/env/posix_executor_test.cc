// SPDX-License-Identifier: Apache-2.0
#include "env/posix_executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <time.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <thread>

#include "base/exit_code.h"
#include "env/posix_clock.h"
#include "env/posix_random.h"
#include "tests/env/notice.h"

namespace tidemark::env {
namespace {

using ::testing::ElementsAre;

int64_t ThreadCpuMicros() {
  timespec now;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return int64_t{now.tv_sec} * 1'000'000 + now.tv_nsec / 1'000;
}

class PosixExecutorTest : public ::testing::Test {
 protected:
  void TearDown() override { loop_.Stop(); }

  // Runs `fn` on the loop and waits until the turn after it has begun.
  void OnLoop(std::function<void()> fn) {
    Notice done;
    executor_.Post([&] {
      fn();
      executor_.Post([&] { done.Give(); });
    });
    done.Wait();
  }

  PosixClock clock_;
  EventLoop loop_{&clock_, "test-loop"};
  PosixExecutor executor_{&loop_, "test"};
};

TEST_F(PosixExecutorTest, RunsPostsInOrderFromOneThread) {
  std::vector<int> seen;
  for (int i = 0; i < 1000; ++i) executor_.Post([&seen, i] { seen.push_back(i); });
  loop_.Start();
  OnLoop([] {});
  ASSERT_EQ(seen.size(), 1000u);
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen[i], i);
}

TEST_F(PosixExecutorTest, KeepsTheOrderOfEachPostingThread) {
  constexpr int kThreadCount = 4;
  constexpr int kPostCount = 5000;
  std::vector<int> next(kThreadCount, 0);
  int out_of_order = 0;
  loop_.Start();
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreadCount; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kPostCount; ++i) {
        executor_.Post([&, t, i] { out_of_order += next[t]++ != i; });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  OnLoop([] {});
  EXPECT_EQ(out_of_order, 0);
  EXPECT_THAT(next, ::testing::Each(kPostCount));
}

TEST_F(PosixExecutorTest, ATurnTakesWhatWasPostedBeforeItAndEndsWithTheTurnEnd) {
  std::vector<std::string> seen;
  executor_.Post([&] {
    seen.push_back("a");
    executor_.Post([&] { seen.push_back("next turn"); });
    executor_.AtTurnEnd([&] {
      seen.push_back("end 1");
      executor_.AtTurnEnd([&] { seen.push_back("end 3"); });
    });
  });
  executor_.Post([&] {
    seen.push_back("b");
    executor_.AtTurnEnd([&] { seen.push_back("end 2"); });
  });
  loop_.Start();
  OnLoop([] {});
  EXPECT_THAT(seen, ElementsAre("a", "b", "end 1", "end 2", "end 3", "next turn"));
}

TEST_F(PosixExecutorTest, WhatIsPutOffRunsWhenThereIsNothingElseToDo) {
  std::vector<std::string> seen;
  executor_.Post([&] {
    executor_.PostLater([&] { seen.push_back("later 1"); });
    executor_.PostLater([&] { seen.push_back("later 2"); });
    executor_.Post([&] { executor_.Post([&] { seen.push_back("two turns after"); }); });
  });
  loop_.Start();
  OnLoop([] {});
  Notice done;
  executor_.Post([&] { executor_.PostLater([&] { done.Give(); }); });
  done.Wait();
  EXPECT_THAT(seen, ElementsAre("two turns after", "later 1", "later 2"));
}

// Whatever goes on posting, what was put off has its turn, one at a time.
TEST_F(PosixExecutorTest, WhatIsPutOffRunsBesideALoopThatIsNeverIdle) {
  constexpr int kLaterCount = 5;
  int later_count = 0;
  std::vector<int> turns_before;
  int turn_count = 0;
  Notice done;
  // The last to run, so that nothing is left of the test when it is told.
  std::function<void()> again = [&] {
    ++turn_count;
    if (later_count < kLaterCount) return executor_.Post(again);
    done.Give();
  };
  std::function<void()> later = [&] {
    turns_before.push_back(std::exchange(turn_count, 0));
    if (++later_count < kLaterCount) executor_.PostLater(later);
  };
  executor_.Post([&] {
    executor_.PostLater(later);
    again();
  });
  loop_.Start();
  done.Wait();
  EXPECT_THAT(turns_before, ::testing::Each(::testing::Gt(1)));
}

// One whose memory is as low as a test says.
class LowExecutor : public PosixExecutor {
 public:
  using PosixExecutor::PosixExecutor;
  bool memory_is_low() const override { return is_low; }
  std::atomic<bool> is_low{true};
};

TEST(PostLaterWithMemoryTest, WaitsUntilThereIsMemory) {
  PosixClock clock;
  EventLoop loop(&clock, "loop");
  LowExecutor executor(&loop, "low");
  Notice ran;
  Notice looked;
  bool ran_while_low = false;
  executor.Post([&] {
    executor.PostLaterWithMemory([&] {
      ran_while_low = executor.is_low;
      ran.Give();
    });
    executor.RunAfter(3 * kLowMemoryPauseMicros, [&] {
      executor.is_low = false;
      looked.Give();
    });
  });
  loop.Start();
  looked.Wait();
  ran.Wait();
  loop.Stop();
  EXPECT_FALSE(ran_while_low);
}

TEST(PostLaterWithMemoryTest, GoesOnAfterSoManyPausesInAnyCase) {
  PosixClock clock;
  EventLoop loop(&clock, "loop");
  LowExecutor executor(&loop, "low");
  Notice ran;
  int64_t waited_micros = 0;
  executor.Post([&, since_micros = clock.NowMicros()] {
    executor.PostLaterWithMemory([&, since_micros] {
      waited_micros = clock.NowMicros() - since_micros;
      ran.Give();
    });
  });
  loop.Start();
  ran.Wait();
  loop.Stop();
  EXPECT_GE(waited_micros, kMaxLowMemoryPauses * kLowMemoryPauseMicros);
}

TEST_F(PosixExecutorTest, TimersRunInOrderOfTimeAndCanBeCancelled) {
  std::vector<int> seen;
  Notice done;
  const int64_t begin_micros = clock_.NowMicros();
  loop_.Start();
  // So far apart that a busy machine does not come between two calls.
  executor_.Post([&] {
    executor_.RunAfter(200'000, [&] { seen.push_back(200); });
    executor_.RunAfter(100'000, [&] { seen.push_back(100); });
    const Executor::TimerId never = executor_.RunAfter(150'000, [&] { seen.push_back(150); });
    executor_.RunAfter(0, [&, never] {
      seen.push_back(0);
      executor_.Cancel(never);
    });
    const Executor::TimerId last = executor_.RunAfter(300'000, [&] { done.Give(); });
    EXPECT_NE(never, 0u);
    EXPECT_NE(last, never);
    executor_.Cancel(0);
  });
  done.Wait();
  EXPECT_GE(clock_.NowMicros() - begin_micros, 300'000);
  EXPECT_THAT(seen, ElementsAre(0, 100, 200));
}

TEST_F(PosixExecutorTest, ATimerDueInThisTurnCanStillBeCancelledInIt) {
  bool fired = false;
  loop_.Start();
  OnLoop([&] {
    const Executor::TimerId second = executor_.RunAfter(60'000, [&] { fired = true; });
    executor_.RunAfter(20'000, [&, second] {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      executor_.Cancel(second);
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  });
  OnLoop([] {});
  EXPECT_FALSE(fired);
}

TEST_F(PosixExecutorTest, JobsOfAQueueKeepTheirOrderAndReportOnTheLoop) {
  std::vector<int> jobs;
  std::vector<int> dones;
  Notice all;
  loop_.Start();
  executor_.Post([&] {
    for (int i = 0; i < 100; ++i) {
      executor_.Submit(
          JobQueue::kLogSync, [&jobs, i] { jobs.push_back(i); },
          [&, i] {
            EXPECT_TRUE(loop_.IsCurrentThread());
            dones.push_back(i);
            if (i == 99) all.Give();
          });
    }
  });
  all.Wait();
  EXPECT_EQ(jobs, dones);
  EXPECT_TRUE(std::is_sorted(jobs.begin(), jobs.end()));
}

TEST_F(PosixExecutorTest, QueuesDoNotWaitForEachOther) {
  Notice release;
  Notice snapshot_done;
  Notice other_done;
  loop_.Start();
  executor_.Post([&] {
    executor_.Submit(
        JobQueue::kSnapshot, [&] { release.Wait(); }, [&] { snapshot_done.Give(); });
    executor_.Submit(
        JobQueue::kLogSync, [] {}, [&] { other_done.Give(); });
  });
  other_done.Wait();
  release.Give();
  snapshot_done.Wait();
}

TEST_F(PosixExecutorTest, StopFinishesSubmittedJobsAndRunsNothingMore) {
  std::atomic<int> jobs = 0;
  std::atomic<int> dones = 0;
  loop_.Start();
  OnLoop([&] {
    for (int i = 0; i < 10; ++i) {
      executor_.Submit(
          JobQueue::kLogPrepare,
          [&] {
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
            ++jobs;
          },
          [&] { ++dones; });
    }
  });
  loop_.Stop();
  EXPECT_EQ(jobs, 10);
  const int dones_at_stop = dones;
  executor_.Post([&] { ++dones; });
  std::this_thread::sleep_for(std::chrono::milliseconds(5));
  EXPECT_EQ(dones, dones_at_stop);
}

// What is destroyed after its loop may still tidy up.
TEST_F(PosixExecutorTest, AJobThatIsSubmittedAfterTheStopIsDropped) {
  loop_.Start();
  loop_.Stop();
  auto held = std::make_shared<bool>(false);
  executor_.Submit(
      JobQueue::kSnapshot, [held] { *held = true; }, [] {});
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_FALSE(*held);
}

TEST_F(PosixExecutorTest, CountsStepsByProcessorTimeAndNotBySleep) {
  loop_.Start();
  OnLoop([] { std::this_thread::sleep_for(std::chrono::milliseconds(5)); });
  EXPECT_EQ(executor_.step_stats().long_step_count(), 0u);
  OnLoop([] {
    const int64_t begin_micros = ThreadCpuMicros();
    while (ThreadCpuMicros() - begin_micros < 3'000) {
    }
  });
  loop_.Stop();
  EXPECT_EQ(executor_.step_stats().long_step_count(), 1u);
  EXPECT_GE(executor_.step_stats().max_cpu_micros(), 2'500);
  uint64_t total = 0;
  for (int i = 0; i < StepStats::kBucketCount; ++i) total += executor_.step_stats().bucket(i);
  EXPECT_EQ(total, executor_.step_stats().step_count());
  const StepFigures figures = executor_.step_figures();
  EXPECT_EQ(figures.long_step_count, 1u);
  EXPECT_GE(figures.max_cpu_micros, 2'500);
  EXPECT_EQ(std::accumulate(figures.by_micros.begin(), figures.by_micros.end(), uint64_t{0}),
            total);
  EXPECT_GE(total, 4u);
}

// Steps before it, in the same turn and in others, are not taken for time of the long one.
TEST_F(PosixExecutorTest, StepsBeforeALongOneDoNotCountAsPartOfIt) {
  loop_.Start();
  const auto burn = [](int64_t micros) {
    const int64_t begin_micros = ThreadCpuMicros();
    while (ThreadCpuMicros() - begin_micros < micros) {
    }
  };
  constexpr uint64_t kLongCount = 20;
  for (uint64_t i = 0; i < kLongCount; ++i) {
    OnLoop([&] {
      for (int step = 0; step < 5; ++step) executor_.Post([&] { burn(400); });
      // Long by the clock on the wall, not by that of the processor.
      executor_.Post([&] {
        burn(400);
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      });
    });
  }
  OnLoop([] {});
  loop_.Stop();
  // A virtual machine counts time as the thread's that its host gave to others: single steps may
  // be long by that. Steps that were taken for a part of it would make all of them long.
  EXPECT_LT(executor_.step_stats().long_step_count(), kLongCount / 2);
}

TEST(EventLoopTest, HostsSeveralNodesOnOneThread) {
  PosixClock clock;
  EventLoop loop(&clock, "shared");
  PosixExecutor first(&loop, "first");
  PosixExecutor second(&loop, "second");
  loop.Start();
  Notice done;
  int hops = 0;
  std::function<void()> hop = [&] {
    EXPECT_TRUE(loop.IsCurrentThread());
    if (++hops == 1000) return done.Give();
    (hops % 2 == 0 ? first : second).Post(hop);
  };
  first.Post(hop);
  done.Wait();
  loop.Stop();
}

TEST(EventLoopTest, NodesOnTwoThreadsWakeEachOther) {
  PosixClock clock;
  for (const int64_t spin_micros : {0, 20}) {
    EventLoop first_loop(&clock, "first", spin_micros);
    EventLoop second_loop(&clock, "second", spin_micros);
    PosixExecutor first(&first_loop, "first");
    PosixExecutor second(&second_loop, "second");
    first_loop.Start();
    second_loop.Start();
    Notice done;
    int hops = 0;
    constexpr int kHopCount = 20'000;
    std::function<void()> hop = [&] {
      if (++hops == kHopCount) return done.Give();
      (hops % 2 == 0 ? first : second).Post(hop);
    };
    const int64_t begin_micros = clock.NowMicros();
    first.Post(hop);
    done.Wait();
    RecordProperty("nanos_per_hop_spin_" + std::to_string(spin_micros),
                   std::to_string((clock.NowMicros() - begin_micros) * 1000 / kHopCount));
    first_loop.Stop();
    second_loop.Stop();
  }
}

using PosixExecutorDeathTest = PosixExecutorTest;

TEST_F(PosixExecutorDeathTest, FailEndsTheProcess) {
  EXPECT_EXIT(executor_.Fail(absl::UnavailableError("/d/wal/1.wal: sync: Input/output error")),
              ::testing::ExitedWithCode(kExitInternal),
              "^tidemark: fatal: /d/wal/1.wal: sync: Input/output error\n$");
  EXPECT_EXIT(executor_.Fail(absl::AlreadyExistsError("/d/wal/2.wal")),
              ::testing::ExitedWithCode(kExitInternal), "2.wal");
  EXPECT_EXIT(executor_.Fail(absl::FailedPreconditionError("refused")),
              ::testing::ExitedWithCode(kExitRefused), "refused");
  EXPECT_EXIT(executor_.Fail(absl::DataLossError("damaged")),
              ::testing::ExitedWithCode(kExitDamaged), "damaged");
  EXPECT_EXIT(executor_.Fail(absl::ResourceExhaustedError("disk full")),
              ::testing::ExitedWithCode(kExitLimit), "disk full");
}

TEST(PosixRandomTest, DoesNotRepeat) {
  PosixRandom first;
  PosixRandom second;
  std::vector<uint64_t> seen;
  for (int i = 0; i < 100; ++i) {
    seen.push_back(first.Next());
    seen.push_back(second.Next());
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

}  // namespace
}  // namespace tidemark::env
