// SPDX-License-Identifier: Apache-2.0
// What scenarios cannot show well: limits, expiry, bookmarks, back-pressure.
#include "txn/coordinator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "tests/txn/model_cluster.h"

namespace tidemark::txn {
namespace {

using testing::HasSubstr;

class CoordinatorTest : public testing::Test {
 protected:
  void Open(const CoordinatorOptions& options, uint32_t workers = 2) {
    cluster_ = std::make_unique<ModelCluster>(options, workers);
    cluster_->StartMaster();
    for (uint32_t id = 1; id <= workers; ++id) cluster_->StartWorker(NodeId(id));
    cluster_->Run();
    ASSERT_EQ(coordinator().state(), ClusterState::kOpen);
  }
  Coordinator& coordinator() { return cluster_->coordinator(); }
  ModelTx& Put(const std::string& name, uint32_t node) {
    ModelTx& tx = cluster_->Begin(name, AccessMode::kWrite);
    cluster_->Write(name, NodeId(node));
    cluster_->Commit(name);
    return tx;
  }
  // Opens a cluster in which no snapshot of worker 2 gets done.
  void OpenWithStuckSnapshots() {
    CoordinatorOptions options;
    options.horizon_limit_micros = 10 * kMicrosPerSecond;
    Open(options);
    cluster_->Hold("snapshot 2");
  }
  // Asks for a snapshot, whose outcome goes to told_.
  void RequestSnapshot() {
    coordinator().RequestSnapshot(
        [this](const absl::StatusOr<CommitId>& result) { told_.push_back(result); });
    cluster_->Run();
  }
  void PassSeconds(int count) {
    for (int second = 0; second < count; ++second) {
      cluster_->Tick(kMicrosPerSecond);
      cluster_->Run();
    }
  }

