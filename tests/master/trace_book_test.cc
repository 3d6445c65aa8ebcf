// SPDX-License-Identifier: Apache-2.0
#include "master/trace_book.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace tidemark::master {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ManualClock : public env::Clock {
 public:
  int64_t NowMicros() override { return now_micros; }
  int64_t WallMicros() override { return 0; }
  int64_t now_micros = 1000;
};

constexpr TxId kTx(7);

class TraceBookTest : public ::testing::Test {
 protected:
  // True when the worker is asked for its figures.
  bool Send(uint32_t to, wire::Frame frame) {
    book_.OnSend(NodeId(to), &frame);
    return frame.trace();
  }
  bool Execute(uint32_t to, TxId tx = kTx) {
    wire::Frame frame;
    frame.mutable_execute()->set_tx(tx.value());
    return Send(to, std::move(frame));
  }
  bool Commit(uint32_t to, uint64_t csn, TxId tx = kTx) {
    wire::Frame frame;
    frame.mutable_commit()->set_tx(tx.value());
    frame.mutable_commit()->set_csn(csn);
    return Send(to, std::move(frame));
  }
  bool Flush(uint32_t to, uint64_t csn) {
    wire::Frame frame;
    frame.mutable_flush()->set_csn(csn);
    return Send(to, std::move(frame));
  }
  static wire::Spent Spent(uint64_t total_micros, uint64_t sync_micros = 0) {
    wire::Spent spent;
    spent.set_total_micros(total_micros);
    spent.set_sync_micros(sync_micros);
    return spent;
  }
  void Executed(uint32_t from, const wire::Spent& spent = {}) {
    wire::Frame frame;
    frame.mutable_executed()->set_tx(kTx.value());
    *frame.mutable_spent() = spent;
    book_.OnReceive(NodeId(from), frame);
  }
  void Applied(uint32_t from, uint64_t csn, const wire::Spent& spent = {}) {
    wire::Frame frame;
    frame.mutable_applied()->set_csn(csn);
    *frame.mutable_spent() = spent;
    book_.OnReceive(NodeId(from), frame);
  }
  void Flushed(uint32_t from, uint64_t csn, const wire::Spent& spent = {}) {
    wire::Frame frame;
    frame.mutable_flushed()->set_csn(csn);
    *frame.mutable_spent() = spent;
    book_.OnReceive(NodeId(from), frame);
  }
  void Append(uint64_t position, uint64_t csn) {
    durability::WatermarkRecord record;
    record.csn = Csn(csn);
    book_.OnLogAppended(position, record);
  }
  void Pass(int64_t micros) { clock_.now_micros += micros; }
  // "node kind micros" of each step.
  static std::vector<std::string> Text(const session::Trace& trace) {
    constexpr const char* kKinds[] = {"work", "hop", "sync", "wait"};
    std::vector<std::string> lines;
    for (const session::TraceStep& step : trace) {
      lines.push_back(absl::StrCat(step.node.value(), " ", kKinds[static_cast<size_t>(step.kind)],
                                   " ", step.micros));
    }
    return lines;
  }

  ManualClock clock_;
  TraceBook book_{&clock_};
};

TEST_F(TraceBookTest, StepsOfASynchronousCommitLeaveNoGap) {
  Pass(10);
  book_.Start(kTx, 1000);
  Pass(20);
  EXPECT_TRUE(Execute(1));
  EXPECT_TRUE(Execute(2));
  Pass(100);
  Executed(2, Spent(60));
  Pass(50);
  Executed(1, Spent(30));
  Pass(5);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_TRUE(Commit(2, 9));
  Pass(70);
  Applied(1, 9, Spent(40));
  Pass(10);
  Applied(2, 9, Spent(50));
  Pass(3);
  EXPECT_TRUE(Flush(1, 9));
  EXPECT_TRUE(Flush(2, 9));
  Pass(300);
  Flushed(1, 9, Spent(250, 200));
  Flushed(2, 9, Spent(260, 210));
  Pass(2);
  Append(4, 9);
  Pass(220);
  book_.OnLogSynced(4, 190);
  Pass(8);
  const session::Trace trace = book_.Take(kTx);
  EXPECT_THAT(Text(trace),
              ElementsAre("0 wait 10", "0 work 20", "1 hop 120", "1 work 30", "0 work 5",
                          "2 hop 30", "2 work 50", "0 wait 3", "2 hop 40", "2 wait 50",
                          "2 sync 210", "0 work 2", "0 wait 30", "0 sync 190", "0 work 8"));
  int64_t sum = 0;
  for (const session::TraceStep& step : trace) sum += step.micros;
  EXPECT_EQ(sum, clock_.now_micros - 1000);
  EXPECT_TRUE(book_.empty());
}

TEST_F(TraceBookTest, TheSyncIsToldWhenAWorkerWithoutOneAnswersLast) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  Pass(70);
  Applied(1, 9, Spent(40));
  EXPECT_TRUE(Flush(1, 9));
  EXPECT_TRUE(Flush(2, 9));
  Pass(300);
  Flushed(1, 9, Spent(250, 200));
  Pass(15);
  Flushed(2, 9, Spent(5));
  Append(4, 9);
  Pass(6);
  book_.OnLogSynced(4, 6);
  EXPECT_THAT(Text(book_.Take(kTx)),
              ElementsAre("0 wait 0", "0 work 0", "1 hop 30", "1 work 40", "0 wait 0", "1 hop 50",
                          "1 wait 50", "1 sync 200", "0 wait 15", "0 work 0", "0 wait 0",
                          "0 sync 6", "0 work 0"));
}

