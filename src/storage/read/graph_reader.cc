// SPDX-License-Identifier: Apache-2.0
#include "storage/read/graph_reader.h"

#include <algorithm>
#include <optional>

#include "base/check.h"

namespace tidemark::storage {
namespace {

// A call that finds little looks at no more entries than this.
constexpr uint64_t kMaxExpandedCount = 16384;

bool Contains(absl::Span<const TypeId> types, TypeId type) {
  return types.empty() || std::find(types.begin(), types.end(), type) != types.end();
}

}  // namespace

Image GraphReader::ImageOf(View view, VertexId vertex) const {
  const VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr) return Image();
  Image image = record->image();
  image.Rewind(record->undo, view);
  return image;
}

std::optional<VertexView> GraphReader::GetVertex(View view, VertexId vertex) const {
  const Image image = ImageOf(view, vertex);
  if (!image.exists) return std::nullopt;
  return VertexView{state_.label_sets.labels(image.label_set), image.properties.view()};
}

std::optional<EdgeView> GraphReader::GetEdge(View view, EdgeId edge) const {
  if (view.tx.value() != 0) {
    if (Transaction* own = state_.FindOpen(view.tx); own != nullptr) {
      if (const EdgeInsert* insert = own->FindInsert(edge); insert != nullptr) {
        return EdgeView{insert->ends(), insert->properties.view()};
      }
    }
  }
  const EdgeRecord* record = state_.edges.Find(edge);
  if (record == nullptr) return std::nullopt;
  Image image = state_.edges.image(*record);
  image.Rewind(state_.edges.undo(*record), view);
  if (!image.exists) return std::nullopt;
  const EdgeEnds ends = state_.edges.EndsOf(edge, *record);
  VertexRecord* source = state_.vertices.Find(ends.source);
  CHECK(source != nullptr) << "edge " << edge << " without its source";
  const AdjacencyGroup* group = VertexStore::FindGroup(source, ends.type, false);
  if (IsNewer(*group, state_.history, view.read_csn, edge)) return std::nullopt;
  return EdgeView{ends, image.properties.view()};
}

// One call of Expand.
struct GraphReader::ExpandStep {
  View view;
  VertexId vertex;
  Direction direction;
  absl::Span<const TypeId> types;
  size_t size_limit;  // of *out
  Transaction* own;   // null when the reader has no edge operation at the vertex
  std::vector<Neighbour>* out;
};

bool GraphReader::Expand(View view, const Expansion& expansion, Shard::Cursor* cursor,
                         std::vector<Neighbour>* out) const {
  const auto& [vertex, direction, types, max_count] = expansion;
  VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr) return false;
  if (record->undo != nullptr || !record->exists) {
    Image image = record->image();
    image.Rewind(record->undo, view);
    if (!image.exists) return false;
  }
  Transaction* own = view.tx.value() == 0 || record->open_operation_count == 0
                         ? nullptr
                         : state_.FindOpen(view.tx);
  const ExpandStep step{view, vertex, direction, types, out->size() + max_count, own, out};
  // Committed edges group by group, then the transaction's own: first outgoing, then incoming.
  const uint32_t group_count = VertexStore::GroupCount(*record);
  const auto wanted = [direction = expansion.direction](bool incoming) {
    const auto side = static_cast<uint8_t>(incoming ? Direction::kIn : Direction::kOut);
    return (static_cast<uint8_t>(direction) & side) != 0;
  };
  for (; cursor->part < group_count; ++cursor->part, cursor->position = 0) {
    const auto number = static_cast<uint32_t>(cursor->part);
    const AdjacencyGroup& group = *VertexStore::GroupAt(record, number);
    if (group.count == 0 || !wanted(group.is_incoming) || !Contains(types, TypeId(group.type))) {
      continue;
    }
    if (!ExpandGroup(step, group, cursor)) return true;
  }
  if (cursor->part < kOwnPart) {
    cursor->part = kOwnPart;
    cursor->position = 0;
  }
  for (; own != nullptr && cursor->part < kOwnPart + 2; ++cursor->part, cursor->position = 0) {
    const bool incoming = cursor->part == kOwnPart + 1;
    if (wanted(incoming) && !ExpandOwn(step, incoming, cursor)) return true;
  }
  cursor->done = true;
  return true;
}

