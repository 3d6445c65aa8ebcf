// SPDX-License-Identifier: Apache-2.0
#include "storage/read/snapshot_source.h"

#include "base/check.h"
#include "graph/edge_run.h"
#include "graph/mutation.h"
#include "storage/adjacency/group_scan.h"

namespace tidemark::storage {
namespace {

using graph::Mutation;
using graph::MutationKind;

enum Stage : uint64_t { kHeader = 0, kVertices = 1, kEdges = 2, kKeys = 3 };

// SnapshotCursor::inner while writing the edges of a vertex: group number << 40 | visible entry.
constexpr int kGroupShift = 40;
constexpr uint64_t kEntryMask = (uint64_t{1} << kGroupShift) - 1;

// What writing an element costs beside finding it, in units: its record is somewhere else in
// memory, and its bytes are copied. Edges that come in have no record here.
constexpr int64_t kElementUnits = 16;
constexpr size_t kBytesPerUnit = 64;

int64_t UnitsFor(size_t bytes) {
  return kElementUnits + static_cast<int64_t>(bytes / kBytesPerUnit);
}

}  // namespace

struct SnapshotSource::Step {
  Csn csn;
  SlotId slot;
  int64_t units;
  size_t max_bytes;
  Shard::SnapshotCursor* cursor;
  std::string* out;

  graph::EdgeRunWriter run;

