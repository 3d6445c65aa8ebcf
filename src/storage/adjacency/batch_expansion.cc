// SPDX-License-Identifier: Apache-2.0
// Expansion of a frontier. A random vertex costs some dependent cache misses (page, record, array;
// blocks and tombstones when it has them); done for a window of vertices stage by stage they
// overlap. What a vertex has is then copied in runs: whole arrays, or what lies between tombstones.
#include <algorithm>
#include <bit>

#include "storage/adjacency/group_filter.h"
#include "storage/memory/prefetch.h"
#include "storage/read/graph_reader.h"

namespace tidemark::storage {
namespace {

constexpr size_t kWindowCount = 64;
// The begin of each array that is fetched ahead; the hardware follows a long one by itself.
constexpr uint32_t kPrefetchedEntryCount = 64;
constexpr uint32_t kEntriesPerCacheLine = 8;
// A call that finds little looks at no more vertices, and entries one by one, than this.
constexpr int64_t kMaxLookedAtCount = 16384;

// An id is its number and nothing else.
static_assert(sizeof(VertexId) == sizeof(uint64_t));
const VertexId* AsIds(const uint64_t* numbers) {
  return reinterpret_cast<const VertexId*>(numbers);
}

void PrefetchEntries(const uint64_t* neighbours, uint32_t count) {
  count = std::min(count, kPrefetchedEntryCount);
  for (uint32_t i = 0; i < count; i += kEntriesPerCacheLine) Prefetch(neighbours + i);
}

// What the ids of edges are made of.
void PrefetchSequences(const uint32_t* sequences, uint32_t count) {
  count = std::min(count, kPrefetchedEntryCount);
  for (uint32_t i = 0; i < count; i += 2 * kEntriesPerCacheLine) Prefetch(sequences + i);
}

// Compared without branches, so that the compiler can use wide registers.
bool HasLoop(VertexId vertex, absl::Span<const VertexId> ids) {
  constexpr size_t kStep = 16;
  size_t i = 0;
  for (; i + kStep <= ids.size(); i += kStep) {
    uint64_t hits = 0;
    for (size_t k = 0; k < kStep; ++k) hits |= ids[i + k] == vertex ? 1 : 0;
    if (hits != 0) return true;
  }
  return std::find(ids.begin() + i, ids.end(), vertex) != ids.end();
}

// Takes the self loops out of what was copied from `begin` on.
void DropLoops(VertexId vertex, size_t begin, std::vector<VertexId>* column) {
  if (!HasLoop(vertex, absl::MakeConstSpan(*column).subspan(begin))) return;
  const auto first = column->begin() + static_cast<ptrdiff_t>(begin);
  column->erase(std::remove(first, column->end(), vertex), column->end());
}

// Whether one of `few` is among kStep sequences.
constexpr uint32_t kSequenceStep = 16;
bool HasAny(const uint32_t* sequences, const Transaction::RemovedAt& few) {
  uint32_t hits = 0;
  for (uint32_t i = 0; i < few.count; ++i) {
    for (uint32_t k = 0; k < kSequenceStep; ++k) {
      hits |= static_cast<uint32_t>(sequences[k] == few.sequences[i]);
    }
  }
  return hits != 0;
}

// Takes what is deleted out of a small block that was copied from `begin` on. Without branches on
// what is where: so the copies' misses overlap.
void DropDead(uint64_t dead, size_t begin, std::vector<VertexId>* column) {
  VertexId* ids = column->data() + begin;
  const size_t count = column->size() - begin;
  auto kept = static_cast<size_t>(std::countr_zero(dead));
  for (size_t i = kept + 1; i < count; ++i) {
    ids[kept] = ids[i];
    kept += (dead >> i & 1) ^ 1;
  }
  column->resize(begin + kept);
}

}  // namespace

// One call of ExpandBatch.
struct GraphReader::BatchStep : GroupFilter {
  View view;
  Transaction* transaction;  // null when the reader has written nothing
  Transaction* own;          // the same, null when it has no edge operation at the current vertex
  size_t size_limit;         // of the column
  NeighbourColumns* out;
  int64_t units;