TEST_F(TraceBookTest, AnAsynchronousCommitEndsWhenItIsApplied) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  Pass(70);
  Applied(1, 9, Spent(40));
  Pass(4);
  EXPECT_THAT(Text(book_.Take(kTx)),
              ElementsAre("0 wait 0", "0 work 0", "1 hop 30", "1 work 40", "0 work 4"));
}

TEST_F(TraceBookTest, NothingIsAskedOfWorkersForOtherTransactions) {
  EXPECT_TRUE(book_.empty());
  EXPECT_THAT(book_.Take(kTx), IsEmpty());
  book_.Start(kTx, 1000);
  EXPECT_FALSE(Execute(1, TxId(8)));
  EXPECT_FALSE(Commit(1, 9, TxId(8)));
  EXPECT_FALSE(Flush(1, 9));
  EXPECT_EQ(Text(book_.Take(kTx)).size(), 2u);
}

TEST_F(TraceBookTest, AnswersToEarlierCommitsDoNotCount) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_FALSE(Flush(1, 8));
  Pass(10);
  Applied(1, 8);
  Pass(10);
  Applied(1, 9);
  EXPECT_TRUE(Flush(1, 10));
  Pass(10);
  Flushed(1, 8);
  Append(3, 8);
  book_.OnLogSynced(3, 1);
  Pass(10);
  Flushed(1, 10);
  Append(4, 10);
  Pass(10);
  book_.OnLogSynced(3, 1);
  Pass(10);
  book_.OnLogSynced(4, 5);
  EXPECT_THAT(Text(book_.Take(kTx)),
              ElementsAre("0 wait 0", "0 work 0", "1 hop 20", "1 work 0", "0 wait 0", "1 hop 20",
                          "1 wait 0", "0 work 0", "0 wait 15", "0 sync 5", "0 work 0"));
}

// The flush goes out with the commit; the sync that began beside the commit counts from its answer.
TEST_F(TraceBookTest, AFlushBesideTheCommitCountsFromTheApplied) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_TRUE(Flush(1, 9));
  Pass(50);
  Applied(1, 9, Spent(20));
  Pass(100);
  Flushed(1, 9, Spent(140, 90));
  Pass(5);
  Append(4, 9);
  EXPECT_THAT(Text(book_.Take(kTx)),
              ElementsAre("0 wait 0", "0 work 0", "1 hop 30", "1 work 20", "1 hop 0", "1 wait 10",
                          "1 sync 90", "0 work 5", "0 work 0"));
}

TEST_F(TraceBookTest, ASyncIsToldWhenItsAnswerComesWithTheOneBefore) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_TRUE(Flush(1, 9));
  Pass(300);
  Applied(1, 9, Spent(20));
  Pass(10);
  Flushed(1, 9, Spent(140, 90));
  const session::Trace trace = book_.Take(kTx);
  EXPECT_THAT(Text(trace), ElementsAre("0 wait 0", "0 work 0", "1 hop 200", "1 work 20", "1 hop 0",
                                       "1 wait 0", "1 sync 90", "0 work 0"));
}

// A large commit may be on disk before it is applied.
TEST_F(TraceBookTest, AFlushThatIsAnsweredFirstTakesNoTime) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_TRUE(Flush(1, 9));
  Pass(50);
  Flushed(1, 9, Spent(40, 30));
  Pass(100);
  Applied(1, 9, Spent(120));
  Pass(5);
  Append(4, 9);
  Pass(30);
  book_.OnLogSynced(4, 20);
  EXPECT_THAT(Text(book_.Take(kTx)), ElementsAre("0 wait 0", "0 work 0", "1 hop 30", "1 work 120",
                                                 "0 work 5", "0 wait 10", "0 sync 20", "0 work 0"));
}

// It is on disk, and an earlier commit is not applied elsewhere.
TEST_F(TraceBookTest, AFlushedCommitMayWaitForEarlierOnes) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_TRUE(Flush(1, 9));
  Pass(50);
  Applied(1, 9, Spent(50));
  Flushed(1, 9, Spent(50));
  Pass(20);
  EXPECT_FALSE(Flush(2, 10));
  Applied(2, 7);
  Pass(30);
  Applied(2, 8);
  Pass(2);
  Append(4, 9);
  Pass(40);
  book_.OnLogSynced(4, 40);
  EXPECT_THAT(Text(book_.Take(kTx)),
              ElementsAre("0 wait 0", "0 work 0", "1 hop 0", "1 work 50", "1 hop 0", "1 wait 0",
                          "0 wait 50", "0 work 2", "0 wait 0", "0 sync 40", "0 work 0"));
}

// A flush round that comes after this commit's own is answered is none of its steps.
TEST_F(TraceBookTest, ALaterRoundIsNotTheCommitsOwn) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  EXPECT_TRUE(Flush(1, 9));
  Flushed(1, 9);
  EXPECT_FALSE(Flush(2, 10));
  Pass(30);
  Applied(1, 9);
  Pass(5);
  Append(4, 9);
  Pass(40);
  book_.OnLogSynced(4, 40);
  EXPECT_THAT(Text(book_.Take(kTx)), ElementsAre("0 wait 0", "0 work 0", "1 hop 30", "1 work 0",
                                                 "0 work 5", "0 wait 0", "0 sync 40", "0 work 0"));
}

// A worker may answer two requests at once and tell the figures of the longer one.
TEST_F(TraceBookTest, AWorkersFigureIsNeverLongerThanTheWait) {
  book_.Start(kTx, 1000);
  EXPECT_TRUE(Commit(1, 9));
  Pass(10);
  Applied(1, 9, Spent(5000));
  EXPECT_THAT(Text(book_.Take(kTx)),
              ElementsAre("0 wait 0", "0 work 0", "1 hop 0", "1 work 10", "0 work 0"));
}

}  // namespace
}  // namespace tidemark::master
