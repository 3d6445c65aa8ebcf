// SPDX-License-Identifier: Apache-2.0
#include "tests/exec/mini_cluster.h"

#include <gtest/gtest.h>

#include <map>

#include "base/status.h"
#include "exec/batch_executor.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"

namespace tidemark::exec {
namespace {

constexpr int64_t kPlenty = int64_t{1} << 40;

std::string Property(KeyId key, const graph::Value& value) {
  return graph::WithProperty("", key, graph::EncodeValue(value));
}

std::string KeyOfValue(const graph::Value& value) {
  std::string key;
  EXPECT_TRUE(graph::AppendIndexKey(value, &key).ok());
  return key;
}

}  // namespace

Operation CreateVertex(SlotId slot, std::vector<LabelId> labels, std::string properties) {
  Operation operation;
  operation.kind = OperationKind::kCreateVertex;
  operation.slot = slot;
  operation.labels = std::move(labels);
  operation.bytes = std::move(properties);
  return operation;
}

Operation CreateEdge(VertexId source, VertexId target, TypeId type) {
  Operation operation;
  operation.kind = OperationKind::kCreateEdge;
  operation.vertex = source;
  operation.target = target;
  operation.type = type;
  return operation;
}

Operation OnVertex(OperationKind kind, VertexId vertex) {
  Operation operation;
  operation.kind = kind;
  operation.vertex = vertex;
  return operation;
}

Operation OnEdge(OperationKind kind, EdgeId edge) {
  Operation operation;
  operation.kind = kind;
  operation.edge = edge;
  return operation;
}

Operation DetachDelete(VertexId vertex) {
  Operation operation = OnVertex(OperationKind::kDeleteVertex, vertex);
  operation.detach = true;
  return operation;
}

Operation SetName(VertexId vertex, std::string_view name) {
  Operation operation = OnVertex(OperationKind::kSetVertexProperty, vertex);
  operation.key = kName;
  if (!name.empty()) operation.bytes = graph::EncodeValue(graph::Value::String(name));
  return operation;
}

Operation FindName(std::string_view name) {
  Operation operation;
  operation.kind = OperationKind::kFindKey;
  operation.index = kUniqueName;
  operation.bytes = KeyOf(name);
  return operation;
}

Operation ExpandAll(VertexId vertex, storage::Direction direction) {
  Operation operation = OnVertex(OperationKind::kExpand, vertex);
  operation.direction = direction;
  return operation;
}

std::string Named(std::string_view name) { return Property(kName, graph::Value::String(name)); }
std::string Aged(int64_t age) { return Property(kAge, graph::Value::Integer(age)); }
std::string KeyOf(std::string_view text) { return KeyOfValue(graph::Value::String(text)); }
std::string KeyOf(int64_t number) { return KeyOfValue(graph::Value::Integer(number)); }

MiniCluster::MiniCluster(uint32_t worker_count) {
  for (uint32_t i = 1; i <= worker_count; ++i) {
    shards_.push_back(
        std::make_unique<storage::Shard>(storage::ShardLimits(), worker_count, NodeId(i)));
  }
}

void MiniCluster::CreateIndexes() {
  graph::IndexDefinition unique;
  unique.id = kUniqueName;
  unique.kind = graph::IndexKind::kUnique;
  unique.state = graph::IndexState::kOnline;
  unique.label = kPerson;
  unique.keys = {kName};
  unique.name = "unique_name";
  graph::IndexDefinition age = unique;
  age.id = kAgeIndex;
  age.kind = graph::IndexKind::kLabelProperty;
  age.keys = {kAge};
  age.name = "age";
  const Tx tx = Begin();
  for (const auto& shard : shards_) {
    shard->AddSchemaChange(tx.view.tx, unique);
    shard->AddSchemaChange(tx.view.tx, age);
  }
  Commit(tx);
}

NodeId MiniCluster::WorkerFor(const Operation& operation) const {
  const std::optional<SlotId> slot = SlotOf(operation);
  return slot.has_value() ? OwnerOf(*slot) : scan_worker;
}

absl::StatusOr<BatchResult> MiniCluster::RunAt(NodeId worker, const Tx& tx,
                                               const std::vector<Operation>& operations) {
  BatchExecutor executor(&shard(worker), tx.view, EncodeBatch(operations));
  ++slice_count;
  while (!executor.RunSome(slice_units)) ++slice_count;
  RETURN_IF_ERROR(executor.status());
  ASSIGN_OR_RETURN(BatchResult result, DecodeBatchResult(executor.TakeResult()));
  EXPECT_EQ(result.results.size(), operations.size());
  return result;
}

absl::Status MiniCluster::RunFollowUps(const Tx& tx, std::vector<Operation> follow_ups) {
  while (!follow_ups.empty()) {
    ++hop_count;
    std::map<NodeId, std::vector<Operation>> hop;
    for (Operation& operation : follow_ups) {
      EXPECT_TRUE(SlotOf(operation).has_value()) << DebugString(operation);
      hop[WorkerFor(operation)].push_back(std::move(operation));
    }
    follow_ups.clear();
    for (const auto& [worker, operations] : hop) {
      ASSIGN_OR_RETURN(BatchResult result, RunAt(worker, tx, operations));
      for (FollowUp& one : result.follow_ups) follow_ups.push_back(std::move(one.operation));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<OperationResult>> MiniCluster::Run(const Tx& tx,
                                                              std::vector<Operation> operations) {
  std::vector<OperationResult> results;
  std::vector<Operation> follow_ups;
  size_t begin = 0;
  while (begin < operations.size()) {
    const NodeId worker = WorkerFor(operations[begin]);
    size_t end = begin;
    std::vector<Operation> batch;
    while (end < operations.size() && WorkerFor(operations[end]) == worker) {
      batch.push_back(operations[end++]);
    }
    ASSIGN_OR_RETURN(BatchResult result, RunAt(worker, tx, batch));
    std::move(result.results.begin(), result.results.end(), std::back_inserter(results));
    for (FollowUp& one : result.follow_ups) follow_ups.push_back(std::move(one.operation));
    begin = end;
  }
  RETURN_IF_ERROR(RunFollowUps(tx, std::move(follow_ups)));
  return results;
}

absl::StatusOr<OperationResult> MiniCluster::RunOne(const Tx& tx, Operation operation) {
  ASSIGN_OR_RETURN(std::vector<OperationResult> results, Run(tx, {std::move(operation)}));
  return std::move(results[0]);
}

void MiniCluster::Commit(const Tx& tx) {
  visible_ = visible_.Next();
  for (const auto& shard : shards_) {
    if (!shard->HasWrites(tx.view.tx)) continue;
    shard->TakePendingMutations(tx.view.tx);
    shard->Commit(tx.view.tx, visible_);
    int64_t units = kPlenty;
    EXPECT_TRUE(shard->ApplySome(&units));
  }
}

void MiniCluster::Abort(const Tx& tx) {
  for (const auto& shard : shards_) {
    shard->Abort(tx.view.tx);
    EXPECT_TRUE(shard->CollectSome(kPlenty));  // undoes the rest of a large transaction
  }
}

std::vector<OperationResult> MiniCluster::RunAndCommit(std::vector<Operation> operations) {
  const Tx tx = Begin();
  auto results = Run(tx, std::move(operations));
  EXPECT_TRUE(results.ok()) << results.status();
  if (!results.ok()) return {};
  Commit(tx);
  return *std::move(results);
}

void MiniCluster::CollectUpTo(Csn horizon) {
  for (const auto& shard : shards_) {
    shard->SetHorizon(horizon);
    EXPECT_TRUE(shard->CollectSome(kPlenty));
  }
}

void MiniCluster::CheckInvariants() const {
  for (const auto& shard : shards_) shard->CheckInvariants();
}

}  // namespace tidemark::exec
