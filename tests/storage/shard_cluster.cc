// SPDX-License-Identifier: Apache-2.0
#include "tests/storage/shard_cluster.h"

#include "base/check.h"
#include "base/status.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {

std::string Pack(const std::map<KeyId, std::string>& properties) {
  std::string packed;
  CHECK(graph::PackProperties({properties.begin(), properties.end()}, &packed).ok());
  return packed;
}

std::string EncodedInteger(int64_t value) {
  return graph::EncodeValue(graph::Value::Integer(value));
}

ShardCluster::ShardCluster(uint32_t shard_count, const ShardLimits& limits) : limits_(limits) {
  for (uint32_t i = 0; i < shard_count; ++i) {
    shards_.push_back(std::make_unique<Shard>(limits, shard_count, NodeId(i + 1)));
  }
}

absl::Status ShardCluster::ChangeKeys(View view, const std::vector<KeyChange>& changes) {
  for (const KeyChange& change : changes) {
    Shard& owner_shard = owner(graph::SlotOfIndexKey(change.index, change.key));
    RETURN_IF_ERROR(owner_shard.ChangeKey(view, change));
  }
  return absl::OkStatus();
}

absl::StatusOr<VertexId> ShardCluster::CreateVertex(View view, size_t shard_index,
                                                    const ReferenceState::Vertex& content) {
  const std::vector<LabelId> labels(content.labels.begin(), content.labels.end());
  const std::string properties = Pack(content.properties);
  std::vector<KeyChange> changes;
  ASSIGN_OR_RETURN(const VertexId vertex, shards_[shard_index]->CreateVertex(
                                              view, {std::nullopt, labels, properties}, &changes));
  RETURN_IF_ERROR(ChangeKeys(view, changes));
  return vertex;
}

absl::Status ShardCluster::DeleteVertex(View view, VertexId vertex) {
  std::vector<KeyChange> changes;
  RETURN_IF_ERROR(owner(vertex.slot()).DeleteVertex(view, vertex, &changes));
  return ChangeKeys(view, changes);
}

absl::Status ShardCluster::SetLabel(View view, VertexId vertex, LabelId label, bool present) {
  std::vector<KeyChange> changes;
  RETURN_IF_ERROR(owner(vertex.slot()).SetLabel(view, vertex, label, present, &changes));
  return ChangeKeys(view, changes);
}

absl::Status ShardCluster::SetVertexProperty(View view, VertexId vertex, KeyId key,
                                             std::string_view value) {
  std::vector<KeyChange> changes;
  RETURN_IF_ERROR(owner(vertex.slot()).SetVertexProperty(view, vertex, key, value, &changes));
  return ChangeKeys(view, changes);
}

absl::StatusOr<EdgeId> ShardCluster::CreateEdge(View view, const ReferenceState::Edge& content) {
  EdgeEnds ends{EdgeId(), content.source, content.target, content.type};
  Shard& source = owner(content.source.slot());
  ASSIGN_OR_RETURN(ends.edge, source.CreateEdge(view, ends, Pack(content.properties)));
  Shard& target = owner(content.target.slot());
  if (&target != &source) RETURN_IF_ERROR(target.LinkTarget(view, ends));
  return ends.edge;
}

absl::Status ShardCluster::DeleteEdge(View view, EdgeId edge) {
  Shard& source = owner(edge.slot());
  ASSIGN_OR_RETURN(const EdgeEnds ends, source.DeleteEdge(view, edge));
  Shard& target = owner(ends.target.slot());
  return &target == &source ? absl::OkStatus() : target.UnlinkTarget(view, ends);
}

absl::Status ShardCluster::SetEdgeProperty(View view, EdgeId edge, KeyId key,
                                           std::string_view value) {
  return owner(edge.slot()).SetEdgeProperty(view, edge, key, value);
}

