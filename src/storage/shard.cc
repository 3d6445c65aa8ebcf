// SPDX-License-Identifier: Apache-2.0
#include "storage/shard.h"

#include <limits>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "storage/graph_state.h"
#include "storage/index/index_builder.h"
#include "storage/invariants.h"
#include "storage/read/graph_reader.h"
#include "storage/read/snapshot_source.h"
#include "storage/recovery_loader.h"
#include "storage/write/commit_queue.h"
#include "storage/write/edge_writer.h"
#include "storage/write/garbage_collector.h"
#include "storage/write/rollback.h"
#include "storage/write/vertex_writer.h"

namespace tidemark::storage {

class Shard::Impl {
 public:
  Impl(const ShardLimits& limits, uint32_t worker_count_in, NodeId self_in)
      : worker_count(worker_count_in), self(self_in), state(limits, worker_count_in, self_in) {}

  const uint32_t worker_count;
  const NodeId self;
  GraphState state;
  VertexWriter vertex_writer{&state};
  EdgeWriter edge_writer{&state};
  CommitQueue commits{&state};
  GarbageCollector garbage{&state};
  GraphReader reader{&state};
  RecoveryLoader loader{&state};
  SnapshotSource snapshots{&state};
};

Shard::Shard(const ShardLimits& limits, uint32_t worker_count, NodeId self)
    : impl_(std::make_unique<Impl>(limits, worker_count, self)) {}
Shard::~Shard() = default;

bool Shard::Owns(SlotId slot) const { return impl_->state.vertices.Owns(slot); }

absl::StatusOr<VertexId> Shard::CreateVertex(View view, const NewVertex& vertex,
                                             std::vector<KeyChange>* changed_keys) {
  return impl_->vertex_writer.Create(view, vertex, changed_keys);
}

absl::Status Shard::DeleteVertex(View view, VertexId vertex, std::vector<KeyChange>* changed_keys) {
  return impl_->vertex_writer.Delete(view, vertex, changed_keys);
}

absl::Status Shard::SetLabel(View view, VertexId vertex, LabelId label, bool present,
                             std::vector<KeyChange>* changed_keys) {
  return impl_->vertex_writer.SetLabel(view, vertex, label, present, changed_keys);
}

absl::Status Shard::TouchVertex(View view, VertexId vertex) {
  return impl_->vertex_writer.Touch(view, vertex);
}

absl::Status Shard::SetVertexProperty(View view, VertexId vertex, KeyId key,
                                      std::string_view encoded_value,
                                      std::vector<KeyChange>* changed_keys) {
  return impl_->vertex_writer.SetProperty(view, vertex, key, encoded_value, changed_keys);
}

void Shard::Prefetch(VertexId vertex) const { impl_->state.vertices.Prefetch(vertex); }

absl::StatusOr<EdgeId> Shard::CreateEdge(View view, const EdgeEnds& ends,
                                         std::string_view properties) {
  return impl_->edge_writer.Create(view, ends, properties);
}

absl::Status Shard::LinkTarget(View view, const EdgeEnds& ends) {
  return impl_->edge_writer.LinkTarget(view, ends);
}

absl::StatusOr<EdgeEnds> Shard::DeleteEdge(View view, EdgeId edge) {
  return impl_->edge_writer.Delete(view, edge);
}

absl::Status Shard::UnlinkTarget(View view, const EdgeEnds& ends) {
  return impl_->edge_writer.UnlinkTarget(view, ends);
}

absl::Status Shard::SetEdgeProperty(View view, EdgeId edge, KeyId key,
                                    std::string_view encoded_value) {
  return impl_->edge_writer.SetProperty(view, edge, key, encoded_value);
}

absl::Status Shard::ChangeKey(View view, const KeyChange& change) {
  GraphState& state = impl_->state;
  RETURN_IF_ERROR(change.claim ? state.CheckRoom(view.tx, change.key.size() * 2 + sizeof(KeyChange))
                               : state.CheckRoomToDelete(view.tx));
  UniqueIndex& unique = state.indexes.unique();
  if (change.claim) {
    RETURN_IF_ERROR(unique.Claim(view.tx, change.index, change.key, change.vertex));
  } else {
    RETURN_IF_ERROR(unique.Release(view.tx, change.index, change.key, change.vertex));
  }
  graph::Mutation mutation;
  mutation.kind = change.claim ? graph::MutationKind::kClaimKey : graph::MutationKind::kReleaseKey;
  mutation.index = change.index;
  mutation.vertex = change.vertex;
  mutation.bytes = change.key;
  Transaction* transaction = state.Open(view.tx);
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  state.CountMemory(transaction);
  return absl::OkStatus();
}

absl::StatusOr<bool> Shard::FindDeletedEdges(TxId tx, int64_t* units) {
  return impl_->edge_writer.FindRemoved(tx, units);
}

absl::StatusOr<bool> Shard::ValidateBeforeCommit(TxId tx, Validation* validation, int64_t* units) {
  return impl_->vertex_writer.Validate(tx, validation, units);
}

std::string Shard::TakePendingMutations(TxId tx) {
  Transaction* transaction = impl_->state.FindOpen(tx);
  if (transaction == nullptr) return {};
  std::string mutations = std::exchange(transaction->mutations(), {});
  impl_->state.CountMemory(transaction);
  return mutations;
}

size_t Shard::PendingMutationBytes(TxId tx) const {
  Transaction* transaction = impl_->state.FindOpen(tx);
  return transaction == nullptr ? 0 : transaction->mutations().size();
}

bool Shard::HasWrites(TxId tx) const {
  const Transaction* transaction = impl_->state.FindOpen(tx);
  return transaction != nullptr && transaction->has_writes();
}

void Shard::Commit(TxId tx, Csn csn) { impl_->commits.Commit(tx, csn); }

bool Shard::ApplySome(int64_t* units) { return impl_->commits.ApplySome(units); }

Csn Shard::applied() const { return impl_->state.applied; }

bool Shard::Abort(TxId tx) { return impl_->commits.Abort(tx); }

bool Shard::AbortAll() { return impl_->commits.AbortAll(); }

void Shard::AddSchemaChange(TxId tx, const graph::IndexDefinition& definition) {
  Transaction* transaction = impl_->state.Open(tx);
  transaction->schema().push_back(definition);
  std::string bytes;
  graph::AppendIndexDefinition(definition, &bytes);
  graph::Mutation mutation;
  mutation.kind = graph::MutationKind::kSchema;
  mutation.bytes = bytes;
  graph::AppendMutation(mutation, &transaction->mutations());
  transaction->NoteWrite();
  impl_->state.CountMemory(transaction);
}

const std::vector<graph::IndexDefinition>& Shard::schema() const {
  return impl_->state.indexes.schema().current();
}

bool Shard::BuildIndexSome(IndexId index, int64_t max_units,
                           const std::function<void(const KeyChange&)>& emit) {
  return BuildIndexSlice(&impl_->state, index, max_units, emit);
}

std::optional<VertexView> Shard::GetVertex(View view, VertexId vertex) {
  return impl_->reader.GetVertex(view, vertex);
}

void Shard::GetVertices(View view, absl::Span<const VertexId> vertices,
                        std::vector<VertexImage>* out) {
  impl_->reader.GetVertices(view, vertices, out);
}

std::optional<EdgeView> Shard::GetEdge(View view, EdgeId edge) {
  return impl_->reader.GetEdge(view, edge);
}

bool Shard::Expand(View view, const Expansion& expansion, Cursor* cursor,
                   std::vector<Neighbour>* out) {
  return impl_->reader.Expand(view, expansion, cursor, out);
}

void Shard::ExpandBatch(View view, const BatchExpansion& expansion, BatchCursor* cursor,
                        NeighbourColumns* out) {
  impl_->reader.ExpandBatch(view, expansion, cursor, out);
}

bool Shard::Degrees(View view, const BatchDegree& wanted, BatchCursor* cursor, int64_t* units,
                    absl::Span<uint64_t> degrees) {
  return impl_->reader.Degrees(view, wanted, cursor, units, degrees);
}

void Shard::ScanLabel(View view, LabelId label, size_t max_count, Cursor* cursor,
                      std::vector<VertexId>* out) {
  impl_->reader.ScanLabel(view, label, max_count, cursor, out);
}

void Shard::ScanEdgeType(View view, TypeId type, size_t max_count, Cursor* cursor,
                         std::vector<EdgeEnds>* out) {
  impl_->reader.ScanEdgeType(view, type, max_count, cursor, out);
}

int64_t Shard::CountVertices(View view, LabelId label) const {
  return impl_->reader.Count(view, CountKey::Of(label));
}

int64_t Shard::CountEdges(View view, TypeId type) const {
  return impl_->reader.Count(view, CountKey::Of(type));
}

absl::Status Shard::ScanIndex(View view, const IndexRange& range, Cursor* cursor,
                              std::vector<VertexId>* out) {
  return impl_->reader.ScanIndex(view, range, cursor, out);
}

absl::Status Shard::CheckLookup(View view, IndexId index) const {
  const SchemaStore& schema = impl_->state.indexes.schema();
  const graph::IndexDefinition* newest = schema.FindNewest(index);
  const graph::IndexDefinition* seen =
      PlantedBug("index-used-by-older-readers") ? newest : schema.FindAsOf(index, view.read_csn);
  if (newest != nullptr && newest->state == graph::IndexState::kOnline && seen != nullptr &&
      seen->state == graph::IndexState::kOnline) {
    return absl::OkStatus();
  }
  if (newest == nullptr || newest->state == graph::IndexState::kBuilding) {
    return absl::FailedPreconditionError(
        absl::StrCat("index ", index.value(), " is not online here"));
  }
  return absl::AbortedError(absl::StrCat("index ", index.value(), " is not online for a reader of ",
                                         view.read_csn.value(), "; begin a new transaction"));
}

std::optional<VertexId> Shard::FindKey(View view, IndexId index, std::string_view key) {
  return impl_->state.indexes.unique().Find(view.read_csn, view.tx, index, key);
}

void Shard::SetHorizon(Csn horizon) {
  if (horizon > impl_->state.horizon) impl_->state.horizon = horizon;
}

bool Shard::CollectSome(int64_t max_units) {
  return impl_->commits.AbortSome(&max_units) && impl_->garbage.CollectSome(&max_units);
}

void Shard::RollbackTo(Csn csn) {
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(impl_->commits.ApplySome(&units));
  impl_->commits.AbortAll();
  impl_->commits.Finish();
  RollbackCommits(&impl_->state, csn);
}

absl::StatusOr<uint64_t> Shard::Replay(Csn csn, std::string_view mutations) {
  return impl_->loader.Apply(csn, mutations);
}

void Shard::FinishRecovery(Csn csn) {
  impl_->state.applied = csn;
  SetHorizon(csn);
}

void Shard::Clear() {
  const ShardLimits limits = impl_->state.limits;
  impl_ = std::make_unique<Impl>(limits, impl_->worker_count, impl_->self);
}

bool Shard::SnapshotSlot(const SnapshotSlice& slice, SnapshotCursor* cursor, std::string* out) {
  return impl_->snapshots.ReadSlot(slice, cursor, out);
}

ShardStats Shard::stats() const {
  const GraphState& state = impl_->state;
  return {static_cast<uint64_t>(state.counts.Newest(CountKey::AllVertices())),
          static_cast<uint64_t>(state.counts.Newest(CountKey::AllEdges())), state.memory_bytes(),
          state.undo_bytes()};
}

ShardCounts Shard::counts() const {
  ShardCounts counts;
  impl_->state.counts.ForEach([&](CountKey key, int64_t count) {
    if (count == 0 || key.id() == 0) return;
    if (key.is_of_edges()) {
      counts.types.emplace_back(TypeId(key.id()), count);
    } else {
      counts.labels.emplace_back(LabelId(key.id()), count);
    }
  });
  return counts;
}

void Shard::CheckInvariants() const {
  CheckGraph(impl_->state, impl_->commits.settled(), impl_->commits.idle());
}

}  // namespace tidemark::storage
