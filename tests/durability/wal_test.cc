// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "tests/durability/wal_fixture.h"

namespace tidemark::durability {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST_F(WalTest, NoFolderAndEmptyFolderAreAnEmptyLog) {
  const absl::StatusOr<WalState> state = ScanWal(&files_, "elsewhere/wal", kIdentity);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->end.segment, 0u);
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_FALSE(node_.writer()->ready());
  EXPECT_TRUE(node_.scanned().tail.empty());
}

TEST_F(WalTest, WhatIsSyncedComesBackAfterPowerLoss) {
  Fill(3);
  node_.Destroy();
  files_.LosePower();
  const auto commits = node_.Replay();
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_THAT(*commits, ElementsAre(Pair(1, Mutations(1, 50)), Pair(2, Mutations(2, 50)),
                                    Pair(3, Mutations(3, 50))));
}

TEST_F(WalTest, WhatIsWrittenSurvivesTheProcess) {
  Fill(3);
  node_.Commit(4, "four");
  node_.Destroy();
  files_.KillProcesses();
  EXPECT_EQ(LastCsn(), Csn(4));
}

TEST_F(WalTest, TailNamesEpochCsnAndParticipants) {
  Fill(3);
  node_.writer()->NoteWatermark(Csn(1));
  node_.executor()->RunAll();
  const absl::StatusOr<WalState> state = ScanWal(&files_, kWalDirectory, kIdentity);
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->base.watermark, Csn(1));
  EXPECT_EQ(state->base.watermark_last, Csn(1));
  ASSERT_EQ(state->tail.size(), 2u);
  EXPECT_EQ(state->tail[0].csn, Csn(2));
  EXPECT_EQ(state->tail[1].csn, Csn(3));
  EXPECT_EQ(state->tail[1].epoch, Epoch(1));
  EXPECT_EQ(state->tail[1].participants, NodeSet(3));
  EXPECT_EQ(state->base.complete_after, Csn(0));
}

TEST_F(WalTest, OneWritePerTurnAndOneSyncForAllThatWait) {
  Fill(1);
  const uint64_t calls = files_.changing_calls();
  int done = 0;
  for (uint64_t csn = 2; csn <= 9; ++csn) {
    node_.writer()->AppendCommit(
        {.csn = Csn(csn), .tx = TxId(csn), .participants = NodeSet(1), .mutations = "x"});
    node_.writer()->SyncThrough(Csn(csn), [&] { ++done; });
  }
  EXPECT_GT(node_.writer()->stats().unsynced_bytes, 0u);
  node_.executor()->RunAll();
  EXPECT_EQ(done, 8);
  EXPECT_EQ(files_.changing_calls() - calls, 2u);  // one write, one sync
  EXPECT_EQ(node_.writer()->stats().unsynced_bytes, 0u);
}

TEST_F(WalTest, WaiterOfAnEarlierCsnDoesNotWaitForALaterOne) {
  Fill(5);
  bool done = false;
  node_.Commit(6, "six");
  node_.writer()->SyncThrough(Csn(5), [&] { done = true; });
  EXPECT_FALSE(done);  // never from inside the call
  const uint64_t syncs = node_.writer()->stats().sync_count;
  node_.executor()->Turn();
  EXPECT_TRUE(done);
  EXPECT_EQ(node_.writer()->stats().sync_count, syncs);
}

TEST_F(WalTest, SegmentsFollowEachOtherWithoutGap) {
  Fill(200, 100);
  EXPECT_GT(node_.writer()->stats().segment_count, 3u);
  node_.Destroy();
  files_.LosePower();
  const auto commits = node_.Replay(120);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_EQ(commits->size(), 80u);
  EXPECT_EQ(commits->begin()->first, 121u);
  EXPECT_EQ(commits->rbegin()->second, Mutations(200, 100));
}

TEST_F(WalTest, RecordLargerThanASegment) {
  Fill(2);
  node_.Commit(3, std::string(50000, 'L'));
  node_.Commit(4, "four");
  ASSERT_TRUE(node_.Sync(4));
  node_.Destroy();
  files_.LosePower();
  const auto commits = node_.Replay();
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_EQ(commits->at(3).size(), 50000u);
  EXPECT_EQ(commits->at(4), "four");
}

TEST_F(WalTest, PartsComeBeforeTheRestOfTheirTransaction) {
  Fill(1);
  WalWriter* writer = node_.writer();
  writer->AppendPart(TxId(7), "seven-0 ");
  writer->AppendPart(TxId(8), "eight-0 ");
  writer->AppendPart(TxId(7), "seven-1 ");
  writer->AppendPart(TxId(9), "never closed");
  writer->AppendCommit(
      {.csn = Csn(2), .tx = TxId(8), .participants = NodeSet(1), .mutations = "eight-end"});
  writer->AppendCommit(
      {.csn = Csn(3), .tx = TxId(7), .participants = NodeSet(1), .mutations = "seven-end"});
  writer->CheckInvariants();
  node_.executor()->RunAll();
  const auto commits = node_.Replay(1);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_THAT(*commits,
              ElementsAre(Pair(2, "eight-0 eight-end"), Pair(3, "seven-0 seven-1 seven-end")));
}

