// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "graph/value_coding.h"
#include "storage/shard.h"
#include "tests/storage/reference_graph.h"

namespace tidemark::storage {

// A few shards and what their callers do: sends each half of a change to its owner, commits at the
// participants, keeps a log. Threads: one.
class ShardCluster {
 public:
  explicit ShardCluster(uint32_t shard_count, const ShardLimits& limits = {});

  Shard& shard(size_t index) { return *shards_[index]; }
  Shard& owner(SlotId slot) { return *shards_[OwnerIndex(slot)]; }
  size_t shard_count() const { return shards_.size(); }

  absl::StatusOr<VertexId> CreateVertex(View view, size_t shard_index,
                                        const ReferenceState::Vertex& content);
  absl::Status DeleteVertex(View view, VertexId vertex);
  absl::Status SetLabel(View view, VertexId vertex, LabelId label, bool present);
  absl::Status SetVertexProperty(View view, VertexId vertex, KeyId key, std::string_view value);
  absl::StatusOr<EdgeId> CreateEdge(View view, const ReferenceState::Edge& content);
  absl::Status DeleteEdge(View view, EdgeId edge);
  absl::Status SetEdgeProperty(View view, EdgeId edge, KeyId key, std::string_view value);

  // Logs and hands over; Apply does the work.
  void Commit(TxId tx, Csn csn);
  void CommitSchema(TxId tx, Csn csn, const graph::IndexDefinition& definition);
  // Finds some of the edges that the transaction has deleted, before it commits.
  void FindSome(TxId tx, uint64_t units);
  void Abort(TxId tx);
  bool ApplySome(int64_t units);
  void Apply();
  void CollectSome(int64_t units);
  void RollbackTo(Csn csn);
  void SetHorizon(Csn csn);
  void CheckInvariants();

  // CHECKs that every read gives exactly `expected`.
  void CheckEquals(View view, const ReferenceState& expected, const std::vector<VertexId>& all);

  // New shards with the graph as of `csn`, from the log or from a snapshot and the log above it.
  std::unique_ptr<ShardCluster> ReplayLog(Csn csn) const;
  std::unique_ptr<ShardCluster> LoadSnapshot(const std::vector<std::string>& parts,
                                             Csn snapshot_csn, Csn csn) const;
  // Replays what another cluster has logged since the last call.
  void Follow(const ShardCluster& leader, Csn through);
  // How far this cluster has replayed a log.
  Csn replayed() const { return replayed_; }
  // Goes on with the log of another cluster.
  void TakeLogOf(ShardCluster* other) { log_ = std::move(other->log_); }
  // The whole snapshot of one shard.
  std::string Snapshot(size_t shard_index, Csn csn);

 private:
  using Log = std::map<Csn, std::vector<std::string>>;  // mutations of each shard
  size_t OwnerIndex(SlotId slot) const {
    return OwnerOfSlot(slot, static_cast<uint32_t>(shards_.size())).value() - 1;
  }
  absl::Status ChangeKeys(View view, const std::vector<KeyChange>& changes);
  void ReplayFrom(const Log& log, Csn after, Csn through);
  void CheckVertices(View view, const ReferenceState& expected, const std::vector<VertexId>& all);
  void CheckBatch(View view, const ReferenceState& expected, const std::vector<VertexId>& all);
  void CheckEdges(View view, const ReferenceState& expected);
  void CheckExpand(View view, const ReferenceState& expected, VertexId vertex);
  void CheckScans(View view, const ReferenceState& expected);
  int64_t CountEdges(View view, TypeId type) const;
  void CheckIndex(View view, const ReferenceState& expected,
                  const graph::IndexDefinition& definition);

  ShardLimits limits_;
  std::vector<std::unique_ptr<Shard>> shards_;
  Log log_;
  Csn replayed_;
};

std::string Pack(const std::map<KeyId, std::string>& properties);
std::string EncodedInteger(int64_t value);

}  // namespace tidemark::storage