bool GraphReader::ExpandGroup(const ExpandStep& step, const AdjacencyGroup& group,
                              Shard::Cursor* cursor) const {
  const bool incoming = group.is_incoming;
  const bool skip_loops = incoming && step.direction == Direction::kAny;
  const bool filter = step.own != nullptr && step.own->RemovedCountAt(step.vertex, incoming) != 0;
  const TypeId type(group.type);
  uint64_t looked_at = 0;
  const GroupScan scan(group, state_.history, step.view.read_csn);
  cursor->position = scan.Run(cursor->position, [&](uint64_t neighbour, uint32_t sequence) {
    if (step.out->size() >= step.size_limit || looked_at == kMaxExpandedCount) return false;
    ++looked_at;
    const VertexId other(neighbour);
    if (skip_loops && other == step.vertex) return true;
    const EdgeId edge = EdgeOfEntry(step.vertex, incoming, neighbour, sequence);
    if (filter && step.own->HasRemoved(edge)) return true;
    step.out->push_back({other, edge, type, !incoming});
    return true;
  });
  return cursor->position == UINT64_MAX;
}

bool GraphReader::ExpandOwn(const ExpandStep& step, bool incoming, Shard::Cursor* cursor) const {
  const bool skip_loops = incoming && step.direction == Direction::kAny;
  uint64_t looked_at = 0;
  cursor->position = step.own->VisitInsertsAt(
      step.vertex, incoming, cursor->position, [&](const EdgeInsert& insert) {
        if (step.out->size() >= step.size_limit || looked_at == kMaxExpandedCount) return false;
        ++looked_at;
        if (!Contains(step.types, TypeId(insert.type))) return true;
        const VertexId other = incoming ? insert.source : insert.target;
        if (skip_loops && other == step.vertex) return true;
        step.out->push_back({other, insert.edge, TypeId(insert.type), !incoming});
        return true;
      });
  return cursor->position == UINT64_MAX;
}

std::optional<VertexId> NextVertex(const VertexStore& vertices, VertexId from, int64_t* units) {
  const auto look = [&](VertexId first) -> std::optional<VertexId> {
    const VertexId found = vertices.NextInSlot(first, units);
    if (*units < 0 || found.sequence() < vertices.next_sequence(first.slot())) return found;
    return std::nullopt;
  };
  // Most calls end here, without a search for the slot.
  const SlotId begun = from.slot();
  if (begun.value() < kSlotCount && vertices.Owns(begun)) {
    const auto found = look(from.sequence() != 0 ? from : VertexId(begun, 1));
    if (found.has_value()) return found;
  }
  const std::vector<SlotId>& slots = vertices.owned_slots();
  for (auto slot = std::upper_bound(slots.begin(), slots.end(), begun); slot != slots.end();
       ++slot) {
    const auto found = look(VertexId(*slot, 1));
    if (found.has_value()) return found;
  }
  return std::nullopt;
}

void GraphReader::ScanAll(View view, size_t max_count, Shard::Cursor* cursor,
                          std::vector<VertexId>* out) const {
  const size_t size_limit = out->size() + max_count;
  auto units = static_cast<int64_t>(std::max<uint64_t>(kMaxExpandedCount, max_count));
  while (out->size() < size_limit) {
    const auto vertex = NextVertex(state_.vertices, VertexId(cursor->position), &units);
    if (!vertex.has_value()) {
      cursor->done = true;
      return;
    }
    cursor->position = vertex->value();
    if (units < 0) return;
    ++cursor->position;
    if (ImageOf(view, *vertex).exists) out->push_back(*vertex);
  }
}

void GraphReader::ScanLabel(View view, LabelId label, size_t max_count, Shard::Cursor* cursor,
                            std::vector<VertexId>* out) const {
  if (label.value() == 0) return ScanAll(view, max_count, cursor, out);
  std::vector<uint64_t> candidates;
  cursor->done =
      !state_.indexes.labels().Scan(label.value(), cursor->position, max_count, &candidates);
  // Neighbours in a scan most often share their set of labels: it is looked at once.
  std::optional<uint32_t> known_set;
  bool has_label = false;
  for (uint64_t candidate : candidates) {
    const VertexId vertex(candidate);
    const Image image = ImageOf(view, vertex);
    if (!image.exists) continue;
    if (known_set != image.label_set) {
      known_set = image.label_set;
      has_label = state_.label_sets.Contains(image.label_set, label);
    }
    if (has_label) out->push_back(vertex);
  }
  if (!candidates.empty()) cursor->position = candidates.back() + 1;
}

}  // namespace tidemark::storage