void ShardCluster::Commit(TxId tx, Csn csn) {
  std::vector<std::string>& parts = log_[csn];
  for (const auto& shard : shards_) {
    int64_t units = std::numeric_limits<int64_t>::max();
    Validation validation;
    CHECK(shard->ValidateBeforeCommit(tx, &validation, &units).value());
    CHECK(shard->FindDeletedEdges(tx, &units).value());
    const bool participates = shard->HasWrites(tx);
    parts.push_back(shard->TakePendingMutations(tx));
    if (participates) shard->Commit(tx, csn);
  }
}

void ShardCluster::CommitSchema(TxId tx, Csn csn, const graph::IndexDefinition& definition) {
  for (const auto& shard : shards_) shard->AddSchemaChange(tx, definition);
  Commit(tx, csn);
  Apply();
}

void ShardCluster::FindSome(TxId tx, uint64_t units) {
  for (const auto& shard : shards_) {
    auto shard_units = static_cast<int64_t>(units);
    CHECK(shard->FindDeletedEdges(tx, &shard_units).ok());
  }
}

void ShardCluster::Abort(TxId tx) {
  for (const auto& shard : shards_) shard->Abort(tx);
}

bool ShardCluster::ApplySome(int64_t units) {
  bool done = true;
  for (const auto& shard : shards_) {
    int64_t shard_units = units;
    done = shard->ApplySome(&shard_units) && done;
  }
  return done;
}

void ShardCluster::Apply() {
  while (!ApplySome(kNoLimit)) {
  }
}

void ShardCluster::CollectSome(int64_t units) {
  for (const auto& shard : shards_) shard->CollectSome(units);
}

void ShardCluster::RollbackTo(Csn csn) {
  for (const auto& shard : shards_) shard->RollbackTo(csn);
  log_.erase(log_.upper_bound(csn), log_.end());
}

void ShardCluster::SetHorizon(Csn csn) {
  for (const auto& shard : shards_) shard->SetHorizon(csn);
}

void ShardCluster::CheckInvariants() {
  for (const auto& shard : shards_) shard->CheckInvariants();
}

void ShardCluster::ReplayFrom(const Log& log, Csn after, Csn through) {
  for (auto it = log.upper_bound(after); it != log.end() && it->first <= through; ++it) {
    for (size_t i = 0; i < shards_.size(); ++i) {
      const auto count = shards_[i]->Replay(it->first, it->second[i]);
      CHECK(count.ok()) << count.status();
    }
  }
  for (const auto& shard : shards_) shard->FinishRecovery(through);
  replayed_ = through;
}

void ShardCluster::Follow(const ShardCluster& leader, Csn through) {
  if (through > replayed_) ReplayFrom(leader.log_, replayed_, through);
}

std::unique_ptr<ShardCluster> ShardCluster::ReplayLog(Csn csn) const {
  auto result = std::make_unique<ShardCluster>(static_cast<uint32_t>(shards_.size()), limits_);
  result->ReplayFrom(log_, Csn(0), csn);
  return result;
}

std::unique_ptr<ShardCluster> ShardCluster::LoadSnapshot(const std::vector<std::string>& parts,
                                                         Csn snapshot_csn, Csn csn) const {
  auto result = std::make_unique<ShardCluster>(static_cast<uint32_t>(shards_.size()), limits_);
  for (size_t i = 0; i < parts.size(); ++i) {
    const auto count = result->shards_[i]->Replay(snapshot_csn, parts[i]);
    CHECK(count.ok()) << count.status();
  }
  result->ReplayFrom(log_, snapshot_csn, csn);
  return result;
}

std::string ShardCluster::Snapshot(size_t shard_index, Csn csn) {
  std::string out;
  for (uint32_t i = 0; i < kSlotCount; ++i) {
    const SlotId slot(static_cast<uint16_t>(i));
    if (!shards_[shard_index]->Owns(slot)) continue;
    Shard::SnapshotCursor cursor;
    std::string part;
    while (!shards_[shard_index]->SnapshotSlot({csn, slot, 7, 256}, &cursor, &part)) {
      out += std::exchange(part, {});
    }
    out += part;
  }
  return out;
}

}  // namespace tidemark::storage