  std::unique_ptr<ModelCluster> cluster_;
  std::vector<absl::StatusOr<CommitId>> told_;
};

TEST_F(CoordinatorTest, ClosedClusterNamesWhatItWaitsFor) {
  cluster_ = std::make_unique<ModelCluster>(CoordinatorOptions(), 2);
  cluster_->StartMaster();
  cluster_->StartWorker(NodeId(1));
  cluster_->Run();
  const auto begun = coordinator().Begin(AccessMode::kWrite);
  EXPECT_EQ(begun.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(MessageOf(begun.status()), HasSubstr("worker 2 (has not come yet)"));
}

TEST_F(CoordinatorTest, IdleTransactionsAreEnded) {
  Open(CoordinatorOptions());
  const ModelTx& tx = cluster_->Begin("a", AccessMode::kWrite);
  cluster_->Write("a", NodeId(1));
  for (int second = 0; second < 302; ++second) {
    cluster_->Tick(kMicrosPerSecond);
    cluster_->Run();
  }
  ASSERT_TRUE(tx.verdict.has_value());
  EXPECT_EQ(tx.verdict->status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(cluster_->TakeTrace(), testing::Contains("w1: aborts 1.1"));
  EXPECT_FALSE(coordinator().NoteUsed(tx.begun.tx));
}

TEST_F(CoordinatorTest, WorkersAreAskedNowAndThenWhatTheyHave) {
  Open(CoordinatorOptions());
  EXPECT_EQ(coordinator().CountsOf(NodeId(1)), nullptr);
  cluster_->worker(NodeId(1))->counts().set_vertices(7);
  PassSeconds(2);
  ASSERT_NE(coordinator().CountsOf(NodeId(1)), nullptr);
  EXPECT_EQ(coordinator().CountsOf(NodeId(1))->vertices(), 7u);
  EXPECT_NE(coordinator().CountsOf(NodeId(2)), nullptr);
  const uint64_t version = coordinator().counts_version();
  cluster_->worker(NodeId(1))->counts().set_vertices(8);
  PassSeconds(1);
  EXPECT_EQ(coordinator().counts_version(), version);
  EXPECT_EQ(coordinator().CountsOf(NodeId(1))->vertices(), 7u);
  PassSeconds(6);
  EXPECT_GT(coordinator().counts_version(), version);
  EXPECT_EQ(coordinator().CountsOf(NodeId(1))->vertices(), 8u);
}

TEST_F(CoordinatorTest, OnlyAReaderOfOldVersionsHoldsTheHorizon) {
  CoordinatorOptions options;
  options.idle_limit_micros = 3600 * kMicrosPerSecond;
  options.horizon_limit_micros = 10 * kMicrosPerSecond;
  Open(options);
  const ModelTx& old_reader = cluster_->Begin("old", AccessMode::kRead);
  Put("a", 1);
  cluster_->Run();
  const ModelTx& new_reader = cluster_->Begin("new", AccessMode::kRead);
  for (int second = 0; second < 12; ++second) {
    cluster_->Tick(kMicrosPerSecond);
    cluster_->Run();
  }
  EXPECT_TRUE(old_reader.verdict.has_value());
  EXPECT_FALSE(new_reader.verdict.has_value());
  EXPECT_EQ(coordinator().Status().horizon, Csn(1));
}

TEST_F(CoordinatorTest, ASnapshotThatAWorkerNeverFinishesIsGivenUp) {
  OpenWithStuckSnapshots();
  Put("a", 1);
  cluster_->Run();
  RequestSnapshot();
  PassSeconds(9);
  EXPECT_TRUE(told_.empty());
  PassSeconds(3);
  ASSERT_EQ(told_.size(), 1u);
  EXPECT_EQ(told_[0].status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(MessageOf(told_[0].status()), HasSubstr("worker 2 has not finished the snapshot"));
  Put("b", 2);
  cluster_->Run();
  EXPECT_EQ(coordinator().Status().horizon, coordinator().watermark());
  cluster_->Release("snapshot 2");
  cluster_->Run();
  RequestSnapshot();
  ASSERT_EQ(told_.size(), 2u);
  EXPECT_EQ(told_[1]->csn, Csn(2)) << told_[1].status();
}

TEST_F(CoordinatorTest, AStopDoesNotWaitForCommitsForEver) {
  Open(CoordinatorOptions());
  const ModelTx& tx = Put("a", 1);  // no worker hears of it
  coordinator().Shutdown(/*snapshot=*/true);
  EXPECT_EQ(coordinator().state(), ClusterState::kStopping);
  EXPECT_THAT(coordinator().Status().reason, HasSubstr("1 commits are under way"));
  cluster_->Tick(kStopLimitMicros - 1);
  EXPECT_EQ(coordinator().state(), ClusterState::kStopping);
  EXPECT_FALSE(tx.verdict.has_value());
  cluster_->Tick(1);
  EXPECT_EQ(coordinator().state(), ClusterState::kStopped);
  ASSERT_TRUE(tx.verdict.has_value());
  EXPECT_EQ(tx.verdict->status().code(), absl::StatusCode::kUnknown);
}

TEST_F(CoordinatorTest, AStopWaitsForItsSnapshotAsLongAsThatGrows) {
  CoordinatorOptions options;
  options.silence_limit_micros = 3600 * kMicrosPerSecond;
  Open(options);
  Put("a", 1);
  cluster_->Run();
  cluster_->Hold("snapshot 2");
  coordinator().Shutdown(/*snapshot=*/true);
  cluster_->Run();
  const auto grow = [&](uint64_t bytes) {
    wire::Frame frame;
    frame.mutable_heartbeat_reply()->set_snapshot_bytes(bytes);
    frame.mutable_heartbeat_reply()->set_snapshot_permille(450);
    coordinator().OnFrame(NodeId(2), frame);
  };
  for (uint64_t i = 1; i <= 10; ++i) {
    grow(i);
    cluster_->Tick(kSnapshotStallMicros / 2);
    ASSERT_EQ(coordinator().state(), ClusterState::kStopping) << i;
  }
  EXPECT_THAT(coordinator().Status().reason,
              HasSubstr("being stopped: worker 2 writes its snapshot (45 %)"));
  EXPECT_THAT(cluster_->TakeTrace(), testing::Contains(HasSubstr("stopping: worker 2 writes")));
  cluster_->Tick(kSnapshotStallMicros);
  EXPECT_EQ(coordinator().state(), ClusterState::kStopped) << "it has not grown any more";
}

TEST_F(CoordinatorTest, AStopWithoutSnapshotDropsAPeriodicOne) {
  CoordinatorOptions options;
  options.snapshot_interval_micros = kMicrosPerSecond;
  Open(options);
  Put("a", 1);
  cluster_->Run();
  cluster_->Hold("snapshot 2");
  cluster_->Tick(2 * kMicrosPerSecond);
  cluster_->Run();
  ASSERT_TRUE(coordinator().IsWritingSnapshot());
  coordinator().Shutdown(/*snapshot=*/false);
  cluster_->Run();
  EXPECT_EQ(coordinator().state(), ClusterState::kStopped);
}

// What must be logged for what is under way still is; nothing new is let in, reads go on.
TEST_F(CoordinatorTest, AFullDiskOfTheMasterRefusesWritesUntilThereIsRoom) {
  Open(CoordinatorOptions());
  Put("a", 1);
  cluster_->SetLogRoom(absl::ResourceExhaustedError("the disk of d is full"));
  cluster_->Run();
  EXPECT_TRUE(cluster_->transactions().at("a").verdict->ok()) << "it was let in before";
  Put("b", 2);
  cluster_->Run();
  const absl::Status refused = cluster_->transactions().at("b").verdict->status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(refused), HasSubstr("the master refuses writes: the disk of d is full"));
  absl::StatusOr<uint32_t> name;
  coordinator().InternName(graph::NameKind::kLabel, "New",
                           [&](absl::StatusOr<uint32_t> id) { name = std::move(id); });
  EXPECT_EQ(name.status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_TRUE(coordinator().Begin(AccessMode::kRead).ok());
  EXPECT_EQ(coordinator().state(), ClusterState::kOpen);
  cluster_->SetLogRoom(absl::OkStatus());
  Put("c", 2);
  cluster_->Run();
  EXPECT_TRUE(cluster_->transactions().at("c").verdict->ok());
}

// One worker whose disk is full must not fill those of the others, round after round.
TEST_F(CoordinatorTest, FailedSnapshotRoundsLeaveNoFileOnTheOtherWorkers) {
  OpenWithStuckSnapshots();
  for (int round = 0; round < 3; ++round) {
    Put(absl::StrCat("t", round), 1 + round % 2);
    cluster_->Run();
    RequestSnapshot();
    EXPECT_EQ(cluster_->disk(NodeId(1)).snapshots.size(), 1u) << "the round has begun";
    PassSeconds(12);
    EXPECT_TRUE(cluster_->disk(NodeId(1)).snapshots.empty()) << "round " << round;
  }
}

// Two rounds may be of one csn: an answer to the first says nothing about the second, whose file is
// not there yet.
TEST_F(CoordinatorTest, AnAnswerToAFailedSnapshotRoundDoesNotCountForTheNext) {
  OpenWithStuckSnapshots();
  Put("a", 1);
  cluster_->Run();
  for (size_t round = 1; round <= 2; ++round) {
    RequestSnapshot();
    PassSeconds(12);
    ASSERT_EQ(told_.size(), round);
  }
  RequestSnapshot();
  wire::Frame late;
  late.set_epoch(coordinator().epoch().value());
  wire::SnapshotTaken* taken = late.mutable_snapshot_taken();
  taken->set_csn(1);
  taken->set_round(1);
  taken->set_boot_id(coordinator().Status().workers[1].boot_id.value());
  taken->set_last_csn(1);
  coordinator().OnFrame(NodeId(2), late);
  cluster_->Run();
  EXPECT_EQ(told_.size(), 2u);
  EXPECT_TRUE(coordinator().log().snapshots().empty());
}

TEST_F(CoordinatorTest, AStopAnswersWhoWaitsForAName) {
  Open(CoordinatorOptions());
  cluster_->Hold("log");
  absl::StatusOr<uint32_t> told = 0;
  coordinator().InternName(graph::NameKind::kLabel, "L",
                           [&](absl::StatusOr<uint32_t> id) { told = std::move(id); });
  coordinator().Shutdown(/*snapshot=*/false);
  cluster_->Tick(kStopLimitMicros);
  EXPECT_EQ(told.status().code(), absl::StatusCode::kUnavailable) << told.status();
}

TEST_F(CoordinatorTest, AWorkerThatGivesUpIsNamedWithItsReason) {
  Open(CoordinatorOptions());
  wire::Frame frame;
  frame.mutable_refused()->set_reason("wal/1.wal, offset 7: damaged");
  frame.mutable_refused()->set_permanent(true);
  coordinator().OnFrame(NodeId(2), frame);
  EXPECT_THAT(coordinator().Status().reason,
              HasSubstr("waiting for worker 2 (wal/1.wal, offset 7: damaged)"));
  EXPECT_EQ(coordinator().Status().workers[1].state, WorkerState::kRefused);
}

TEST_F(CoordinatorTest, BookmarksOfUndoneCommitsAreRefused) {
  Open(CoordinatorOptions());
  Put("a", 1);
  cluster_->Run();
  const CommitId bookmark = **cluster_->transactions().at("a").verdict;
  EXPECT_TRUE(coordinator().Begin(AccessMode::kRead, bookmark).ok());
  EXPECT_EQ(coordinator().Begin(AccessMode::kRead, CommitId{Epoch(9), Csn(1)}).status().code(),
            absl::StatusCode::kInvalidArgument);
  cluster_->LosePowerOfWorker(NodeId(1), 0);
  cluster_->StartWorker(NodeId(1));
  cluster_->Run();
  ASSERT_EQ(coordinator().state(), ClusterState::kOpen);
  EXPECT_EQ(coordinator().Begin(AccessMode::kRead, bookmark).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(CoordinatorTest, CommitsWaitWhileTheOldestUnflushedOneIsTooOld) {
  Open(CoordinatorOptions());
  cluster_->Hold("log");
  Put("a", 1);
  cluster_->Run();
  cluster_->Tick(100'000);
  cluster_->Run();
  cluster_->Tick(400'000);
  Put("b", 1);
  cluster_->Run();
  EXPECT_EQ(coordinator().Status().queued_commits, 1u);
  EXPECT_FALSE(cluster_->transactions().at("b").verdict.has_value());
  cluster_->Release("log");
  cluster_->Run();
  EXPECT_EQ(coordinator().Status().queued_commits, 0u);
  EXPECT_TRUE(cluster_->transactions().at("b").verdict->ok());
}

TEST_F(CoordinatorTest, QueueIsBounded) {
  Open(CoordinatorOptions(), 1);
  cluster_->Hold("log");
  Put("first", 1);
  cluster_->Run();
  cluster_->Tick(100'000);
  cluster_->Run();
  cluster_->Tick(400'000);
  for (uint64_t i = 0; i < kMaxQueuedCommitCount; ++i) {
    const auto begun = coordinator().Begin(AccessMode::kWrite);
    ASSERT_TRUE(begun.ok());
    coordinator().NoteParticipant(begun->tx, NodeId(1));
    coordinator().Commit(begun->tx, [](const absl::StatusOr<CommitId>&) {});
  }
  const auto one_more = coordinator().Begin(AccessMode::kWrite);
  if (!one_more.ok()) {  // the queued ones are open transactions too
    EXPECT_EQ(one_more.status().code(), absl::StatusCode::kResourceExhausted);
    return;
  }
  coordinator().NoteParticipant(one_more->tx, NodeId(1));
  absl::Status told;
  coordinator().Commit(one_more->tx,
                       [&](const absl::StatusOr<CommitId>& result) { told = result.status(); });
  EXPECT_EQ(told.code(), absl::StatusCode::kResourceExhausted);
  coordinator().CheckInvariants();
}

TEST_F(CoordinatorTest, WaitsForOlderTransactions) {
  Open(CoordinatorOptions());
  cluster_->Begin("older", AccessMode::kRead);
  bool ended = false;
  coordinator().WhenOlderTransactionsEnd([&] { ended = true; });
  cluster_->Begin("newer", AccessMode::kRead);
  EXPECT_FALSE(ended);
  cluster_->FinishRead("older");
  EXPECT_TRUE(ended);
}

TEST_F(CoordinatorTest, OlderTransactionsHaveEndedWhenTheirCommitsAreVisible) {
  Open(CoordinatorOptions());
  cluster_->Begin("older", AccessMode::kWrite);
  cluster_->Write("older", NodeId(2));
  Csn seen;
  coordinator().WhenOlderTransactionsEnd([&] { seen = coordinator().visible(); });
  cluster_->Hold("apply 2");
  cluster_->Commit("older");
  cluster_->Run();
  EXPECT_EQ(coordinator().visible(), Csn(0));
  EXPECT_EQ(seen, Csn(0)) << "it was told before the older commit was applied";
  cluster_->Release("apply 2");
  cluster_->Run();
  EXPECT_EQ(seen, Csn(1));
}

TEST_F(CoordinatorTest, ARecoveryEndsOlderTransactionsAndTheirCommits) {
  Open(CoordinatorOptions());
  cluster_->Begin("older", AccessMode::kWrite);
  cluster_->Write("older", NodeId(2));
  bool ended = false;
  coordinator().WhenOlderTransactionsEnd([&] { ended = true; });
  cluster_->Hold("worker 2");
  cluster_->Commit("older");
  cluster_->Run();
  EXPECT_FALSE(ended);
  cluster_->LosePowerOfWorker(NodeId(2), 0);
  cluster_->Release("worker 2");
  cluster_->StartWorker(NodeId(2));
  cluster_->Run();
  ASSERT_EQ(coordinator().state(), ClusterState::kOpen);
  EXPECT_EQ(coordinator().visible(), Csn(0));
  EXPECT_TRUE(ended);
}

TEST_F(CoordinatorTest, CallbackMayBeginTheNextTransaction) {
  Open(CoordinatorOptions());
  const auto first = coordinator().Begin(AccessMode::kRead);
  absl::StatusOr<Begun> second = absl::UnknownError("");
  coordinator().FinishRead(first->tx, [&](const absl::StatusOr<CommitId>&) {
    second = coordinator().Begin(AccessMode::kWrite);
    coordinator().NoteParticipant(second->tx, NodeId(1));
    coordinator().Commit(second->tx, [](const absl::StatusOr<CommitId>&) {});
  });
  cluster_->Run();
  EXPECT_EQ(coordinator().visible(), Csn(1));
  coordinator().CheckInvariants();
}

TEST_F(CoordinatorTest, CommitOfAnUnknownTransactionIsAnError) {
  Open(CoordinatorOptions());
  absl::Status told;
  coordinator().Commit(TxId(99),
                       [&](const absl::StatusOr<CommitId>& result) { told = result.status(); });
  EXPECT_EQ(told.code(), absl::StatusCode::kFailedPrecondition);
}

// More commits than one Register frame holds (with tiny limits), reported in several.
TEST_F(CoordinatorTest, LongTailsTravelInSeveralFrames) {
  CoordinatorOptions options;
  options.wal_flush_interval_micros = 3600 * kMicrosPerSecond;
  Open(options);
  for (int i = 0; i < 10; ++i) {
    Put("t" + std::to_string(i), 1 + static_cast<uint32_t>(i) % 2);
    cluster_->Run();
  }
  cluster_->KillMaster();
  cluster_->StartMaster();
  cluster_->Run();
  EXPECT_EQ(coordinator().visible(), Csn(10));
}

}  // namespace
}  // namespace tidemark::txn
