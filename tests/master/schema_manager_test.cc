// SPDX-License-Identifier: Apache-2.0
#include "master/schema_manager.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "tests/master/test_executor.h"
#include "tests/txn/model_cluster.h"

namespace tidemark::master {
namespace {

using txn::AccessMode;

// The real coordinator over model workers; builds at the workers are answered by the test.
class SchemaManagerTest : public testing::Test {
 protected:
  SchemaManagerTest() : cluster_(txn::CoordinatorOptions(), 2), traces_(nullptr) {
    cluster_.StartMaster();
    for (uint32_t id = 1; id <= 2; ++id) cluster_.StartWorker(NodeId(id));
    cluster_.Run();
    const auto send = [this](NodeId to, const wire::Frame& frame) {
      if (frame.has_build_index()) asked_.push_back(to);
      if (frame.has_execute()) scanned_by_.push_back(TxId(frame.execute().tx()));
    };
    manager_ = std::make_unique<SchemaManager>(&cluster_.coordinator(), &executor_, send);
    const auto unsent_bytes = [](NodeId) { return size_t{0}; };
    gateway_ =
        std::make_unique<Gateway>(&cluster_.coordinator(), &manager_->table(), &executor_, &traces_,
                                  Gateway::Streams{send, unsent_bytes, uint64_t{1} << 30});
    manager_->set_gateway(gateway_.get());
    manager_->OnRecovered();
  }
  void Create(graph::IndexKind kind = graph::IndexKind::kLabelProperty) {
    IndexRequest request;
    request.kind = kind;
    request.label = "L";
    request.keys = {"k"};
    manager_->Create(request, [this](absl::StatusOr<graph::IndexDefinition> definition) {
      created_ = std::move(definition);
    });
    cluster_.Run();
  }
  void TellBuilt() {
    wire::IndexBuilt built;
    built.set_index(1);
    for (uint32_t id = 1; id <= 2; ++id) manager_->OnIndexBuilt(NodeId(id), built);
    cluster_.Run();
  }
  bool IsUsable(Csn csn) const { return manager_->table().IsUsable(IndexId(1), csn); }

