// SPDX-License-Identifier: Apache-2.0
// Expansion of a frontier. A random vertex costs three dependent cache misses (page, record,
// array); done for a window of vertices stage by stage they overlap.
#include <algorithm>

#include "storage/memory/prefetch.h"
#include "storage/read/graph_reader.h"

namespace tidemark::storage {
namespace {

constexpr size_t kWindowCount = 64;
// The begin of each array that is fetched ahead; the hardware follows a long one by itself.
constexpr uint32_t kPrefetchedEntryCount = 32;
constexpr uint32_t kEntriesPerCacheLine = 8;

}  // namespace

// One call of ExpandBatch.
struct GraphReader::BatchStep {
  View view;
  const BatchExpansion& expansion;
  const Transaction* own;  // null when the reader has written nothing
  size_t size_limit;       // of the column
  NeighbourColumns* out;

  bool WantsGroup(const AdjacencyGroup& group) const {
    if (group.is_incoming != (expansion.direction == Direction::kIn)) return false;
    return expansion.types.empty() || std::find(expansion.types.begin(), expansion.types.end(),
                                                TypeId(group.type)) != expansion.types.end();
  }
};

void GraphReader::ExpandBatch(View view, const BatchExpansion& expansion,
                              Shard::BatchCursor* cursor, NeighbourColumns* out) const {
  const BatchStep step{view, expansion, view.tx.value() == 0 ? nullptr : state_.FindOpen(view.tx),
                       out->vertices.size() + expansion.max_count, out};
  while (cursor->next < expansion.vertices.size()) {
    const absl::Span<const VertexId> window =
        expansion.vertices.subspan(cursor->next, kWindowCount);
    PrefetchWindow(step, window);
    for (const VertexId vertex : window) {
      if (out->vertices.size() >= step.size_limit) return;
      if ((cursor->inner.part != 0 || cursor->inner.position != 0 ||
           !CopyNeighbours(step, vertex)) &&
          !ExpandOneOfBatch(step, vertex, &cursor->inner)) {
        return;
      }
      out->ends.push_back(out->vertices.size());
      cursor->inner = {};
      ++cursor->next;
    }
  }
}

void GraphReader::PrefetchWindow(const BatchStep& step, absl::Span<const VertexId> window) const {
  const bool incoming = step.expansion.direction == Direction::kIn;
  const VertexRecord* records[kWindowCount];
  for (const VertexId vertex : window) {
    if (vertex.valid()) Prefetch(state_.vertices.PageAddress(vertex));
  }
  for (size_t i = 0; i < window.size(); ++i) {
    records[i] = window[i].valid() ? state_.vertices.FindPlace(window[i]) : nullptr;
    if (records[i] == nullptr) continue;
    Prefetch(records[i]);
    Prefetch(incoming ? &records[i]->in : &records[i]->out);
  }
  for (size_t i = 0; i < window.size(); ++i) {
    if (records[i] == nullptr) continue;
    const AdjacencyGroup& group = incoming ? records[i]->in : records[i]->out;
    if (group.is_extended) {
      Prefetch(group.extended);
      continue;
    }
    const uint32_t count = std::min(group.count, kPrefetchedEntryCount);
    for (uint32_t k = 0; k < count; k += kEntriesPerCacheLine) {
      Prefetch(group.data + k * sizeof(uint64_t));
    }
  }
}

bool GraphReader::CopyNeighbours(const BatchStep& step, VertexId vertex) const {
  VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr || record->undo != nullptr || !record->exists || step.own != nullptr ||
      step.expansion.direction == Direction::kAny) {
    return false;
  }
  std::vector<VertexId>& column = step.out->vertices;
  const size_t size_before = column.size();
  // Of the two groups in the record one has the wrong direction: not even touched.
  const uint32_t wrong = step.expansion.direction == Direction::kIn ? 0 : 1;
  const uint32_t group_count = VertexStore::GroupCount(*record);
  for (uint32_t number = 0; number < group_count; ++number) {
    if (number == wrong) continue;
    const AdjacencyGroup& group = *VertexStore::GroupAt(record, number);
    if (group.count == 0 || !step.WantsGroup(group)) continue;
    if (group.dead_count() != 0 || column.size() + group.count > step.size_limit) {
      column.resize(size_before);
      return false;
    }
    const GroupScan scan(group, state_.history, step.view.read_csn);
    for (size_t i = 0; i < group.block_count(); ++i) {
      const BlockView view = ViewBlock(group, i);
      // An id is its number and nothing else.
      static_assert(sizeof(VertexId) == sizeof(uint64_t));
      const auto* ids = reinterpret_cast<const VertexId*>(view.neighbours);
      column.insert(column.end(), ids, ids + scan.Limit(view));
    }
  }
  return true;
}

bool GraphReader::ExpandOneOfBatch(const BatchStep& step, VertexId vertex,
                                   Shard::Cursor* cursor) const {
  std::vector<Neighbour> some;
  while (true) {
    const size_t room = step.size_limit - step.out->vertices.size();
    some.clear();
    if (!Expand(step.view, {vertex, step.expansion.direction, step.expansion.types, room}, cursor,
                &some)) {
      return true;
    }
    for (const Neighbour& neighbour : some) step.out->vertices.push_back(neighbour.vertex);
    if (cursor->done) return true;
    if (step.out->vertices.size() >= step.size_limit) return false;
  }
}

}  // namespace tidemark::storage
