// SPDX-License-Identifier: Apache-2.0
#include "master/gateway.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status.h"
#include "exec/change_rows.h"
#include "query/text/error.h"
#include "tests/master/test_executor.h"
#include "tests/txn/model_cluster.h"

namespace tidemark::master {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// The real coordinator over two model workers; what the gateway sends is answered by the test.
class GatewayTest : public testing::Test {
 protected:
  GatewayTest() : cluster_(txn::CoordinatorOptions(), 2), traces_(nullptr) {
    cluster_.StartMaster();
    for (uint32_t id = 1; id <= 2; ++id) cluster_.StartWorker(NodeId(id));
    cluster_.Run();
    gateway_ = std::make_unique<Gateway>(
        &cluster_.coordinator(), &schema_, &executor_, &traces_,
        Gateway::Streams{[this](NodeId to, const wire::Frame& frame) {
                           sent_.push_back({to, frame.execute()});
                         },
                         [](NodeId) { return size_t{0}; }, uint64_t{1} << 30});
  }
  ~GatewayTest() override { gateway_->CheckInvariants(); }
  TxId Begin(bool read_only = false) {
    session::BeginOptions options;
    options.read_only = read_only;
    const auto begun = gateway_->Begin(options);
    CHECK(begun.ok()) << begun.status();
    return begun->tx;
  }
  void Execute(TxId tx, uint32_t worker, std::string call = "x") {
    gateway_->RunFragment(
        tx, NodeId(worker), {exec::FragmentStepKind::kOpen, 1, std::move(call)},
        [this](absl::StatusOr<std::string> answer) { replies_.push_back(std::move(answer)); });
  }
  // The worker's answer to the request that was sent as the i-th.
  void Answer(size_t i, bool wrote, const absl::Status& status = absl::OkStatus()) {
    wire::Executed executed;
    executed.set_tx(sent_[i].second.tx());
    executed.set_request(sent_[i].second.request());
    executed.set_wrote(wrote);
    executed.set_status_code(static_cast<int32_t>(status.code()));
    executed.set_status_message(std::string(status.message()));
    executed.set_results("rows");
    gateway_->OnExecuted(sent_[i].first, std::move(executed));
  }
  void Commit(TxId tx) {
    gateway_->Commit(tx, [this](const absl::StatusOr<session::Bookmark>& bookmark) {
      committed_ = bookmark.status();
    });
    cluster_.Run();
  }