  bool IsOver() const { return units <= 0 || out->size() + run.bytes() >= max_bytes; }
  View view() const { return {csn, TxId()}; }
};

bool SnapshotSource::ReadSlot(const SnapshotSlice& slice, Shard::SnapshotCursor* cursor,
                              std::string* out) const {
  CHECK_GE(slice.csn, state_.horizon) << "the version of the snapshot is gone";
  Step step{slice.csn, slice.slot, slice.max_units, slice.max_bytes, cursor, out, {}};
  const auto begin = [cursor](Stage stage) {
    cursor->stage = stage;
    cursor->position = 1;
    cursor->inner = 0;
  };
  if (cursor->stage == kHeader) {
    WriteHeader(step);
    begin(kVertices);
  }
  if (cursor->stage == kVertices) {
    if (!WriteVertices(&step)) return false;
    begin(kEdges);
  }
  if (cursor->stage == kEdges) {
    if (!WriteEdges(&step)) return false;
    begin(kKeys);
  }
  return WriteKeys(&step);
}

void SnapshotSource::WriteHeader(const Step& step) const {
  Mutation next;
  next.kind = MutationKind::kNextSequences;
  next.slot = step.slot;
  next.next_vertex = state_.vertices.next_sequence(step.slot);
  next.next_edge = state_.edges.next_sequence(step.slot);
  // A slot of which no id was ever given needs no word.
  if (next.next_vertex > 1 || next.next_edge > 1) graph::AppendMutation(next, step.out);
  if (step.slot != state_.vertices.owned_slots().front()) return;
  for (const graph::IndexDefinition& definition : state_.indexes.schema().AsOf(step.csn)) {
    std::string bytes;
    graph::AppendIndexDefinition(definition, &bytes);
    Mutation mutation;
    mutation.kind = MutationKind::kSchema;
    mutation.bytes = bytes;
    graph::AppendMutation(mutation, step.out);
  }
}

bool SnapshotSource::WriteVertices(Step* step) const {
  const uint32_t end = state_.vertices.next_sequence(step->slot);
  while (step->cursor->position < end) {
    if (step->IsOver()) return false;
    const auto from = static_cast<uint32_t>(step->cursor->position);
    const VertexId vertex = state_.vertices.NextInSlot(VertexId(step->slot, from), &step->units);
    step->cursor->position = vertex.sequence();
    if (step->units < 0 || vertex.sequence() >= end) continue;
    ++step->cursor->position;
    const VertexRecord* record = state_.vertices.Find(vertex);
    Image image = record->image();
    image.Rewind(record->undo, step->view());
    if (!image.exists) continue;
    Mutation mutation;
    mutation.kind = MutationKind::kCreateVertex;
    mutation.vertex = vertex;
    mutation.labels = state_.label_sets.labels(image.label_set);
    mutation.bytes = image.properties.view();
    graph::AppendMutation(mutation, step->out);
    step->units -= UnitsFor(mutation.bytes.size());
  }
  return true;
}

bool SnapshotSource::WriteEdges(Step* step) const {
  const uint32_t end = state_.vertices.next_sequence(step->slot);
  while (step->cursor->position < end) {
    if (step->IsOver()) return false;
    const auto from = static_cast<uint32_t>(step->cursor->position);
    const VertexId vertex = state_.vertices.NextInSlot(VertexId(step->slot, from), &step->units);
    if (vertex.sequence() != from) step->cursor->inner = 0;  // the one before was collected
    step->cursor->position = vertex.sequence();
    if (step->units < 0 || vertex.sequence() >= end) continue;
    VertexRecord* record = state_.vertices.Find(vertex);
    if (!WriteEdgesOf(step, vertex, record)) return false;
    ++step->cursor->position;
    step->cursor->inner = 0;
  }
  return true;
}

bool SnapshotSource::WriteEdgesOf(Step* step, VertexId vertex, VertexRecord* record) const {
  auto number = static_cast<uint32_t>(step->cursor->inner >> kGroupShift);
  uint64_t position = step->cursor->inner & kEntryMask;
  for (; number < VertexStore::GroupCount(*record); ++number, position = 0) {
    const AdjacencyGroup* group = VertexStore::GroupAt(record, number);
    if (!group->in_use() || WriteGroup(step, vertex, *group, &position)) continue;
    step->cursor->inner = uint64_t{number} << kGroupShift | position;
    return false;
  }
  return true;
}

bool SnapshotSource::WriteGroup(Step* step, VertexId vertex, const AdjacencyGroup& group,
                                uint64_t* position) const {
  const bool incoming = group.is_incoming;
  step->run.Begin(vertex, TypeId(group.type), incoming ? graph::kIn : graph::kOut);
  const GroupScan scan(group, state_.history, step->csn);
  *position = scan.Run(*position, [&](uint64_t neighbour, uint32_t sequence) {
    if (step->IsOver()) return false;
    if (step->run.full()) step->run.Finish(step->out);
    const std::string_view properties =
        incoming ? std::string_view() : PropertiesOf(*step, EdgeId(vertex.slot(), sequence));
    step->run.Add(VertexId(neighbour), sequence, properties);
    step->units -= incoming ? 1 : UnitsFor(properties.size());
    return true;
  });
  step->run.Finish(step->out);
  return *position == UINT64_MAX;
}

std::string_view SnapshotSource::PropertiesOf(const Step& step, EdgeId edge) const {
  const EdgeRecord* record = state_.edges.Find(edge);
  CHECK(record != nullptr) << "edge " << edge << " is at its source but has no record";
  Image image = state_.edges.image(*record);
  image.Rewind(state_.edges.undo(*record), step.view());
  return image.properties.view();
}

bool SnapshotSource::WriteKeys(Step* step) const {
  if (step->IsOver()) return false;
  const SchemaStore& schema = state_.indexes.schema();
  return state_.indexes.unique().VisitSlot(
      step->csn, step->slot, &step->units, &step->cursor->key,
      [&](IndexId index, std::string_view key, VertexId holder) {
        if (schema.FindAsOf(index, step->csn) == nullptr) return;  // dropped, not freed yet
        Mutation mutation;
        mutation.kind = MutationKind::kClaimKey;
        mutation.index = index;
        mutation.vertex = holder;
        mutation.bytes = key;
        graph::AppendMutation(mutation, step->out);
      });
}

}  // namespace tidemark::storage
