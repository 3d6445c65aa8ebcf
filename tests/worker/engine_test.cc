// SPDX-License-Identifier: Apache-2.0
// The parts of an engine together: what is written comes back from log and snapshot.
#include "worker/engine.h"

#include <gmock/gmock.h>

#include "tests/worker/engine_parts.h"

namespace tidemark::worker {
namespace {

using ::testing::ElementsAre;

class EngineTest : public EngineParts {
 protected:
  EngineTest() {
    Open();
    Cut(1, 0);
  }
  void Open() {
    engine_ = nullptr;
    engine_ =
        std::make_unique<Engine>(context_.env, context_.options, *directory_, ScanWal(), &events_);
  }
  void Cut(uint64_t epoch, uint64_t csn, uint64_t snapshot_csn = 0) {
    engine_->CutWal({Epoch(epoch), Csn(csn), Csn(snapshot_csn), {}});
    executor_.RunAll();
    ASSERT_FALSE(events_.cuts.empty());
    EXPECT_EQ(events_.cuts.back(), Epoch(epoch));
  }
  void Make(uint64_t tx, uint64_t read_csn, const std::vector<exec::Change>& changes) {
    for (wire::Execute& execute : ExecutesOf(tx, Csn(read_csn), changes)) {
      engine_->Execute(std::move(execute));
    }
    executor_.RunAll();
    ASSERT_FALSE(events_.executed.empty());
    EXPECT_EQ(events_.executed.back().tx, tx);
    EXPECT_TRUE(events_.executed.back().answer.ok()) << events_.executed.back().answer.status();
  }
  void Execute(uint64_t tx, uint64_t read_csn, int vertex_count) {
    Make(tx, read_csn, NewVertices(static_cast<size_t>(vertex_count)));
    EXPECT_TRUE(events_.executed.back().wrote);
  }
  // Bulk work pauses while clients are at work, and they were just now.
  void TakeSnapshot(uint64_t csn) {
    engine_->StartSnapshot({{Epoch(1), Csn(csn)}, Csn(csn), 0});
    for (int i = 0; i < 4; ++i) {
      executor_.RunAll();
      executor_.Advance(100'000);
    }
    ASSERT_FALSE(events_.snapshots.empty());
    EXPECT_TRUE(events_.snapshots.back().status.ok()) << events_.snapshots.back().status;
    EXPECT_EQ(events_.snapshots.back().id.csn, Csn(csn));
  }
  // A transaction of so many vertices.
  void CommitVertices(uint64_t csn, int count) {
    Execute(csn, csn - 1, count);
    engine_->LogCommit(Commit(TxId(csn), Csn(csn)));
    engine_->ApplyCommit(TxId(csn), Csn(csn));
    executor_.RunAll();
    EXPECT_EQ(events_.applied.back(), Csn(csn));
    engine_->CheckInvariants();
  }
  void Recover(const txn::RecoveryOrder& order) {
    engine_->StartRecovery(order);
    executor_.RunAll();
    ASSERT_EQ(events_.recoveries.size(), 1u);
    ASSERT_TRUE(events_.recoveries[0].ok()) << events_.recoveries[0];
    events_.recoveries.clear();
    engine_->CheckInvariants();
  }
  uint64_t vertices() const { return engine_->shard().stats().vertices; }

  std::unique_ptr<Engine> engine_;
};

TEST_F(EngineTest, WhatIsCommittedComesBackFromTheLogAndWhatIsOpenDoesNot) {
  CommitVertices(1, 10);
  CommitVertices(2, 5);
  Execute(99, 2, 7);
  Open();
  EXPECT_EQ(vertices(), 0u);
  Recover({{}, Csn(2), {}});
  EXPECT_EQ(vertices(), 15u);
  Cut(2, 2);
}

TEST_F(EngineTest, ASnapshotAndTheLogBehindItGiveTheSame) {
  CommitVertices(1, 10);
  TakeSnapshot(1);
  CommitVertices(2, 5);
  Open();
  Recover({{Epoch(1), Csn(1)}, Csn(2), {}});
  EXPECT_EQ(vertices(), 15u);
  Cut(2, 2, 1);
}

TEST_F(EngineTest, ARollbackUndoesInMemoryAndACutInTheFiles) {
  CommitVertices(1, 10);
  CommitVertices(2, 5);
  TakeSnapshot(2);
  engine_->AbortAll();
  engine_->RollbackTo(Csn(1));
  EXPECT_EQ(vertices(), 10u);
  Cut(2, 1);
  EXPECT_FALSE(files_.Exists(directory_->snapshots_path() + "/" +
                             durability::SnapshotName(Epoch(1), Csn(2))));
  EXPECT_EQ(ScanWal().base.last_csn, Csn(1));
}

TEST_F(EngineTest, AnAbortedTransactionLeavesNothing) {
  Execute(7, 0, 10);
  engine_->AbortTransaction(TxId(7));
  executor_.RunAll();
  engine_->CheckInvariants();
  EXPECT_FALSE(engine_->shard().HasWrites(TxId(7)));
  wire::HeartbeatReply figures;
  engine_->FillFigures(&figures);
  EXPECT_EQ(figures.vertices(), 0u);
}

// What a large transaction has changed may be changed by others as soon as it is undone, and
// nothing else has to happen before.
TEST_F(EngineTest, AnAbortedLargeTransactionIsUndoneByItself) {
  constexpr int kCount = 5'000;
  CommitVertices(1, kCount);
  std::vector<exec::Change> deletions(kCount);
  for (int i = 0; i < kCount; ++i) {
    deletions[i].kind = exec::ChangeKind::kDeleteVertex;
    deletions[i].vertex = VertexId(SlotId(0), static_cast<uint32_t>(1 + i));
  }
  for (const uint64_t tx : {8, 9}) {
    Make(tx, 1, deletions);
    engine_->AbortTransaction(TxId(tx));
    executor_.RunAll();
  }
  engine_->CheckInvariants();
}

TEST_F(EngineTest, ARecoveryThatFailsIsToldAndOneThatIsUnderWayShowsItsFigures) {
  CommitVertices(1, 10);
  engine_->StartRecovery({{Epoch(1), Csn(1)}, Csn(1), {}});
  wire::HeartbeatReply figures;
  engine_->FillFigures(&figures);
  EXPECT_EQ(figures.vertices(), 0u);
  executor_.RunAll();
  ASSERT_EQ(events_.recoveries.size(), 1u);
  EXPECT_FALSE(events_.recoveries[0].ok()) << "there is no such snapshot";
}

TEST_F(EngineTest, OldSnapshotsGoButTheNewestStays) {
  for (uint64_t csn = 1; csn <= 2; ++csn) {
    CommitVertices(csn, 1);
    TakeSnapshot(csn);
  }
  wire::SnapshotFile kept;
  kept.set_epoch(1);
  kept.set_csn(2);
  engine_->RemoveOld({kept}, Csn(2));
  executor_.RunAll();
  const std::string folder = directory_->snapshots_path() + "/";
  EXPECT_FALSE(files_.Exists(folder + durability::SnapshotName(Epoch(1), Csn(1))));
  EXPECT_TRUE(files_.Exists(folder + durability::SnapshotName(Epoch(1), Csn(2))));
}

}  // namespace
}  // namespace tidemark::worker
