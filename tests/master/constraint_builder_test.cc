// SPDX-License-Identifier: Apache-2.0
#include "master/constraint_builder.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/value_coding.h"
#include "session/typed_batch.h"
#include "tests/master/test_executor.h"
#include "tests/session/shard_backend.h"

namespace tidemark::master {
namespace {

using session::Operation;
using session::OperationKind;

std::string Encoded(int64_t value) { return graph::EncodeValue(graph::Value::Integer(value)); }

class ConstraintBuilderTest : public testing::Test {
 protected:
  void Open(uint64_t seed, graph::IndexKind kind) {
    backend_ = std::make_unique<session::ShardBackend>(3, seed);
    backend_->InternNames({{graph::NameKind::kLabel, "L"}, {graph::NameKind::kKey, "k"}},
                          [](const absl::Status&) {});
    definition_.id = IndexId(1);
    definition_.kind = kind;
    definition_.state = graph::IndexState::kBuilding;
    definition_.label = LabelId(1);
    definition_.keys = {KeyId(1)};
    definition_.name = "rule";
    outcome_.reset();
  }
  // A transaction of its own.
  VertexId Write(Operation operation) {
    const session::BegunTransaction begun = *backend_->Begin({});
    VertexId vertex;
    const auto batch = std::make_shared<session::TypedBatch>(
        session::TypedBatch::Options{backend_.get(), begun.tx, begun.snapshot.csn},
        std::vector<Operation>{std::move(operation)},
        [&vertex](const absl::StatusOr<std::vector<session::OperationResult>>& results) {
          ASSERT_TRUE(results.ok()) << results.status();
          vertex = results->at(0).vertex;
        });
    batch->Start();
    backend_->Run();
    backend_->Commit(begun.tx, [](const auto&) {});
    return vertex;
  }
  VertexId Create(std::optional<std::string> value) {
    Operation operation;
    operation.kind = OperationKind::kCreateVertex;
    operation.labels = {"L"};
    if (value.has_value()) operation.properties = {{"k", *value}};
    return Write(std::move(operation));
  }
  // A transaction beside the build: a new vertex takes the key of `from`.
  void StartMove(VertexId from, int64_t key) {
    Operation free;
    free.kind = OperationKind::kSetVertexProperties;
    free.vertex.id = from;
    free.properties = {{"k", Encoded(key + 1000)}};
    Operation take;
    take.kind = OperationKind::kCreateVertex;
    take.labels = {"L"};
    take.properties = {{"k", Encoded(key)}};
    const session::BegunTransaction begun = *backend_->Begin({});
    const auto batch = std::make_shared<session::TypedBatch>(
        session::TypedBatch::Options{backend_.get(), begun.tx, begun.snapshot.csn},
        std::vector<Operation>{free, take}, [this, tx = begun.tx](const auto& results) {
          if (!results.ok()) return backend_->Rollback(tx);
          backend_->Commit(tx, [](const auto&) {});
          ++move_count_;
        });
    batch->Start();
    moves_.push_back(batch);
  }
  void StartBuild() {
    backend_->Define(definition_);
    builder_ = std::make_unique<ConstraintBuilder>(
        backend_.get(), &executor_, definition_,
        [this](const absl::Status& status) { outcome_ = status; });
    builder_->Start();
  }
  void RunBuild() {
    while (!outcome_.has_value() && (backend_->RunOne() || executor_.RunOne())) {
    }
    ASSERT_TRUE(outcome_.has_value());
  }
  VertexId HolderOf(int64_t value) {
    std::string key;
    EXPECT_TRUE(graph::AppendIndexKey(graph::Value::Integer(value), &key).ok());
    return backend_->OwnerOf(graph::SlotOfIndexKey(IndexId(1), key))
        .FindKey({backend_->csn(), TxId(0)}, IndexId(1), key)
        .value_or(VertexId());
  }

  TestExecutor executor_;
  std::unique_ptr<session::ShardBackend> backend_;
  graph::IndexDefinition definition_;
  std::unique_ptr<ConstraintBuilder> builder_;
  std::optional<absl::Status> outcome_;
  int move_count_ = 0;
  std::vector<std::shared_ptr<session::TypedBatch>> moves_;
};

TEST_F(ConstraintBuilderTest, ClaimsTheKeysOfAllVertices) {
  Open(1, graph::IndexKind::kUnique);
  std::vector<VertexId> vertices;
  for (int64_t key = 0; key < 40; ++key) vertices.push_back(Create(Encoded(key)));
  Create(std::nullopt);
  StartBuild();
  RunBuild();
  EXPECT_TRUE(outcome_->ok()) << *outcome_;
  for (int64_t key = 0; key < 40; ++key) {
    EXPECT_EQ(HolderOf(key), vertices[static_cast<size_t>(key)]) << key;
  }
}

TEST_F(ConstraintBuilderTest, AKeyThatIsThereTwiceIsNamed) {
  Open(1, graph::IndexKind::kUnique);
  for (int64_t key = 0; key < 10; ++key) Create(Encoded(key));
  Create(Encoded(7));
  StartBuild();
  RunBuild();
  EXPECT_EQ(outcome_->code(), absl::StatusCode::kAlreadyExists);
  EXPECT_NE(MessageOf(*outcome_).find("constraint rule (:L {k: 7})"), std::string::npos)
      << *outcome_;
}

// Between the scan of a chunk and its claims a key goes to another vertex: the constraint holds at
// every moment, so it must not be refused.
TEST_F(ConstraintBuilderTest, AKeyThatMovesMeanwhileIsNotThereTwice) {
  for (uint64_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Open(seed, graph::IndexKind::kUnique);
    std::vector<VertexId> vertices;
    for (int64_t key = 0; key < 3; ++key) vertices.push_back(Create(Encoded(key)));
    StartBuild();
    for (uint64_t step = seed % 6; step > 0; --step) backend_->RunOne();
    StartMove(vertices[seed % 3], static_cast<int64_t>(seed % 3));
    RunBuild();
    ASSERT_TRUE(outcome_->ok()) << *outcome_;
  }
  EXPECT_GT(move_count_, 20);
}

TEST_F(ConstraintBuilderTest, AMissingPropertyIsNamedAndALongOneIsNotMissing) {
  Open(1, graph::IndexKind::kExists);
  Create(Encoded(1));
  const std::string text(graph::kMaxIndexKeyBytes + 1, 'x');
  Create(graph::EncodeValue(graph::Value::String(text)));
  StartBuild();
  RunBuild();
  EXPECT_TRUE(outcome_->ok()) << *outcome_;

  Open(2, graph::IndexKind::kExists);
  const VertexId broken = Create(std::nullopt);
  StartBuild();
  RunBuild();
  EXPECT_EQ(outcome_->code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_NE(MessageOf(*outcome_).find(absl::StrCat("constraint rule (:L {k}): vertex ",
                                                   broken.value(), " lacks the property")),
            std::string::npos)
      << *outcome_;
}

}  // namespace
}  // namespace tidemark::master