  txn::ModelCluster cluster_;
  TestExecutor executor_;
  TraceBook traces_;
  std::unique_ptr<SchemaManager> manager_;
  std::unique_ptr<Gateway> gateway_;
  std::vector<NodeId> asked_;     // to build
  std::vector<TxId> scanned_by_;  // of the builds of constraints
  std::optional<absl::StatusOr<graph::IndexDefinition>> created_;
};

TEST_F(SchemaManagerTest, ABuildBeginsWhenOlderCommitsAreVisible) {
  cluster_.Begin("older", AccessMode::kWrite);
  cluster_.Write("older", NodeId(1));
  Create();
  ASSERT_EQ(manager_->table().all().size(), 1u);
  EXPECT_TRUE(asked_.empty());
  cluster_.Hold("apply 1");
  cluster_.Commit("older");
  cluster_.Run();
  EXPECT_TRUE(asked_.empty()) << "the older commit has its csn, but is not applied";
  cluster_.Release("apply 1");
  cluster_.Run();
  EXPECT_EQ(asked_, std::vector<NodeId>({NodeId(1), NodeId(2)}));
  EXPECT_FALSE(created_.has_value());
}

TEST_F(SchemaManagerTest, AnIndexIsUsedFromItsOnlineCsnUntilItsDropIsAskedFor) {
  Create();
  const Csn before = cluster_.coordinator().visible();
  TellBuilt();
  ASSERT_TRUE(created_.has_value() && created_->ok());
  const Csn online = cluster_.coordinator().visible();
  EXPECT_TRUE(IsUsable(online));
  EXPECT_FALSE(IsUsable(before));
  absl::Status dropped = absl::UnknownError("not answered");
  cluster_.Hold("log");
  manager_->Drop((*created_)->name, [&](absl::Status status) { dropped = std::move(status); });
  EXPECT_FALSE(IsUsable(online)) << "no lookup may follow the drop to the workers";
  cluster_.Release("log");
  cluster_.Run();
  EXPECT_TRUE(dropped.ok()) << dropped;
  EXPECT_TRUE(manager_->table().all().empty());
}

TEST_F(SchemaManagerTest, AnEqualIndexIsAnsweredAsItIs) {
  Create();
  created_.reset();
  Create();
  EXPECT_FALSE(created_.has_value()) << "it waits for the build under way";
  TellBuilt();
  ASSERT_TRUE(created_.has_value() && created_->ok());
  created_.reset();
  Create();
  ASSERT_TRUE(created_.has_value() && created_->ok());
  EXPECT_EQ(manager_->table().all().size(), 1u);
}

TEST_F(SchemaManagerTest, AnIndexThatIsDroppedWhileItIsBuiltStaysDropped) {
  cluster_.Begin("older", AccessMode::kRead);
  Create();
  absl::Status dropped = absl::UnknownError("not answered");
  manager_->Drop("index_L_k", [&](absl::Status status) { dropped = std::move(status); });
  cluster_.Run();
  EXPECT_TRUE(dropped.ok()) << dropped;
  ASSERT_TRUE(created_.has_value());
  EXPECT_EQ(created_->status().code(), absl::StatusCode::kAborted);
  cluster_.FinishRead("older");
  cluster_.Run();
  EXPECT_TRUE(asked_.empty());
}

TEST_F(SchemaManagerTest, ARecoveryBuildsAgainWhatItFindsBuilding) {
  cluster_.Begin("older", AccessMode::kRead);
  Create();
  cluster_.CutStream(NodeId(2));
  cluster_.Run();
  ASSERT_EQ(cluster_.coordinator().state(), txn::ClusterState::kOpen);
  EXPECT_TRUE(asked_.empty()) << "the schema of the new epoch is not read";
  manager_->OnRecovered();
  EXPECT_EQ(asked_, std::vector<NodeId>({NodeId(1), NodeId(2)}));
  TellBuilt();
  EXPECT_TRUE(created_.has_value() && created_->ok());
  EXPECT_TRUE(IsUsable(cluster_.coordinator().visible()));
}

TEST_F(SchemaManagerTest, ABuildThatEndsOnAFullDiskGoesOnlineWhenThereIsRoom) {
  Create();
  cluster_.SetLogRoom(absl::ResourceExhaustedError("the disk is full"));
  TellBuilt();
  EXPECT_FALSE(created_.has_value());
  ASSERT_TRUE(executor_.RunOne()) << "it tries again";
  cluster_.Run();
  EXPECT_FALSE(created_.has_value());
  cluster_.SetLogRoom(absl::OkStatus());
  ASSERT_TRUE(executor_.RunOne());
  cluster_.Run();
  ASSERT_TRUE(created_.has_value());
  EXPECT_TRUE(created_->ok()) << created_->status();
  EXPECT_FALSE(executor_.RunOne());
}

TEST_F(SchemaManagerTest, AConstraintsBuildLeavesNoTransactionBehindInARecovery) {
  Create(graph::IndexKind::kUnique);
  ASSERT_EQ(scanned_by_.size(), 1u);
  cluster_.CutStream(NodeId(2));
  gateway_->OnTransactionAborted(scanned_by_[0], absl::AbortedError("a worker is gone"));
  cluster_.Run();
  ASSERT_EQ(cluster_.coordinator().state(), txn::ClusterState::kOpen);
  // The old build comes back before the schema of the new epoch is read.
  while (executor_.RunOne()) {
  }
  ASSERT_EQ(scanned_by_.size(), 2u);
  manager_->OnRecovered();
  cluster_.Run();
  ASSERT_EQ(scanned_by_.size(), 3u) << "the new build waits for a transaction of the old one";
  EXPECT_EQ(cluster_.coordinator().Status().open_transactions, 1u);
}

}  // namespace
}  // namespace tidemark::master