TEST_F(WalTest, PartsOfAnEarlierEpochDoNotCount) {
  Fill(1);
  node_.writer()->AppendPart(TxId(7), "of epoch 1 ");
  ASSERT_TRUE(node_.Cut(2, 1));
  node_.writer()->AppendPart(TxId(7), "of epoch 2 ");
  node_.writer()->AppendCommit(
      {.csn = Csn(2), .tx = TxId(7), .participants = NodeSet(1), .mutations = "end"});
  node_.executor()->RunAll();
  const auto commits = node_.Replay(1);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_THAT(*commits, ElementsAre(Pair(2, "of epoch 2 end")));
}

// --- The cut.

TEST_F(WalTest, CutRemovesEverythingAboveAndNumberingGoesOn) {
  Fill(200, 100);
  ASSERT_TRUE(node_.Cut(2, 50));
  node_.writer()->CheckInvariants();
  EXPECT_EQ(node_.writer()->last_csn(), Csn(50));
  for (const std::string& path : files_.AllPaths()) {
    EXPECT_EQ(files_.Bytes(path)->find("commit 51 "), std::string::npos) << path;
    EXPECT_EQ(files_.Bytes(path)->find("commit 200 "), std::string::npos) << path;
  }
  node_.Commit(51, "another 51");
  ASSERT_TRUE(node_.Sync(51));
  node_.Destroy();
  files_.LosePower();
  const auto commits = node_.Replay(49);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_THAT(*commits, ElementsAre(Pair(50, Mutations(50, 100)), Pair(51, "another 51")));
}

TEST_F(WalTest, CutOfALiveWorkerKeepsWhatIsBelow) {
  Fill(10);
  node_.Commit(11, "eleven");
  node_.writer()->NoteWatermark(Csn(9));
  node_.Commit(12, "twelve");
  ASSERT_TRUE(node_.Cut(2, 11));
  EXPECT_EQ(node_.writer()->watermark(), Csn(9));
  node_.Destroy();
  files_.LosePower();
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().base.last_csn, Csn(11));
  EXPECT_EQ(node_.scanned().base.watermark, Csn(9));
  EXPECT_EQ(node_.scanned().base.epoch, Epoch(2));
  EXPECT_EQ(node_.scanned().base.base, Csn(11));
}

TEST_F(WalTest, SecondCutWaitsForTheFirst) {
  Fill(10);
  bool first = false;
  bool second = false;
  node_.writer()->CutAbove({.epoch = Epoch(2), .csn = Csn(8), .last_csn = Csn(8)},
                           [&] { first = true; });
  node_.writer()->CutAbove({.epoch = Epoch(3), .csn = Csn(6), .last_csn = Csn(6)},
                           [&] { second = true; });
  node_.executor()->RunAll();
  EXPECT_FALSE(first);
  EXPECT_TRUE(second);
  EXPECT_EQ(LastCsn(), Csn(6));
  EXPECT_EQ(node_.writer()->epoch(), Epoch(3));
}

TEST_F(WalTest, NothingIsToldAfterTheWriterIsGone) {
  // With a sync, the preparation of a segment and a cut under way, in every order of their jobs.
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    CrashFileSystem files;
    WalNode node(&files, seed);
    ASSERT_TRUE(node.Open().ok());
    ASSERT_TRUE(node.Cut(1, 0));
    bool told = false;
    const auto tell = [&told] { told = true; };
    node.writer()->AppendCommit({Csn(1), TxId(1), NodeSet(3), std::string(1500, 'x')});
    EXPECT_FALSE(node.writer()->HasRoom(1 << 20)) << "another segment is wanted";
    node.writer()->SyncAll(tell);
    node.executor()->Turn();
    if (seed % 2 == 0) {
      node.writer()->CutAbove({.epoch = Epoch(2), .csn = Csn(1), .last_csn = Csn(1)}, tell);
    }
    for (uint64_t job = 0; job < seed % 4; ++job) node.executor()->RunJob();
    node.DestroyWriter();
    node.executor()->RunAll();
    EXPECT_FALSE(told) << seed;
    EXPECT_TRUE(node.executor()->failure().ok()) << seed;
  }
}

TEST_F(WalTest, WaitersAreForgottenByACut) {
  Fill(3);
  node_.Commit(4, "four");
  bool told = false;
  node_.writer()->SyncThrough(Csn(4), [&] { told = true; });
  ASSERT_TRUE(node_.Cut(2, 3));
  EXPECT_FALSE(told);
}

TEST_F(WalTest, SnapshotBeyondTheLogLeavesAMarkedHole) {
  Fill(5);
  bool done = false;
  node_.writer()->CutAbove(
      {.epoch = Epoch(2), .csn = Csn(30), .last_csn = Csn(28), .snapshot_csn = Csn(30)},
      [&] { done = true; });
  node_.executor()->RunAll();
  ASSERT_TRUE(done);
  node_.Commit(31, "thirty-one");
  node_.Destroy();
  files_.KillProcesses();
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().base.complete_after, Csn(28));
  EXPECT_EQ(node_.scanned().base.watermark, Csn(30));
  EXPECT_EQ(node_.scanned().base.watermark_last, Csn(28));
  const auto commits = node_.Replay(30);
  ASSERT_TRUE(commits.ok());
  EXPECT_THAT(*commits, ElementsAre(Pair(31, "thirty-one")));
}

