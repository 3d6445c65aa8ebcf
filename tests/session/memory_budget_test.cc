// SPDX-License-Identifier: Apache-2.0
#include "session/memory_budget.h"

#include <gtest/gtest.h>

#include <deque>
#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace tidemark::session {
namespace {

constexpr uint64_t kLimitBytes = 1000;

// Posts wait until they are run.
class PostingExecutor : public env::Executor {
 public:
  void Post(std::function<void()> fn) override { posted_.push_back(std::move(fn)); }
  void AtTurnEnd(std::function<void()> fn) override { Post(std::move(fn)); }
  TimerId RunAfter(int64_t, std::function<void()>) override { return 0; }
  void Cancel(TimerId) override {}
  void Submit(env::JobQueue, std::function<void()>, std::function<void()>) override {}
  void Fail(const absl::Status&) override {}
  void RunAll() {
    while (!posted_.empty()) {
      const std::function<void()> fn = std::move(posted_.front());
      posted_.pop_front();
      fn();
    }
  }

 private:
  std::deque<std::function<void()>> posted_;
};

class MemoryBudgetTest : public ::testing::Test {
 protected:
  bool TakeLater(uint64_t bytes, int number) {
    return budget_.TakeLater(bytes, alive_, [this, number] { granted_.push_back(number); });
  }

  PostingExecutor executor_;
  MemoryBudget budget_{&executor_, kLimitBytes};
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::vector<int> granted_;
};

TEST_F(MemoryBudgetTest, WhoeverComesFirstIsServedFirstWhenThereIsRoom) {
  EXPECT_TRUE(budget_.TryTake(600));
  EXPECT_FALSE(budget_.TryTake(600));
  EXPECT_TRUE(TakeLater(600, 1));
  EXPECT_TRUE(TakeLater(100, 2));
  EXPECT_FALSE(budget_.TryTake(100)) << "goes before those that wait";
  budget_.Take(100);  // what is small waits for nobody
  budget_.Give(100);
  executor_.RunAll();
  EXPECT_TRUE(granted_.empty());
  budget_.Give(600);
  executor_.RunAll();
  EXPECT_EQ(granted_, (std::vector<int>{1, 2}));
  EXPECT_EQ(budget_.used_bytes(), 700u);
}

TEST_F(MemoryBudgetTest, AsMuchAsTheLimitMayWaitAndNoMore) {
  EXPECT_TRUE(budget_.TryTake(1000));
  EXPECT_TRUE(TakeLater(400, 1));
  EXPECT_TRUE(TakeLater(600, 2));
  EXPECT_FALSE(TakeLater(1, 3));
}

TEST_F(MemoryBudgetTest, WhatIsLargerThanTheLimitIsTakenAlone) {
  EXPECT_TRUE(budget_.TryTake(5000));
  EXPECT_FALSE(budget_.TryTake(1));
  EXPECT_TRUE(TakeLater(3000, 1));
  budget_.Give(5000);
  executor_.RunAll();
  EXPECT_EQ(budget_.used_bytes(), 3000u);
}

TEST_F(MemoryBudgetTest, WhoeverIsGoneIsPassedOver) {
  EXPECT_TRUE(budget_.TryTake(1000));
  EXPECT_TRUE(TakeLater(500, 1));
  alive_ = std::make_shared<bool>(true);
  EXPECT_TRUE(TakeLater(500, 2));
  budget_.Give(1000);
  executor_.RunAll();
  EXPECT_EQ(granted_, std::vector<int>{2});
  EXPECT_EQ(budget_.used_bytes(), 500u);
}

TEST_F(MemoryBudgetTest, ChargesGiveBackWhatTheyHoldOnce) {
  ASSERT_TRUE(budget_.TryTake(300));
  MemoryCharge charge(&budget_, 300);
  budget_.Take(50);
  charge.Add(50);
  MemoryCharge moved = std::move(charge);
  charge = MemoryCharge();
  EXPECT_EQ(budget_.used_bytes(), 350u);
  moved.Release();
  moved.Release();
  EXPECT_EQ(budget_.used_bytes(), 0u);
}

// In the end nobody waits, nothing is lost, and while others waited the limit was kept.
TEST_F(MemoryBudgetTest, RandomHoldersNeverPassTheLimitAndAllAreServed) {
  std::mt19937 random(7);
  std::deque<uint64_t> held;
  int granted = 0;
  int asked = 0;
  for (int i = 0; i < 20'000; ++i) {
    const uint64_t bytes = 1 + random() % 400;
    if (random() % 2 == 0 && !held.empty()) {
      budget_.Give(held.front());
      held.pop_front();
    } else if (budget_.TryTake(bytes)) {
      held.push_back(bytes);
    } else if (budget_.TakeLater(bytes, alive_, [&, bytes] {
                 ++granted;
                 held.push_back(bytes);
               })) {
      ++asked;
    }
    if (random() % 3 == 0) executor_.RunAll();
    ASSERT_LE(budget_.used_bytes(), kLimitBytes);
  }
  for (executor_.RunAll(); !held.empty(); executor_.RunAll()) {
    budget_.Give(held.front());
    held.pop_front();
  }
  EXPECT_EQ(granted, asked);
  EXPECT_GT(asked, 1000);
  EXPECT_EQ(budget_.used_bytes(), 0u);
}

}  // namespace
}  // namespace tidemark::session
