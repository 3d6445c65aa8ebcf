// SPDX-License-Identifier: Apache-2.0
#include "tests/exec/mini_cluster.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "base/status.h"
#include "exec/change_rows.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/exec/fragment_calls.h"

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

Change CreateVertex(SlotId slot, std::vector<LabelId> labels, std::string properties) {
  Change change;
  change.kind = ChangeKind::kCreateVertex;
  change.slot = slot;
  change.labels = std::move(labels);
  change.bytes = std::move(properties);
  return change;
}

Change CreateEdge(VertexId source, VertexId target, TypeId type) {
  Change change;
  change.kind = ChangeKind::kCreateEdge;
  change.vertex = source;
  change.target = target;
  change.type = type;
  return change;
}

Change OnVertex(ChangeKind kind, VertexId vertex) {
  Change change;
  change.kind = kind;
  change.vertex = vertex;
  return change;
}

Change OnEdge(ChangeKind kind, EdgeId edge) {
  Change change;
  change.kind = kind;
  change.edge = edge;
  return change;
}

Change DetachDelete(VertexId vertex) {
  Change change = OnVertex(ChangeKind::kDeleteVertex, vertex);
  change.detach = true;
  return change;
}

Change SetName(VertexId vertex, std::string_view name) {
  Change change = OnVertex(ChangeKind::kSetVertexProperties, vertex);
  const std::string value = graph::EncodeValue(graph::Value::String(name));
  change.bytes = PackProperties({{kName, name.empty() ? "" : value}});
  return change;
}

std::string Named(std::string_view name) { return Property(kName, graph::Value::String(name)); }
std::string Aged(int64_t age) { return Property(kAge, graph::Value::Integer(age)); }
std::string KeyOf(std::string_view text) { return KeyOfValue(graph::Value::String(text)); }
std::string KeyOf(int64_t number) { return KeyOfValue(graph::Value::Integer(number)); }

MiniCluster::MiniCluster(uint32_t worker_count) {
  for (uint32_t i = 1; i <= worker_count; ++i) {
    shards_.push_back(
        std::make_unique<storage::Shard>(storage::ShardLimits(), worker_count, NodeId(i)));
    runs_.push_back(std::make_unique<FragmentRuns>(uint64_t{1} << 30));
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

NodeId MiniCluster::WorkerFor(const Change& change) const {
  const std::optional<SlotId> slot = SlotOf(change);
  return slot.has_value() ? OwnerOf(*slot) : scan_worker;
}

absl::Status MiniCluster::RunFragment(NodeId worker, const Tx& tx,
                                      const query::plan::Remote& remote,
                                      const query::BatchRef& input, const UseRow& use) {
  FragmentRuns& runs = *runs_[worker.value() - 1];
  FragmentStep step{FragmentStepKind::kOpen, ++last_run_, CallOf(remote, input)};
  for (bool is_end = false; !is_end;) {
    const auto work = runs.MakeWork({&shard(worker), tx.view}, std::move(step));
    ++slice_count;
    while (!work->RunSome(slice_units)) ++slice_count;
    RETURN_IF_ERROR(work->status());
    const std::string answer = work->TakeAnswer();
    ASSIGN_OR_RETURN(FragmentRows rows, DecodeRows(&pool_, answer));
    RETURN_IF_ERROR(Unpack(&pool_, &rows));
    for (const query::BatchRef& batch : rows.batches) {
      for (uint16_t row = 0; row < batch->row_count(); ++row) RETURN_IF_ERROR(use(*batch, row));
    }
    is_end = rows.is_end;
    step = {FragmentStepKind::kNext, last_run_, {}};
  }
  EXPECT_EQ(runs.size(), 0u);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ChangeOutput>> MiniCluster::RunAt(NodeId worker, const Tx& tx,
                                                             const std::vector<Change>& changes) {
  std::vector<ChangeOutput> outputs;
  for (size_t begin = 0; begin < changes.size(); begin += query::kMaxBatchRows) {
    const size_t count = std::min(query::kMaxBatchRows, changes.size() - begin);
    const query::BatchRef rows =
        MakeChangeRows(&pool_, absl::MakeConstSpan(changes).subspan(begin, count));
    RETURN_IF_ERROR(RunFragment(worker, tx, ChangeFragment(), rows,
                                [&](const query::Batch& batch, uint16_t row) -> absl::Status {
                                  ASSIGN_OR_RETURN(ChangeOutput output, ReadOutput(batch, row));
                                  EXPECT_LT(output.cause, count);
                                  output.cause += begin;
                                  outputs.push_back(std::move(output));
                                  return absl::OkStatus();
                                }));
  }
  return outputs;
}

absl::Status MiniCluster::RunFollowUps(const Tx& tx, std::vector<Change> follow_ups) {
  while (!follow_ups.empty()) {
    ++hop_count;
    std::map<NodeId, std::vector<Change>> hop;
    for (Change& change : follow_ups) {
      EXPECT_TRUE(SlotOf(change).has_value()) << KindName(change.kind);
      hop[WorkerFor(change)].push_back(std::move(change));
    }
    follow_ups.clear();
    for (const auto& [worker, changes] : hop) {
      ASSIGN_OR_RETURN(std::vector<ChangeOutput> outputs, RunAt(worker, tx, changes));
      for (ChangeOutput& output : outputs) {
        EXPECT_FALSE(output.is_made());
        follow_ups.push_back(std::move(output.change));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Change>> MiniCluster::Run(const Tx& tx,
                                                     const std::vector<Change>& changes) {
  std::vector<Change> made(changes.size());
  std::vector<Change> follow_ups;
  size_t begin = 0;
  while (begin < changes.size()) {
    const NodeId worker = WorkerFor(changes[begin]);
    size_t end = begin;
    while (end < changes.size() && WorkerFor(changes[end]) == worker) ++end;
    const auto first = changes.begin();
    ASSIGN_OR_RETURN(std::vector<ChangeOutput> outputs,
                     RunAt(worker, tx,
                           {first + static_cast<std::ptrdiff_t>(begin),
                            first + static_cast<std::ptrdiff_t>(end)}));
    for (ChangeOutput& output : outputs) {
      if (output.is_made()) {
        EXPECT_EQ(output.change.kind, changes[begin + output.cause].kind);
        made[begin + output.cause] = std::move(output.change);
      } else {
        follow_ups.push_back(std::move(output.change));
      }
    }
    begin = end;
  }
  RETURN_IF_ERROR(RunFollowUps(tx, std::move(follow_ups)));
  return made;
}

absl::StatusOr<Change> MiniCluster::RunOne(const Tx& tx, const Change& change) {
  ASSIGN_OR_RETURN(std::vector<Change> made, Run(tx, {change}));
  return std::move(made[0]);
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

std::vector<Change> MiniCluster::RunAndCommit(const std::vector<Change>& changes) {
  const Tx tx = Begin();
  auto made = Run(tx, changes);
  EXPECT_TRUE(made.ok()) << made.status();
  if (!made.ok()) return {};
  Commit(tx);
  return *std::move(made);
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
