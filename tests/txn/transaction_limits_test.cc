// SPDX-License-Identifier: Apache-2.0
// Limits of single transactions, and when they wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "tests/txn/model_cluster.h"
#include "txn/commit_pipeline.h"

namespace tidemark::txn {
namespace {

class TransactionLimitsTest : public testing::Test {
 protected:
  void Open(const CoordinatorOptions& options) {
    cluster_ = std::make_unique<ModelCluster>(options, 1);
    cluster_->StartMaster();
    cluster_->StartWorker(NodeId(1));
    cluster_->Run();
    ASSERT_EQ(coordinator().state(), ClusterState::kOpen);
  }
  Coordinator& coordinator() { return cluster_->coordinator(); }
  void Put(const std::string& name) {
    cluster_->Begin(name, AccessMode::kWrite);
    cluster_->Write(name, NodeId(1));
    cluster_->Commit(name);
    cluster_->Run();
  }
  void Ms(int64_t ms) {
    cluster_->Tick(ms * kMicrosPerMs);
    cluster_->Run();
  }
  uint64_t open_count() { return coordinator().Status().open_transactions; }

  std::unique_ptr<ModelCluster> cluster_;
};

TEST_F(TransactionLimitsTest, ATransactionMayHaveATimeLimitOfItsOwn) {
  Open(CoordinatorOptions());
  const auto limited = coordinator().Begin(AccessMode::kWrite, std::nullopt, 300 * kMicrosPerMs);
  ASSERT_TRUE(limited.ok());
  coordinator().NoteParticipant(limited->tx, NodeId(1));
  cluster_->Begin("other", AccessMode::kWrite);
  cluster_->TakeTrace();
  Ms(290);
  EXPECT_EQ(open_count(), 2u);
  Ms(10);
  EXPECT_EQ(open_count(), 1u);
  EXPECT_FALSE(coordinator().NoteUsed(limited->tx));
  EXPECT_THAT(cluster_->TakeTrace(), testing::Contains(testing::HasSubstr("w1: aborts")));
}

TEST_F(TransactionLimitsTest, TheLimitOfTheServerIsTheUpperOne) {
  CoordinatorOptions options;
  options.transaction_limit_micros = 2 * kMicrosPerSecond;
  Open(options);
  ASSERT_TRUE(coordinator().Begin(AccessMode::kRead, std::nullopt, 3600 * kMicrosPerSecond).ok());
  Ms(2'000);
  EXPECT_EQ(open_count(), 0u);
}

TEST_F(TransactionLimitsTest, ATransactionWhoseRequestIsUnderWayIsNotIdle) {
  Open(CoordinatorOptions());
  const auto slow = coordinator().Begin(AccessMode::kWrite);
  ASSERT_TRUE(coordinator().NoteSent(slow->tx, NodeId(1)));
  for (int second = 0; second < 600; ++second) Ms(1'000);
  EXPECT_EQ(open_count(), 1u) << "a worker works for it";
  coordinator().NoteAnswered(slow->tx);
  for (int second = 0; second < 299; ++second) Ms(1'000);
  EXPECT_EQ(open_count(), 1u) << "it is idle since the answer";
  for (int second = 0; second < 3; ++second) Ms(1'000);
  EXPECT_EQ(open_count(), 0u);
}

TEST_F(TransactionLimitsTest, ATransactionWhoseClientWaitsIsNotIdle) {
  Open(CoordinatorOptions());
  const auto slow = coordinator().Begin(AccessMode::kWrite);
  coordinator().NoteWaits(slow->tx);
  // What workers do for it meanwhile does not end the wait.
  ASSERT_TRUE(coordinator().NoteSent(slow->tx, NodeId(1)));
  coordinator().NoteAnswered(slow->tx);
  for (int second = 0; second < 600; ++second) Ms(1'000);
  EXPECT_EQ(open_count(), 1u);
  ASSERT_TRUE(coordinator().NoteUsed(slow->tx));
  for (int second = 0; second < 302; ++second) Ms(1'000);
  EXPECT_EQ(open_count(), 0u);
}

TEST_F(TransactionLimitsTest, ABookmarkThatIsNotDurableYetIsWaitedFor) {
  CoordinatorOptions options;
  options.synchronous_commit = true;
  Open(options);
  cluster_->Hold("log");
  Put("a");
  ASSERT_EQ(coordinator().visible(), Csn(1));
  ASSERT_EQ(coordinator().watermark(), Csn(0));
  const CommitId bookmark{coordinator().epoch(), Csn(1)};
  bool readable = false;
  coordinator().WhenReadable(bookmark, [&] { readable = true; });
  cluster_->Run();
  EXPECT_FALSE(readable);
  cluster_->Release("log");
  cluster_->Run();
  EXPECT_TRUE(readable);
  const auto begun = coordinator().Begin(AccessMode::kRead, bookmark);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(begun->read_csn, Csn(1));
}

TEST_F(TransactionLimitsTest, ABookmarkOfAnotherClusterIsNotWaitedFor) {
  CoordinatorOptions options;
  options.synchronous_commit = true;
  Open(options);
  bool readable = false;
  coordinator().WhenReadable({coordinator().epoch(), Csn(99)}, [&] { readable = true; });
  EXPECT_TRUE(readable);
}

TEST_F(TransactionLimitsTest, MuchUndoSlowsWritersDown) {
  Open(CoordinatorOptions());
  cluster_->worker(NodeId(1))->figures().set_memory_limit_bytes(1000);
  cluster_->worker(NodeId(1))->figures().set_undo_bytes(251);
  Ms(1'000);
  Ms(1'000);
  for (const char* name : {"a", "b", "c"}) Put(name);
  EXPECT_EQ(coordinator().visible(), Csn(1));
  EXPECT_EQ(coordinator().Status().queued_commits, 2u);
  Ms(100);
  EXPECT_EQ(coordinator().visible(), Csn(2)) << "slow, but not stopped";
  cluster_->worker(NodeId(1))->figures().set_undo_bytes(250);
  Ms(1'000);
  EXPECT_EQ(coordinator().Status().queued_commits, 0u);
  for (const char* name : {"d", "e"}) Put(name);
  EXPECT_EQ(coordinator().visible(), Csn(5));
}

// Without a WAL only snapshots move the watermark, and there need not be any.
TEST(CommitPipelineTest, TimesOfCommitsAreBounded) {
  CommitPipeline pipeline;
  pipeline.Open(Epoch(1), Csn(), Csn(), {});
  NodeSet worker;
  worker.Add(NodeId(1));
  for (int64_t i = 0; i < 3 * static_cast<int64_t>(kMaxCommitTimeCount); ++i) {
    const Csn csn = pipeline.Assign(TxId(static_cast<uint64_t>(i) + 1), worker, i);
    pipeline.OnApplied(NodeId(1), csn);
  }
  pipeline.CheckInvariants();
  EXPECT_EQ(pipeline.OldestUnflushedMicros(), 0);
  pipeline.SetWatermark(pipeline.visible());
  EXPECT_FALSE(pipeline.OldestUnflushedMicros().has_value());
}

}  // namespace
}  // namespace tidemark::txn