  txn::ModelCluster cluster_;
  TestExecutor executor_;
  TraceBook traces_;
  catalog::SchemaTable schema_;
  std::unique_ptr<Gateway> gateway_;
  std::vector<std::pair<NodeId, wire::Execute>> sent_;
  std::vector<absl::StatusOr<std::string>> replies_;
  std::optional<absl::Status> committed_;
};

TEST_F(GatewayTest, WhoHasWrittenTakesPartInTheCommit) {
  const TxId tx = Begin();
  Execute(tx, 1);
  Execute(tx, 2);
  ASSERT_EQ(sent_.size(), 2u);
  Answer(0, /*wrote=*/true);
  Answer(1, /*wrote=*/false);
  ASSERT_EQ(replies_.size(), 2u);
  EXPECT_EQ(*replies_[0], "rows");
  Commit(tx);
  ASSERT_TRUE(committed_.has_value());
  EXPECT_TRUE(committed_->ok()) << *committed_;
  ASSERT_EQ(cluster_.sent().size(), 1u);
  EXPECT_EQ(cluster_.sent().begin()->second.second.mask(), 1u) << "worker 1 alone";
}

TEST_F(GatewayTest, StatisticsAreTheSumOfAllWorkersAndChangeWhenTheyAreFarOff) {
  const auto tell = [this](uint32_t worker, uint64_t count) {
    wire::Frame frame;
    wire::GraphCounts* counts = frame.mutable_heartbeat_reply()->mutable_counts();
    counts->set_vertices(2 * count);
    counts->set_edges(count);
    counts->add_labels(worker);
    counts->add_label_counts(count);
    counts->add_labels(9);
    counts->add_label_counts(count);
    counts->add_types(4);
    counts->add_type_counts(count);
    cluster_.coordinator().OnFrame(NodeId(worker), frame);
  };
  tell(1, 1'000);
  EXPECT_EQ(gateway_->statistics(), nullptr) << "worker 2 has not said what it has";
  tell(2, 500);
  const auto statistics = gateway_->statistics();
  ASSERT_NE(statistics, nullptr);
  EXPECT_EQ(statistics->vertex_count, 3'000);
  EXPECT_EQ(statistics->edge_count, 1'500);
  EXPECT_EQ(statistics->label_counts,
            (absl::flat_hash_map<uint32_t, double>{{1, 1'000}, {2, 500}, {9, 1'500}}));
  EXPECT_EQ(statistics->type_counts, (absl::flat_hash_map<uint32_t, double>{{4, 1'500}}));
  EXPECT_TRUE(statistics->is_complete);
  tell(2, 900);
  EXPECT_EQ(gateway_->statistics(), statistics);
  tell(2, 1'100);
  ASSERT_NE(gateway_->statistics(), statistics);
  EXPECT_EQ(gateway_->statistics()->label_counts.at(2), 1'100);
}

TEST_F(GatewayTest, ARequestThatNobodyWaitsForIsNotAnswered) {
  const TxId tx = Begin();
  Execute(tx, 1);
  gateway_->Rollback(tx);
  Answer(0, /*wrote=*/true);
  EXPECT_THAT(replies_, IsEmpty());
  const TxId next = Begin();
  Execute(next, 1);
  Answer(1, /*wrote=*/false);
  Answer(1, /*wrote=*/false);
  EXPECT_EQ(replies_.size(), 1u) << "the second answer to one request";
}

TEST_F(GatewayTest, AWorkersErrorComesWithWhatIsKnownOfIt) {
  const TxId tx = Begin();
  Execute(tx, 2);
  wire::Executed executed;
  executed.set_tx(tx.value());
  executed.set_request(sent_[0].second.request());
  executed.set_status_code(static_cast<int32_t>(absl::StatusCode::kAborted));
  executed.set_status_message("conflict");
  executed.set_results(query::PayloadOf(exec::WithFailure(absl::AbortedError(""), {3, {}})));
  gateway_->OnExecuted(NodeId(2), std::move(executed));
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(replies_[0].status().message(), "conflict");
  EXPECT_EQ(exec::FailureOf(replies_[0].status())->row, 3u);
}

TEST_F(GatewayTest, ATransactionThatHasEndedIsRefusedByName) {
  const TxId tx = Begin();
  gateway_->Rollback(tx);
  Execute(tx, 1);
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].status().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(sent_, IsEmpty());
  Commit(tx);
  ASSERT_TRUE(committed_.has_value());
  EXPECT_EQ(committed_->code(), absl::StatusCode::kUnavailable);
}

TEST_F(GatewayTest, ABatchThatNoFrameHoldsIsRefusedByNameAndTheTransactionGoesOn) {
  const TxId tx = Begin();
  Execute(tx, 1, std::string(exec::kMaxFragmentCallBytes + 1, 'x'));
  ASSERT_EQ(replies_.size(), 1u);
  EXPECT_EQ(replies_[0].status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(replies_[0].status()), HasSubstr("at most"));
  EXPECT_THAT(sent_, IsEmpty());
  Execute(tx, 1);
  EXPECT_EQ(sent_.size(), 1u);
}

TEST_F(GatewayTest, ASessionHearsThatItsTransactionWasEnded) {
  const TxId tx = Begin();
  std::vector<absl::Status> heard;
  gateway_->WatchTransaction(tx, [&](const absl::Status& reason) { heard.push_back(reason); });
  Execute(tx, 1);
  gateway_->OnTransactionAborted(tx, absl::AbortedError("a worker is gone"));
  EXPECT_THAT(heard, ElementsAre(absl::AbortedError("a worker is gone")));
  Answer(0, /*wrote=*/true);
  EXPECT_THAT(replies_, IsEmpty()) << "the reason was told already";
}

TEST_F(GatewayTest, ACommitThatMeetsTheEndOfItsTransactionIsToldWhyItEnded) {
  const TxId tx = Begin();
  gateway_->WatchTransaction(tx, [](const absl::Status& reason) { FAIL() << reason; });
  cluster_.coordinator().Rollback(tx);
  Commit(tx);
  EXPECT_FALSE(committed_.has_value()) << *committed_;
  gateway_->OnTransactionAborted(tx, absl::DeadlineExceededError("it took too long"));
  EXPECT_EQ(committed_, absl::DeadlineExceededError("it took too long"));
}

// A constraint that a vertex must have a property is checked by the workers that have written.
class ExistenceTest : public GatewayTest {
 protected:
  ExistenceTest() {
    graph::IndexDefinition definition;
    definition.id = IndexId(1);
    definition.kind = graph::IndexKind::kExists;
    definition.state = graph::IndexState::kOnline;
    definition.name = "rule";
    definition.label = LabelId(1);
    definition.keys = {KeyId(1)};
    schema_.Apply(definition, Csn(1));
    gateway_->InternNames({{graph::NameKind::kLabel, "A"}, {graph::NameKind::kKey, "k"}},
                          [](const absl::Status&) {});
    cluster_.Run();
  }
  // Has written at worker 1 and looked at worker 2.
  TxId WriteAndCommit() {
    const TxId tx = Begin();
    Execute(tx, 1);
    Execute(tx, 2);
    Answer(0, /*wrote=*/true);
    Answer(1, /*wrote=*/false);
    Commit(tx);
    EXPECT_EQ(sent_.size(), 3u);
    EXPECT_EQ(sent_.back().first, NodeId(1));
    EXPECT_FALSE(committed_.has_value());
    return tx;
  }
  void AnswerCheck(const absl::Status& status) {
    wire::Executed executed;
    executed.set_tx(sent_[2].second.tx());
    executed.set_request(sent_[2].second.request());
    executed.set_wrote(true);
    executed.set_status_code(static_cast<int32_t>(status.code()));
    executed.set_status_message(MessageOf(status));
    executed.set_results(status.ok() ? exec::EncodeHead({.is_end = true})
                                     : query::PayloadOf(status));
    gateway_->OnExecuted(NodeId(1), std::move(executed));
    cluster_.Run();
  }
};

TEST_F(ExistenceTest, ACommitWaitsForTheCheck) {
  WriteAndCommit();
  AnswerCheck(absl::OkStatus());
  ASSERT_TRUE(committed_.has_value());
  EXPECT_TRUE(committed_->ok()) << *committed_;
}

TEST_F(ExistenceTest, WhatBreaksTheConstraintIsNotCommitted) {
  WriteAndCommit();
  exec::ChangeFailure failure;
  failure.refused.emplace().index = IndexId(1);
  AnswerCheck(exec::WithFailure(absl::FailedPreconditionError("vertex 5 lacks it"), failure));
  ASSERT_TRUE(committed_.has_value());
  EXPECT_EQ(committed_->message(), "vertex 5 lacks it: constraint rule (:A {k})");
  EXPECT_THAT(cluster_.sent(), IsEmpty());
}

TEST_F(ExistenceTest, ATransactionThatEndsMeanwhileIsToldWhy) {
  const TxId tx = WriteAndCommit();
  cluster_.coordinator().Rollback(tx);
  gateway_->OnTransactionAborted(tx, absl::AbortedError("a worker is gone"));
  EXPECT_EQ(committed_, absl::AbortedError("a worker is gone"));
  AnswerCheck(absl::OkStatus());
}

TEST_F(ExistenceTest, WhoHasOnlyReadCommitsAtOnce) {
  const TxId tx = Begin();
  Execute(tx, 1);
  Answer(0, /*wrote=*/false);
  Commit(tx);
  EXPECT_TRUE(committed_.has_value() && committed_->ok());
}

TEST_F(GatewayTest, NamesAreThereWhenTheAnswerComes) {
  std::optional<absl::Status> done;
  cluster_.Hold("log");
  gateway_->InternNames({{graph::NameKind::kLabel, "A"}, {graph::NameKind::kKey, "k"}},
                        [&](const absl::Status& status) { done = status; });
  cluster_.Run();
  EXPECT_FALSE(done.has_value()) << "the names are not durable yet";
  cluster_.Release("log");
  cluster_.Run();
  ASSERT_TRUE(done.has_value());
  EXPECT_TRUE(done->ok()) << *done;
  EXPECT_TRUE(gateway_->names().Find(graph::NameKind::kLabel, "A").has_value());
  EXPECT_TRUE(gateway_->names().Find(graph::NameKind::kKey, "k").has_value());
}

TEST_F(GatewayTest, NewVerticesGoToTheWorkersByTurns) {
  EXPECT_EQ(gateway_->NextPlacement(), NodeId(1));
  EXPECT_EQ(gateway_->NextPlacement(), NodeId(2));
  EXPECT_EQ(gateway_->NextPlacement(), NodeId(1));
}

}  // namespace
}  // namespace tidemark::master
