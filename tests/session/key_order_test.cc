// SPDX-License-Identifier: Apache-2.0
// Unique keys that move between vertices within one batch: a batch does what its operations would
// do one after the other, on any number of workers.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "graph/index_key.h"
#include "graph/value_coding.h"
#include "session/typed_batch.h"
#include "tests/session/shard_backend.h"

namespace tidemark::session {
namespace {

constexpr int kKeyCount = 6;
constexpr size_t kVertexCount = 8;

std::string Encoded(std::optional<int> key) {
  return key.has_value() ? graph::EncodeValue(graph::Value::Integer(*key)) : "";
}

// What one operation after the other would do.
struct Model {
  struct Vertex {
    VertexId id;
    bool has_label = true;
    std::optional<int> key;
  };
  std::vector<Vertex> vertices;

  bool IsUnique() const {
    std::map<int, int> holders;
    for (const Vertex& vertex : vertices) {
      if (vertex.has_label && vertex.key.has_value() && ++holders[*vertex.key] > 1) return false;
    }
    return true;
  }
};

class KeyOrderTest : public testing::TestWithParam<uint32_t> {
 protected:
  void Open(uint64_t seed) {
    random_.seed(seed);
    backend_ = std::make_unique<ShardBackend>(GetParam(), seed);
    backend_->InternNames({{graph::NameKind::kLabel, "L"}, {graph::NameKind::kKey, "k"}},
                          [](const absl::Status&) {});
    unique_.id = IndexId(1);
    unique_.kind = graph::IndexKind::kUnique;
    unique_.state = graph::IndexState::kOnline;
    unique_.label = LabelId(1);
    unique_.keys = {KeyId(1)};
    unique_.name = "unique_L_k";
    backend_->Define(unique_);
    model_ = Model();
  }
  int Number(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }
  std::optional<int> RandomKey() {
    const int key = Number(kKeyCount + 2);
    return key < kKeyCount ? std::optional<int>(key) : std::nullopt;
  }

  // One random operation, done in the model too.
  Operation Next(Model* model) {
    Operation operation;
    if (model->vertices.size() < kVertexCount && Number(3) == 0) {
      operation.kind = OperationKind::kCreateVertex;
      operation.labels = {"L"};
      Model::Vertex vertex{VertexId(), true, RandomKey()};
      if (vertex.key.has_value()) operation.properties = {{"k", Encoded(vertex.key)}};
      model->vertices.push_back(vertex);
      return operation;
    }
    // What this batch creates has no id yet.
    std::vector<size_t> known;
    for (size_t i = 0; i < model->vertices.size(); ++i) {
      if (model->vertices[i].id.valid()) known.push_back(i);
    }
    if (known.empty()) return operation;  // reads vertex 0, which nobody has
    const size_t index = known[random_() % known.size()];
    Model::Vertex& vertex = model->vertices[index];
    operation.vertex.id = vertex.id;
    const int what = Number(8);
    if (what == 0) {
      operation.kind = OperationKind::kDeleteVertex;
      model->vertices.erase(model->vertices.begin() + static_cast<int64_t>(index));
    } else if (what < 3) {
      operation.kind = OperationKind::kSetLabels;
      (vertex.has_label ? operation.removed_labels : operation.labels) = {"L"};
      vertex.has_label = !vertex.has_label;
    } else {
      operation.kind = OperationKind::kSetVertexProperties;
      vertex.key = RandomKey();
      operation.properties = {{"k", Encoded(vertex.key)}};
    }
    return operation;
  }

  absl::StatusOr<std::vector<OperationResult>> Run(std::vector<Operation> operations) {
    const BegunTransaction begun = *backend_->Begin({});
    absl::StatusOr<std::vector<OperationResult>> results = absl::UnknownError("no answer");
    const auto batch = std::make_shared<TypedBatch>(
        TypedBatch::Options{backend_.get(), begun.tx, begun.snapshot.csn}, std::move(operations),
        [&results](absl::StatusOr<std::vector<OperationResult>> done) {
          results = std::move(done);
        });
    batch->Start();
    backend_->Run();
    if (results.ok()) {
      backend_->Commit(begun.tx, [](const auto&) {});
    } else {
      backend_->Rollback(begun.tx);
    }
    return results;
  }

