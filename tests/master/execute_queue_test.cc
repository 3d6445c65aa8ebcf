// SPDX-License-Identifier: Apache-2.0
#include "master/execute_queue.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "rpc/limits.h"

namespace tidemark::master {
namespace {

constexpr size_t kLargeBytes = size_t{1} << 20;
constexpr size_t kSmallBytes = 100;

class ExecuteQueueTest : public ::testing::Test {
 protected:
  static wire::Frame Frame(uint64_t tx, uint64_t request, size_t bytes) {
    wire::Frame frame;
    frame.mutable_execute()->set_tx(tx);
    frame.mutable_execute()->set_request(request);
    frame.mutable_execute()->set_call(std::string(bytes, 'x'));
    return frame;
  }
  void Add(uint64_t tx, uint64_t request, size_t bytes) {
    queue_.Add(request, Frame(tx, request, bytes));
  }

  std::vector<uint64_t> sent_;
  std::set<uint64_t> ended_;
  size_t unsent_bytes_ = 0;
  ExecuteQueue queue_{
      {.send = [this](wire::Frame frame) { sent_.push_back(frame.execute().request()); },
       .unsent_bytes = [this] { return unsent_bytes_; },
       .is_open = [this](TxId tx) { return !ended_.contains(tx.value()); }}};
};

TEST_F(ExecuteQueueTest, LargeFramesWaitForAnswersAndSmallOnesDoNot) {
  for (uint64_t i = 1; i <= 6; ++i) Add(i, i, kLargeBytes);
  EXPECT_EQ(sent_, (std::vector<uint64_t>{1, 2, 3, 4}));
  Add(7, 7, kSmallBytes);
  EXPECT_EQ(sent_.back(), 7u);
  queue_.Forget(2);
  EXPECT_EQ(sent_.back(), 7u) << "the small one is under way too";
  queue_.Forget(7);
  EXPECT_EQ(sent_.back(), 5u);
  queue_.Forget(1);
  EXPECT_EQ(sent_.back(), 6u);
}

TEST_F(ExecuteQueueTest, LargeFramesWaitForTheStream) {
  unsent_bytes_ = rpc::kDrainedBytes + 1;
  Add(1, 1, kLargeBytes);
  Add(2, 2, kSmallBytes);
  EXPECT_EQ(sent_, std::vector<uint64_t>{2});
  unsent_bytes_ = 0;
  queue_.SendSome();
  EXPECT_EQ(sent_, (std::vector<uint64_t>{2, 1}));
}

TEST_F(ExecuteQueueTest, OneFrameAboveTheLimitGoesAlone) {
  Add(1, 1, 3 * kMaxExecuteBytes);
  Add(2, 2, kLargeBytes);
  EXPECT_EQ(sent_, std::vector<uint64_t>{1});
  queue_.Forget(1);
  EXPECT_EQ(sent_, (std::vector<uint64_t>{1, 2}));
}

TEST_F(ExecuteQueueTest, NothingOfATransactionFollowsItsAbort) {
  for (uint64_t i = 1; i <= 4; ++i) Add(1, i, kLargeBytes);
  Add(2, 5, kLargeBytes);  // waits
  Add(3, 6, kLargeBytes);  // waits
  ended_.insert(2);        // its Abort is on the stream
  queue_.Forget(1);
  queue_.Forget(2);
  EXPECT_EQ(sent_.back(), 6u);
  queue_.Forget(5);
  EXPECT_EQ(queue_.waiting_count(), 0u);
}

TEST_F(ExecuteQueueTest, TheFramesOfATransactionKeepTheirOrder) {
  for (uint64_t i = 1; i <= 4; ++i) Add(1, i, kLargeBytes);
  Add(2, 5, kLargeBytes);
  Add(2, 6, kSmallBytes);
  Add(3, 7, kSmallBytes);
  EXPECT_EQ(sent_, (std::vector<uint64_t>{1, 2, 3, 4, 7}));
  queue_.Forget(7);
  queue_.Forget(1);
  EXPECT_EQ(sent_.back(), 5u);
  queue_.Forget(2);
  EXPECT_EQ(sent_.back(), 6u);
}

// Whatever comes: each transaction's frames in their order, never more than the limits, all sent in
// the end.
TEST_F(ExecuteQueueTest, RandomFramesKeepTheOrderAndTheLimits) {
  std::mt19937 random(3);
  std::map<uint64_t, size_t> bytes_of;
  std::map<uint64_t, uint64_t> tx_of;
  uint64_t next = 1;
  std::vector<uint64_t> answered;
  const auto answer_one = [&] {
    std::vector<uint64_t> under_way;
    for (const uint64_t request : sent_) {
      if (bytes_of.contains(request)) under_way.push_back(request);
    }
    if (under_way.empty()) return false;
    const uint64_t request = under_way[random() % under_way.size()];
    bytes_of.erase(request);
    queue_.Forget(request);
    return true;
  };
  for (int i = 0; i < 3000; ++i) {
    unsent_bytes_ = random() % 3 == 0 ? 2 * rpc::kDrainedBytes : 0;
    queue_.SendSome();
    if (random() % 2 == 0) {
      const size_t bytes = random() % 2 == 0 ? kSmallBytes : random() % (2 * kLargeBytes);
      bytes_of[next] = bytes;
      tx_of[next] = 1 + random() % 5;
      Add(tx_of[next], next, bytes);
      ++next;
    } else {
      answer_one();
    }
    ASSERT_LE(queue_.under_way_bytes(), kMaxSmallExecuteBytes);
  }
  unsent_bytes_ = 0;
  for (queue_.SendSome(); answer_one();) {
  }
  ASSERT_EQ(sent_.size(), next - 1);
  std::map<uint64_t, uint64_t> newest;
  for (const uint64_t request : sent_) {
    EXPECT_LT(newest[tx_of[request]], request);
    newest[tx_of[request]] = request;
  }
}

}  // namespace
}  // namespace tidemark::master
