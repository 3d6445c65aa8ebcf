// SPDX-License-Identifier: Apache-2.0
#include "worker/commit_log.h"

#include <gmock/gmock.h>

#include "tests/worker/engine_parts.h"

namespace tidemark::worker {
namespace {

using ::testing::ElementsAre;

class CommitLogTest : public EngineParts {
 protected:
  // Made when a test has set its options; takes commits of epoch 1.
  CommitLog& log() {
    if (log_ == nullptr) {
      log_ = std::make_unique<CommitLog>(&context_, ScanWal());
      Cut({Epoch(1), Csn(0), Csn(0), {}});
    }
    return *log_;
  }
  void Cut(const txn::CutOrder& order) {
    bool done = false;
    log_->Cut(order, [&done] { done = true; });
    executor_.RunAll();
    EXPECT_TRUE(done);
    log_->CheckInvariants();
  }
  // Logs and applies a transaction of one vertex.
  void CommitOne(uint64_t csn) {
    WriteVertices(TxId(csn), 1);
    log().Log(Commit(TxId(csn), Csn(csn)));
    EXPECT_TRUE(log().Apply(TxId(csn), Csn(csn)));
  }

  std::unique_ptr<CommitLog> log_;
};

TEST_F(CommitLogTest, WhenCommitsAreToldTheirBytesAreWithTheOperatingSystem) {
  log();
  size_t logged = 0;
  events_.on_applied = [&] { logged = ScanWal().tail.size(); };
  CommitOne(1);
  CommitOne(2);
  EXPECT_TRUE(events_.applied.empty()) << "the turn has not ended";
  executor_.RunAll();
  EXPECT_THAT(events_.applied, ElementsAre(Csn(2))) << "once for the turn";
  EXPECT_EQ(logged, 2u);
  log().CheckInvariants();
}

TEST_F(CommitLogTest, ALargeCommitGoesOnInSlices) {
  log();
  WriteVertices(TxId(1), 30'000);
  log().Log(Commit(TxId(1), Csn(1)));
  EXPECT_FALSE(log().Apply(TxId(1), Csn(1)));
  ASSERT_TRUE(log().applying());
  // What comes behind it waits for it.
  WriteVertices(TxId(2), 1);
  log().Log(Commit(TxId(2), Csn(2)));
  EXPECT_FALSE(log().Apply(TxId(2), Csn(2)));
  int slices = 0;
  for (; log().applying(); ++slices) log().ApplySlice();
  EXPECT_GE(slices, 2);
  executor_.RunAll();
  EXPECT_EQ(events_.applied.back(), Csn(2));
}

TEST_F(CommitLogTest, ASyncIsToldWhenTheCommitIsOnDisk) {
  log();
  CommitOne(1);
  log().Sync(Csn(1));
  executor_.RunPosted();
  EXPECT_TRUE(events_.synced.empty()) << "no sync has run";
  EXPECT_TRUE(log().disk_asked_micros().has_value());
  executor_.RunAll();
  EXPECT_THAT(events_.synced, ElementsAre(Csn(1)));
  EXPECT_FALSE(log().disk_asked_micros().has_value());
}

TEST_F(CommitLogTest, WithoutAWalNothingIsLoggedAndEverySyncIsDone) {
  context_.options.wal = false;
  log();
  EXPECT_EQ(log().gate(), nullptr);
  CommitOne(1);
  log().Sync(Csn(1));
  EXPECT_TRUE(events_.synced.empty()) << "never from inside the call";
  executor_.RunPosted();
  EXPECT_THAT(events_.synced, ElementsAre(Csn(1)));
  EXPECT_THAT(events_.applied, ElementsAre(Csn(1)));
  EXPECT_TRUE(ScanWal().tail.empty());
  log().CheckInvariants();
}

TEST_F(CommitLogTest, WhatALargeTransactionWritesIsLoggedAheadOfItsCommit) {
  context_.options.tx_part_bytes = 1000;
  log();
  WriteVertices(TxId(1), 10);
  log().NoteWrites(TxId(1));
  EXPECT_GT(shard().PendingMutationBytes(TxId(1)), 0u) << "small: it waits for its commit";
  WriteVertices(TxId(1), 1000);
  log().NoteWrites(TxId(1));
  EXPECT_EQ(shard().PendingMutationBytes(TxId(1)), 0u);
  log().CheckInvariants();
  log().Log(Commit(TxId(1), Csn(1)));
  log().Apply(TxId(1), Csn(1));
  while (log().applying()) log().ApplySlice();
  executor_.RunAll();
  const durability::WalState state = ScanWal();
  ASSERT_EQ(state.tail.size(), 1u);
  EXPECT_EQ(state.parts.count({Epoch(1), Csn(1)}), 1u);
}

TEST_F(CommitLogTest, WhatAnAbortedTransactionHasLoggedHoldsNoSegmentBack) {
  context_.options.tx_part_bytes = 1000;
  context_.options.wal_segment_bytes = 64 << 10;
  log();
  WriteVertices(TxId(100), 1000);
  log().NoteWrites(TxId(100));
  ASSERT_EQ(shard().PendingMutationBytes(TxId(100)), 0u) << "its part is in the log";
  const auto commit = [this](uint64_t csn) {
    WriteVertices(TxId(csn), 1000);
    log().NoteWrites(TxId(csn));
    log().Log(Commit(TxId(csn), Csn(csn)));
    log().Apply(TxId(csn), Csn(csn));
    while (log().applying()) log().ApplySlice();
    log().Sync(Csn(csn));
    executor_.RunAll();
  };
  for (uint64_t csn = 1; csn <= 30; ++csn) commit(csn);
  const size_t segment_count = log().wal_state().segments.size();
  ASSERT_GE(segment_count, 3u);
  log().RemoveBelow(Csn(30));
  EXPECT_EQ(log().wal_state().segments.size(), segment_count) << "it may still commit";
  shard().Abort(TxId(100));
  log().Forget(TxId(100));
  log().RemoveBelow(Csn(30));
  EXPECT_LT(log().wal_state().segments.size(), segment_count);
  executor_.RunAll();
  log().CheckInvariants();
}

TEST_F(CommitLogTest, APromiseEndsWithItsTransaction) {
  log();
  ASSERT_NE(log().gate(), nullptr);
  // As much as the log has room for, in promises that are too small to be logged ahead.
  constexpr uint64_t kPromiseCount = 8;
  for (uint64_t tx = 1; tx <= kPromiseCount; ++tx) {
    WriteVertices(TxId(tx), 20'000);
    log().NoteWrites(TxId(tx));
    EXPECT_GT(shard().PendingMutationBytes(TxId(tx)), 0u);
  }
  log().CheckInvariants();
  EXPECT_FALSE(*log().gate()->MayWrite(100, 1)) << "until there is another segment";
  for (uint64_t tx = 1; tx <= kPromiseCount; ++tx) log().Forget(TxId(tx));
  EXPECT_TRUE(*log().gate()->MayWrite(100, 1));
  log().CheckInvariants();
}

TEST_F(CommitLogTest, ACutKnowsTheNewestCommitOfWhatStays) {
  log();
  for (const uint64_t csn : {1, 2, 3}) CommitOne(csn);
  executor_.RunAll();
  Cut({Epoch(2), Csn(2), Csn(0), {{Epoch(1), Csn(2)}}});
  EXPECT_EQ(log().wal_state().base.last_csn, Csn(1)) << "2 is dead, 3 is above";
  EXPECT_EQ(log().wal_state().base.epoch, Epoch(2));
  // The commits below are in a snapshot that the shard was loaded from.
  log().OnRecovered(Csn(7));
  Cut({Epoch(3), Csn(9), Csn(8), {}});
  EXPECT_EQ(log().wal_state().base.last_csn, Csn(7));
}

TEST_F(CommitLogTest, NothingIsToldAfterItIsGone) {
  log();
  CommitOne(1);
  log().Sync(Csn(1));
  log_ = nullptr;
  executor_.RunAll();
  EXPECT_TRUE(events_.applied.empty());
  EXPECT_TRUE(events_.synced.empty());
}

}  // namespace
}  // namespace tidemark::worker
