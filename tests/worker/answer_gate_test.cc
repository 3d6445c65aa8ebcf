// SPDX-License-Identifier: Apache-2.0
#include "worker/answer_gate.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "rpc/limits.h"

namespace tidemark::worker {
namespace {

class AnswerGateTest : public ::testing::Test {
 protected:
  void Add(uint64_t request, size_t bytes) {
    wire::Frame frame;
    frame.mutable_executed()->set_request(request);
    frame.mutable_executed()->set_results(std::string(bytes, 'x'));
    gate_.Add(std::move(frame));
  }

  std::vector<uint64_t> sent_;
  size_t unsent_bytes_ = 0;
  AnswerGate gate_{[this](wire::Frame frame) {
                     sent_.push_back(frame.executed().request());
                     unsent_bytes_ += frame.executed().results().size();
                   },
                   [this] { return unsent_bytes_; }};
};

TEST_F(AnswerGateTest, LargeAnswersWaitForTheStreamInOrderAndSmallOnesPass) {
  constexpr size_t kLarge = rpc::kDrainedBytes;
  for (uint64_t i = 1; i <= 4; ++i) Add(i, kLarge);
  EXPECT_EQ(sent_, (std::vector<uint64_t>{1, 2}));
  EXPECT_EQ(gate_.held_bytes(), 2 * kLarge);
  Add(5, 100);
  EXPECT_EQ(sent_.back(), 5u);
  unsent_bytes_ = 0;
  gate_.SendSome();
  EXPECT_EQ(sent_, (std::vector<uint64_t>{1, 2, 5, 3, 4}));
  EXPECT_EQ(gate_.held_bytes(), 0u);
}

TEST_F(AnswerGateTest, SmallOnesWaitTooWhenTooMuchIsOnTheStream) {
  unsent_bytes_ = kMaxSmallUnsentBytes + 1;
  Add(1, 10);
  EXPECT_TRUE(sent_.empty());
  unsent_bytes_ = 0;
  gate_.SendSome();
  EXPECT_EQ(sent_, std::vector<uint64_t>{1});
}

TEST_F(AnswerGateTest, WhatNobodyWantsIsForgotten) {
  unsent_bytes_ = rpc::kDrainedBytes + 1;
  Add(1, kSmallAnswerBytes + 1);
  gate_.Clear();
  unsent_bytes_ = 0;
  gate_.SendSome();
  EXPECT_TRUE(sent_.empty());
  EXPECT_EQ(gate_.held_bytes(), 0u);
}

}  // namespace
}  // namespace tidemark::worker
