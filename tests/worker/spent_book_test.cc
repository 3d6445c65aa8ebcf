// SPDX-License-Identifier: Apache-2.0
#include "worker/spent_book.h"

#include <gtest/gtest.h>

namespace tidemark::worker {
namespace {

class ManualClock : public env::Clock {
 public:
  int64_t NowMicros() override { return now_micros; }
  int64_t WallMicros() override { return 0; }
  int64_t now_micros = 500;
};

class SpentBookTest : public ::testing::Test {
 protected:
  void ReceiveExecute(uint64_t request) {
    wire::Frame frame;
    frame.mutable_execute()->set_request(request);
    book_.OnReceive(frame);
  }
  void ReceiveCommit(uint64_t csn) {
    wire::Frame frame;
    frame.mutable_commit()->set_csn(csn);
    book_.OnReceive(frame);
  }
  void ReceiveFlush(uint64_t csn) {
    wire::Frame frame;
    frame.mutable_flush()->set_csn(csn);
    book_.OnReceive(frame);
  }
  wire::Frame Executed(uint64_t request) {
    wire::Frame frame;
    frame.mutable_executed()->set_request(request);
    book_.OnSend(&frame, 100);
    return frame;
  }
  wire::Frame Applied(uint64_t csn) {
    wire::Frame frame;
    frame.mutable_applied()->set_csn(csn);
    book_.OnSend(&frame, 100);
    return frame;
  }
  wire::Frame Flushed(uint64_t csn) {
    wire::Frame frame;
    frame.mutable_flushed()->set_csn(csn);
    book_.OnSend(&frame, 100);
    return frame;
  }

  ManualClock clock_;
  SpentBook book_{&clock_};
};

TEST_F(SpentBookTest, EachAnswerTellsTheTimeOfItsRequest) {
  ReceiveExecute(3);
  clock_.now_micros += 20;
  ReceiveCommit(5);
  clock_.now_micros += 30;
  EXPECT_FALSE(Executed(2).has_spent());
  EXPECT_FALSE(Applied(4).has_spent());
  EXPECT_FALSE(Flushed(9).has_spent());
  EXPECT_EQ(Executed(3).spent().total_micros(), 50u);
  EXPECT_FALSE(Executed(3).has_spent());
  const wire::Frame applied = Applied(6);
  EXPECT_EQ(applied.spent().total_micros(), 30u);
  EXPECT_EQ(applied.spent().sync_micros(), 0u);
  EXPECT_TRUE(book_.empty());
}

TEST_F(SpentBookTest, OfAFlushTheSyncIsToldApart) {
  ReceiveFlush(5);
  clock_.now_micros += 130;
  const wire::Frame flushed = Flushed(5);
  EXPECT_EQ(flushed.spent().total_micros(), 130u);
  EXPECT_EQ(flushed.spent().sync_micros(), 100u);
  ReceiveFlush(6);
  clock_.now_micros += 40;  // the sync had begun before
  EXPECT_EQ(Flushed(6).spent().sync_micros(), 40u);
}

TEST_F(SpentBookTest, WhatIsNeverAnsweredTakesNoMoreRoomThanTheLimit) {
  for (uint64_t request = 1; request <= SpentBook::kMaxOpenCount + 1; ++request) {
    ReceiveExecute(request);
  }
  EXPECT_FALSE(Executed(1).has_spent());
  EXPECT_TRUE(Executed(2).has_spent());
  book_.Clear();
  EXPECT_TRUE(book_.empty());
}

}  // namespace
}  // namespace tidemark::worker