  bool IsFull() const { return out->vertices.size() >= size_limit || units <= 0; }
};

void GraphReader::ExpandBatch(View view, const BatchExpansion& expansion,
                              Shard::BatchCursor* cursor, NeighbourColumns* out) const {
  BatchStep step{{expansion.direction, expansion.types},
                 view,
                 view.tx.value() == 0 ? nullptr : state_.FindOpen(view.tx),
                 nullptr,
                 out->vertices.size() + expansion.max_count,
                 out,
                 kMaxLookedAtCount};
  while (cursor->next < expansion.vertices.size()) {
    const absl::Span<const VertexId> window =
        expansion.vertices.subspan(cursor->next, kWindowCount);
    PrefetchWindow(step, window);
    for (const VertexId vertex : window) {
      if (step.IsFull()) return;
      if (!ExpandOneOfBatch(&step, vertex, &cursor->inner)) return;
      out->ends.push_back(out->vertices.size());
      cursor->inner = {};
      ++cursor->next;
    }
  }
}

void GraphReader::PrefetchWindow(const BatchStep& step, absl::Span<const VertexId> window) const {
  const AdjacencyGroup* groups[2 * kWindowCount];
  size_t group_count = 0;
  for (const VertexId vertex : window) {
    if (vertex.valid()) Prefetch(state_.vertices.PageAddress(vertex));
  }
  for (const VertexId vertex : window) {
    const VertexRecord* record = vertex.valid() ? state_.vertices.FindPlace(vertex) : nullptr;
    if (record == nullptr) continue;
    Prefetch(record);  // with the outgoing group
    if (step.WantsSide(false)) groups[group_count++] = &record->out;
    if (!step.WantsSide(true)) continue;
    Prefetch(&record->in);
    groups[group_count++] = &record->in;
  }
  // Of the groups only the extended ones go on to the next stage.
  size_t extended_count = 0;
  for (size_t i = 0; i < group_count; ++i) {
    const AdjacencyGroup& group = *groups[i];
    if (group.is_extended) {
      // Of a small group most readers need nothing but what is behind it.
      if (group.count <= EdgeBlock::kWordBits) {
        PrefetchEntries(group.extended->inline_word(), 1 + group.count);
        const bool is_newest = group.last_csn <= step.view.read_csn.value();
        if (is_newest && !step.out->wants_edges) continue;
      }
      Prefetch(group.extended);
      groups[extended_count++] = &group;
    } else {
      const BlockView view = ViewBlock(group, 0);
      PrefetchEntries(view.neighbours, group.count);
      if (step.out->wants_edges) PrefetchSequences(view.sequences, group.count);
    }
  }
  if (extended_count == 0) return;
  size_t large_count = 0;
  for (size_t i = 0; i < extended_count; ++i) {
    const EdgeBlock& block = groups[i]->extended->blocks.front();
    if (!block.is_inline) PrefetchEntries(block.neighbours(), block.count);
    if (step.out->wants_edges) PrefetchSequences(block.sequences(), block.count);
    if (block.dead == nullptr) continue;
    Prefetch(block.dead.get());  // with all of it in a small block
    if (block.count > EdgeBlock::kWordBits) groups[large_count++] = groups[i];
  }
  for (size_t i = 0; i < large_count; ++i) Prefetch(groups[i]->extended->blocks.front().words());
}

bool GraphReader::ExpandOneOfBatch(BatchStep* step, VertexId vertex, Shard::Cursor* cursor) const {
  --step->units;
  VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr) return true;
  if (record->undo != nullptr || !record->exists) {
    Image image = record->image();
    image.Rewind(record->undo, step->view);
    if (!image.exists) return true;
  }
  // The record tells it, so no reader looks up own edges where nobody has any.
  step->own = record->open_operation_count == 0 ? nullptr : step->transaction;
  const uint32_t group_count = VertexStore::GroupCount(*record);
  for (; cursor->part < group_count; ++cursor->part, cursor->position = 0) {
    // Of the two groups in the record the one of the wrong direction is not even touched.
    if (cursor->part < 2 && !step->WantsSide(cursor->part == 1)) continue;
    const AdjacencyGroup& group =
        *VertexStore::GroupAt(record, static_cast<uint32_t>(cursor->part));
    if (step->Wants(group) && !CopyGroup(step, vertex, group, cursor)) return false;
  }
  if (step->own == nullptr) return true;
  if (cursor->part < kOwnPart) {
    cursor->part = kOwnPart;
    cursor->position = 0;
  }
  for (; cursor->part < kOwnPart + 2; ++cursor->part, cursor->position = 0) {
    const bool incoming = cursor->part == kOwnPart + 1;
    if (step->WantsSide(incoming) && !CopyOwn(step, vertex, incoming, cursor)) return false;
  }
  return true;
}