  // A batch of at most 12 operations.
  void RunBatch() {
    Model after = model_;
    std::vector<Operation> operations;
    bool refused = false;
    std::vector<size_t> creates;
    for (int count = 1 + Number(12); count > 0; --count) {
      const Operation operation = Next(&after);
      if (operation.kind == OperationKind::kGetVertex) continue;
      if (operation.kind == OperationKind::kCreateVertex) creates.push_back(operations.size());
      operations.push_back(operation);
      refused = refused || !after.IsUnique();
    }
    const auto results = Run(operations);
    if (refused) {
      ASSERT_EQ(results.status().code(), absl::StatusCode::kAlreadyExists);
      ASSERT_NE(results.status().message().find("constraint unique_L_k (:L {k: "),
                std::string_view::npos)
          << results.status();
      return;
    }
    ASSERT_TRUE(results.ok()) << results.status();
    size_t next_create = 0;
    for (Model::Vertex& vertex : after.vertices) {
      if (!vertex.id.valid()) vertex.id = results->at(creates[next_create++]).vertex;
    }
    model_ = after;
    CheckHolders();
  }

  void CheckHolders() {
    for (int key = 0; key < kKeyCount; ++key) {
      std::string bytes;
      ASSERT_TRUE(graph::AppendIndexKey(graph::Value::Integer(key), &bytes).ok());
      VertexId expected;
      for (const Model::Vertex& vertex : model_.vertices) {
        if (vertex.has_label && vertex.key == key) expected = vertex.id;
      }
      storage::Shard& owner = backend_->OwnerOf(graph::SlotOfIndexKey(unique_.id, bytes));
      ASSERT_EQ(owner.FindKey({backend_->csn(), TxId(0)}, unique_.id, bytes).value_or(VertexId()),
                expected);
    }
  }

  std::mt19937_64 random_;
  std::unique_ptr<ShardBackend> backend_;
  graph::IndexDefinition unique_;
  Model model_;
};

TEST_P(KeyOrderTest, ABatchDoesWhatItsOperationsWouldDoOneByOne) {
  for (uint64_t seed = 1; seed <= 100 && !HasFatalFailure(); ++seed) {
    SCOPED_TRACE(seed);
    Open(seed);
    for (int batch = 0; batch < 50 && !HasFatalFailure(); ++batch) RunBatch();
  }
}

// One operation that sets several keys of a constraint passes through no key in between; two
// operations do.
TEST_P(KeyOrderTest, OneChangeOfSeveralKeysHasNoKeyInBetween) {
  Open(1);
  backend_->InternNames({{graph::NameKind::kLabel, "M"}, {graph::NameKind::kKey, "j"}},
                        [](const absl::Status&) {});
  unique_.id = IndexId(2);
  unique_.label = LabelId(2);
  unique_.keys = {KeyId(1), KeyId(2)};
  unique_.name = "unique_M_k_j";
  backend_->Define(unique_);
  const auto change = [](VertexId vertex, std::optional<int> k, std::optional<int> j) {
    Operation operation;
    operation.kind = OperationKind::kSetVertexProperties;
    operation.vertex.id = vertex;
    operation.properties = {{"k", Encoded(k)}, {"j", Encoded(j)}};
    return operation;
  };
  std::map<int, VertexId> vertices;  // by k; all have j = k
  for (int k = 0; k < 20; ++k) {
    Operation create = change(VertexId(), k, k);
    create.kind = OperationKind::kCreateVertex;
    create.labels = {"M"};
    vertices[k] = Run({create})->front().vertex;
  }
  for (int k = 0; k < 19; ++k) {
    // What the change gives is taken.
    const absl::StatusOr<std::vector<OperationResult>> refused =
        Run({change(vertices[k], k + 1, k + 1)});
    EXPECT_EQ(refused.status().code(), absl::StatusCode::kAlreadyExists) << k;
    // Somebody has (100 + k, k), which is what setting k alone would give.
    ASSERT_TRUE(Run({change(vertices[k + 1], 100 + k, k)}).ok()) << k;
    const auto passed = Run({change(vertices[k], 100 + k, 100 + k)});
    EXPECT_TRUE(passed.ok()) << k << ": " << passed.status();
    ASSERT_TRUE(
        Run({change(vertices[k], 200 + k, 200 + k), change(vertices[k + 1], k + 1, k + 1)}).ok());
  }
}

INSTANTIATE_TEST_SUITE_P(Workers, KeyOrderTest, testing::Values(1, 2, 3));

}  // namespace
}  // namespace tidemark::session
