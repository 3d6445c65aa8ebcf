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

  std::unique_ptr<ModelCluster> cluster_;
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
  CoordinatorOptions options;
  options.horizon_limit_micros = 10 * kMicrosPerSecond;
  Open(options);
  Put("a", 1);
  cluster_->Run();
  cluster_->Hold("snapshot 2");
  std::vector<absl::StatusOr<CommitId>> told;
  const auto tell = [&](const absl::StatusOr<CommitId>& result) { told.push_back(result); };
  coordinator().RequestSnapshot(tell);
  for (int second = 0; second < 12; ++second) {
    EXPECT_EQ(told.empty(), second < 10) << second;
    cluster_->Tick(kMicrosPerSecond);
    cluster_->Run();
  }
  ASSERT_EQ(told.size(), 1u);
  EXPECT_EQ(told[0].status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(MessageOf(told[0].status()), HasSubstr("worker 2 has not finished the snapshot"));
  Put("b", 2);
  cluster_->Run();
  EXPECT_EQ(coordinator().Status().horizon, coordinator().watermark());
  cluster_->Release("snapshot 2");
  cluster_->Run();
  coordinator().RequestSnapshot(tell);
  cluster_->Run();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[1]->csn, Csn(2)) << told[1].status();
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