bool GraphReader::CopyGroup(BatchStep* step, VertexId vertex, const AdjacencyGroup& group,
                            Shard::Cursor* cursor) const {
  if (step->out->wants_edges) return CopyEdges(step, vertex, group, cursor);
  std::vector<VertexId>& column = step->out->vertices;
  const size_t begin = column.size();
  const size_t room = step->size_limit - begin;
  const bool incoming = group.is_incoming;
  const auto copy = [&column](const uint64_t* neighbours, const uint32_t*, uint32_t count) {
    const VertexId* ids = AsIds(neighbours);
    column.insert(column.end(), ids, ids + count);
  };
  // The usual cases with as little as possible between the copies: so their misses overlap.
  const bool whole =
      group.last_csn <= step->view.read_csn.value() && cursor->position == 0 && group.count <= room;
  const Transaction::RemovedAt* removed =
      step->own == nullptr ? nullptr : step->own->FindRemovedAt(vertex, incoming);
  if (removed != nullptr) {
    FilterGroup(step, vertex, group, *removed, cursor);
  } else if (whole && !group.is_extended) {
    copy(reinterpret_cast<const uint64_t*>(group.data), nullptr, group.count);
    cursor->position = UINT64_MAX;
  } else if (whole && *group.extended->inline_word() != ExtendedGroup::kNoWord) {
    const uint64_t dead = *group.extended->inline_word();
    copy(reinterpret_cast<const uint64_t*>(group.extended->inline_data()), nullptr, group.count);
    if (dead != 0) DropDead(dead, begin, &column);
    cursor->position = UINT64_MAX;
  } else {
    const GroupScan scan(group, state_.history, step->view.read_csn);
    cursor->position = scan.RunInRuns(cursor->position, room, copy);
  }
  if (step->SkipsLoops(incoming)) DropLoops(vertex, begin, &column);
  return cursor->position == UINT64_MAX;
}

bool GraphReader::CopyEdges(BatchStep* step, VertexId vertex, const AdjacencyGroup& group,
                            Shard::Cursor* cursor) const {
  NeighbourColumns& out = *step->out;
  const bool incoming = group.is_incoming;
  const bool skips_loops = step->SkipsLoops(incoming);
  const bool is_filtered =
      step->own != nullptr && step->own->FindRemovedAt(vertex, incoming) != nullptr;
  uint64_t max_count = step->size_limit - out.vertices.size();
  if (is_filtered) {
    max_count = std::min<uint64_t>(max_count, std::max<int64_t>(step->units, 0));
  }
  const auto copy = [&](const uint64_t* neighbours, const uint32_t* sequences, uint32_t count) {
    if (is_filtered) step->units -= count;
    for (uint32_t i = 0; i < count; ++i) {
      const EdgeId edge = EdgeOfEntry(vertex, incoming, neighbours[i], sequences[i]);
      if (skips_loops && VertexId(neighbours[i]) == vertex) continue;
      if (is_filtered && step->own->HasRemoved(edge)) continue;
      out.vertices.emplace_back(neighbours[i]);
      out.edges.push_back(edge);
    }
  };
  const GroupScan scan(group, state_.history, step->view.read_csn);
  cursor->position = scan.RunInRuns(cursor->position, max_count, copy);
  return cursor->position == UINT64_MAX;
}

void GraphReader::FilterGroup(BatchStep* step, VertexId vertex, const AdjacencyGroup& group,
                              const Transaction::RemovedAt& removed, Shard::Cursor* cursor) const {
  std::vector<VertexId>& column = step->out->vertices;
  uint64_t max_count = step->size_limit - column.size();
  if (!removed.are_few())
    max_count = std::min<uint64_t>(max_count, std::max<int64_t>(step->units, 0));
  const GroupScan scan(group, state_.history, step->view.read_csn);
  const auto copy = [&](const uint64_t* neighbours, const uint32_t* sequences, uint32_t count) {
    uint32_t begin = 0;  // of what is to be copied next
    const auto copy_to = [&](uint32_t end) {
      column.insert(column.end(), AsIds(neighbours) + begin, AsIds(neighbours) + end);
      begin = end + 1;
    };
    for (uint32_t i = 0; i < count; ++i) {
      if (removed.are_few() && count - i >= kSequenceStep && !HasAny(sequences + i, removed)) {
        i += kSequenceStep - 1;
        continue;
      }
      const EdgeId edge = EdgeOfEntry(vertex, group.is_incoming, neighbours[i], sequences[i]);
      if (step->own->HasRemoved(edge)) copy_to(i);
    }
    if (begin < count) copy_to(count);
    if (!removed.are_few()) step->units -= count;
  };
  cursor->position = scan.RunInRuns(cursor->position, max_count, copy);
}

bool GraphReader::CopyOwn(BatchStep* step, VertexId vertex, bool incoming,
                          Shard::Cursor* cursor) const {
  cursor->position =
      step->own->VisitInsertsAt(vertex, incoming, cursor->position, [&](const EdgeInsert& insert) {
        if (step->IsFull()) return false;
        --step->units;
        const VertexId other = incoming ? insert.source : insert.target;
        if (!step->WantsType(TypeId(insert.type))) return true;
        if (step->SkipsLoops(incoming) && other == vertex) return true;
        step->out->vertices.push_back(other);
        if (step->out->wants_edges) step->out->edges.push_back(insert.edge);
        return true;
      });
  return cursor->position == UINT64_MAX;
}

}  // namespace tidemark::storage
