// SPDX-License-Identifier: Apache-2.0
// Disks that hang, and what the master says about the workers: how old it is.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "tests/txn/model_cluster.h"

namespace tidemark::txn {
namespace {

using testing::HasSubstr;

class SilenceTest : public testing::Test {
 protected:
  SilenceTest() : cluster_(CoordinatorOptions(), 2) {
    cluster_.StartMaster();
    for (const NodeId node : {NodeId(1), NodeId(2)}) cluster_.StartWorker(node);
    cluster_.Run();
    Seconds(1);
  }
  Coordinator& coordinator() { return cluster_.coordinator(); }
  void Put(const std::string& name, uint32_t node) {
    cluster_.Begin(name, AccessMode::kWrite);
    cluster_.Write(name, NodeId(node));
    cluster_.Commit(name);
    cluster_.Run();
  }
  void Seconds(int count) {
    for (int i = 0; i < 10 * count; ++i) {
      cluster_.Tick(kMicrosPerSecond / 10);
      cluster_.Run();
      now_micros_ += kMicrosPerSecond / 10;
    }
  }
  WorkerStatus StatusOf(uint32_t node) { return coordinator().Status().workers.at(node - 1); }

  ModelCluster cluster_;
  int64_t now_micros_ = 0;
};

TEST_F(SilenceTest, AWorkerWhoseDiskHangsGoesAndComesBackWithItsMemory) {
  Put("a", 2);
  Seconds(1);
  cluster_.worker(NodeId(2))->SetDiskAsked(now_micros_);
  Seconds(4);
  EXPECT_EQ(coordinator().state(), ClusterState::kOpen);
  Seconds(2);
  EXPECT_EQ(coordinator().state(), ClusterState::kReconciling);
  EXPECT_EQ(StatusOf(2).state, WorkerState::kDiskSilent);
  EXPECT_THAT(MessageOf(coordinator().Begin(AccessMode::kWrite).status()),
              HasSubstr("worker 2 (the disk of its log has not answered for 5 s"));
  Seconds(20);
  EXPECT_EQ(coordinator().state(), ClusterState::kReconciling) << "it came back too early";
  cluster_.worker(NodeId(2))->SetDiskAsked(std::nullopt);
  Seconds(1);
  EXPECT_EQ(coordinator().state(), ClusterState::kOpen);
  EXPECT_EQ(coordinator().visible(), Csn(1));
  EXPECT_EQ(StatusOf(2).state, WorkerState::kOpen);
}

// A sync of the log that never ends: nothing is made durable, and nothing may look as if it were.
TEST_F(SilenceTest, TheMasterClosesTheClusterWhileItsOwnDiskHangs) {
  cluster_.Hold("log");
  Put("a", 1);
  Seconds(4);
  EXPECT_EQ(coordinator().state(), ClusterState::kOpen);
  Seconds(2);
  EXPECT_EQ(coordinator().state(), ClusterState::kReconciling);
  EXPECT_THAT(MessageOf(coordinator().Begin(AccessMode::kWrite).status()),
              HasSubstr("the disk of the master log has not answered for"));
  Seconds(20);
  EXPECT_EQ(coordinator().state(), ClusterState::kReconciling);
  cluster_.Release("log");
  Seconds(1);
  EXPECT_EQ(coordinator().state(), ClusterState::kOpen);
  EXPECT_EQ(coordinator().visible(), Csn(1));
}

TEST_F(SilenceTest, AProcessThatSleptDoesNotBlameItsDisk) {
  cluster_.worker(NodeId(2))->SetDiskAsked(now_micros_);
  cluster_.Tick(60 * kMicrosPerSecond);
  cluster_.Run();
  EXPECT_EQ(coordinator().state(), ClusterState::kOpen);
}

TEST_F(SilenceTest, FiguresAreAsOfTheRequest) {
  cluster_.worker(NodeId(1))->figures().set_vertices(7);
  bool told = false;
  coordinator().RefreshFigures([&] { told = true; });
  EXPECT_FALSE(told) << "the workers were not asked";
  cluster_.Run();
  ASSERT_TRUE(told);
  EXPECT_EQ(StatusOf(1).vertices, 7u);
  EXPECT_EQ(StatusOf(1).figures_age_micros, 0);
}

TEST_F(SilenceTest, FiguresOfAWorkerThatDoesNotAnswerHaveAnAge) {
  cluster_.Hold("worker 2");
  bool told = false;
  coordinator().RefreshFigures([&] { told = true; });
  cluster_.Run();
  EXPECT_FALSE(told);
  cluster_.Tick(kFiguresLimitMicros);
  cluster_.Run();
  EXPECT_TRUE(told);
  EXPECT_GE(StatusOf(2).figures_age_micros.value_or(0), kFiguresLimitMicros);
  cluster_.Release("worker 2");
  cluster_.KillWorker(NodeId(2));
  cluster_.StartWorker(NodeId(2));
  cluster_.Run();
  EXPECT_FALSE(StatusOf(2).figures_age_micros.has_value()) << "this process has told none yet";
}

}  // namespace
}  // namespace tidemark::txn