TEST_F(WalTest, SnapshotBeyondTheLogAfterItsWatermarkWasNoted) {
  Fill(5);
  node_.writer()->NoteWatermark(Csn(30));
  ASSERT_TRUE(node_.Sync(5));
  bool done = false;
  node_.writer()->CutAbove(
      {.epoch = Epoch(2), .csn = Csn(30), .last_csn = Csn(28), .snapshot_csn = Csn(30)},
      [&] { done = true; });
  node_.executor()->RunAll();
  ASSERT_TRUE(done);
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().base.watermark, Csn(30));
  EXPECT_EQ(node_.scanned().base.watermark_last, Csn(28));
}

TEST_F(WalTest, WatermarkNotedBelowTheSegmentsThatAreGone) {
  Fill(200, 100);
  node_.writer()->RemoveBelow(Csn(150));  // the files go later
  node_.writer()->NoteWatermark(Csn(50));
  node_.executor()->Turn();
  ASSERT_TRUE(node_.Open().ok());
  EXPECT_EQ(node_.scanned().base.watermark_last, Csn(50));
}

TEST_F(WalTest, DeadRecordsAreNotReplayed) {
  Fill(5);
  const auto commits = node_.Replay(2, 5, {{Epoch(1), Csn(4)}});
  ASSERT_TRUE(commits.ok());
  EXPECT_THAT(*commits, ElementsAre(Pair(3, Mutations(3, 50)), Pair(5, Mutations(5, 50))));
}

TEST_F(WalTest, CutRemovesDeadRecordsAtOrBelowIt) {
  Fill(5);
  bool done = false;
  node_.writer()->CutAbove({.epoch = Epoch(3),
                            .csn = Csn(5),
                            .last_csn = Csn(3),
                            .dead = {{Epoch(1), Csn(4)}, {Epoch(1), Csn(5)}}},
                           [&] { done = true; });
  node_.executor()->RunAll();
  ASSERT_TRUE(done);
  EXPECT_EQ(LastCsn(), Csn(3));
}

// --- Removal of segments.

TEST_F(WalTest, OldSegmentsGoOldestFirstAndOnlyWhenNobodyNeedsThem) {
  Fill(200, 100);
  const uint64_t count = node_.writer()->stats().segment_count;
  node_.writer()->RemoveBelow(Csn(0));
  EXPECT_EQ(node_.writer()->stats().segment_count, count);
  node_.writer()->RemoveBelow(Csn(100));
  node_.executor()->RunAll();
  EXPECT_LT(node_.writer()->stats().segment_count, count);
  EXPECT_FALSE(files_.Exists(SegmentPath(1)));
  node_.writer()->CheckInvariants();
  node_.Destroy();
  files_.LosePower();
  ASSERT_TRUE(node_.Open().ok());
  const Csn complete_after = node_.scanned().base.complete_after;
  EXPECT_GT(complete_after, Csn(0));
  EXPECT_LE(complete_after, Csn(100));
  const auto commits = node_.Replay(100);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_EQ(commits->size(), 100u);
}

TEST_F(WalTest, SegmentsWithPartsOfOpenOrLaterTransactionsStay) {
  Fill(1);
  node_.writer()->AppendPart(TxId(7), "early ");
  for (uint64_t csn = 2; csn <= 200; ++csn) node_.Commit(csn, Mutations(csn, 100));
  ASSERT_TRUE(node_.Sync(200));
  node_.writer()->RemoveBelow(Csn(150));
  node_.executor()->RunAll();
  EXPECT_TRUE(files_.Exists(SegmentPath(1)));  // transaction 7 is open
  node_.writer()->AppendCommit(
      {.csn = Csn(201), .tx = TxId(7), .participants = NodeSet(1), .mutations = "end"});
  ASSERT_TRUE(node_.Sync(201));
  node_.writer()->RemoveBelow(Csn(200));
  node_.executor()->RunAll();
  EXPECT_TRUE(files_.Exists(SegmentPath(1)));  // it was closed above 200
  node_.Destroy();
  files_.LosePower();
  const auto commits = node_.Replay(200);
  ASSERT_TRUE(commits.ok()) << commits.status();
  EXPECT_THAT(*commits, ElementsAre(Pair(201, "early end")));
}

TEST_F(WalTest, ForgottenPartsLetSegmentsGo) {
  Fill(1);
  node_.writer()->AppendPart(TxId(7), "early ");
  for (uint64_t csn = 2; csn <= 200; ++csn) node_.Commit(csn, Mutations(csn, 100));
  ASSERT_TRUE(node_.Sync(200));
  node_.writer()->ForgetParts(TxId(7));
  node_.writer()->RemoveBelow(Csn(150));
  node_.executor()->RunAll();
  EXPECT_FALSE(files_.Exists(SegmentPath(1)));
}

}  // namespace
}  // namespace tidemark::durability
