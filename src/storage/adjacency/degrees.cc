// SPDX-License-Identifier: Apache-2.0
// How many edges many vertices have. A group knows how many entries it has and how many of them are
// deleted, and its history how many an older reader sees; entries are looked at only where the
// reader has deleted some itself, and for loops, which count once when the direction is any.
#include <algorithm>

#include "storage/adjacency/group_filter.h"
#include "storage/memory/prefetch.h"
#include "storage/read/graph_reader.h"

namespace tidemark::storage {
namespace {

constexpr size_t kCountedAtOnce = 64;

}  // namespace

// One vertex of a call of Degrees.
struct GraphReader::DegreeStep : GroupFilter {
  View view;
  VertexId vertex;
  Transaction* transaction;  // null when the reader has written nothing
  Transaction* own;          // the same, null when it has no edge operation at the vertex
  int64_t* units;
};

bool GraphReader::Degrees(View view, const BatchDegree& wanted, Shard::BatchCursor* cursor,
                          int64_t* units, absl::Span<uint64_t> degrees) const {
  const GroupFilter filter{wanted.direction, wanted.types};
  Transaction* const transaction = view.tx.value() == 0 ? nullptr : state_.FindOpen(view.tx);
  while (cursor->next < wanted.vertices.size()) {
    const absl::Span<const VertexId> window = wanted.vertices.subspan(cursor->next, kCountedAtOnce);
    for (const VertexId vertex : window) {
      if (vertex.valid()) Prefetch(state_.vertices.PageAddress(vertex));
    }
    for (const VertexId vertex : window) state_.vertices.Prefetch(vertex);
    for (const VertexId vertex : window) {
      if (*units <= 0) return false;
      const DegreeStep step{filter, view, vertex, transaction, nullptr, units};
      if (!CountOne(step, vertex, &cursor->inner, &degrees[cursor->next])) return false;
      cursor->inner = {};
      ++cursor->next;
    }
  }
  return true;
}

bool GraphReader::CountOne(const DegreeStep& first, VertexId vertex, Shard::Cursor* cursor,
                           uint64_t* degree) const {
  DegreeStep step = first;
  --*step.units;
  VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr) return true;
  if (record->undo != nullptr || !record->exists) {
    Image image = record->image();
    image.Rewind(record->undo, step.view);
    if (!image.exists) return true;
  }
  step.own = record->open_operation_count == 0 ? nullptr : step.transaction;
  const uint32_t group_count = VertexStore::GroupCount(*record);
  for (; cursor->part < group_count; ++cursor->part, cursor->position = 0) {
    const AdjacencyGroup& group =
        *VertexStore::GroupAt(record, static_cast<uint32_t>(cursor->part));
    if (step.Wants(group) && !CountGroup(step, group, cursor, degree)) return false;
  }
  if (step.own == nullptr) return true;
  if (cursor->part < kOwnPart) {
    cursor->part = kOwnPart;
    cursor->position = 0;
  }
  for (; cursor->part < kOwnPart + 2; ++cursor->part, cursor->position = 0) {
    const bool incoming = cursor->part == kOwnPart + 1;
    if (!step.WantsSide(incoming)) continue;
    cursor->position =
        step.own->VisitInsertsAt(vertex, incoming, cursor->position, [&](const EdgeInsert& insert) {
          if (*step.units < 0) return false;
          --*step.units;
          const bool is_again = step.SkipsLoops(incoming) && insert.source == insert.target;
          *degree += step.WantsType(TypeId(insert.type)) && !is_again ? 1 : 0;
          return true;
        });
    if (cursor->position != UINT64_MAX) return false;
  }
  return true;
}

bool GraphReader::CountGroup(const DegreeStep& step, const AdjacencyGroup& group,
                             Shard::Cursor* cursor, uint64_t* degree) const {
  const bool incoming = group.is_incoming;
  const bool skips_loops = step.SkipsLoops(incoming);
  const bool is_filtered =
      step.own != nullptr && step.own->FindRemovedAt(step.vertex, incoming) != nullptr;
  const bool is_newest = group.last_csn <= step.view.read_csn.value();
  if (!skips_loops && !is_filtered && is_newest) {
    *degree += group.count - group.dead_count();
    return true;
  }
  const GroupScan scan(group, state_.history, step.view.read_csn);
  if (!skips_loops && !is_filtered) {
    *step.units -= static_cast<int64_t>(group.block_count());
    *degree += scan.Count();
    return true;
  }
  const auto count = [&](const uint64_t* neighbours, const uint32_t* sequences, uint32_t entries) {
    *step.units -= entries;
    for (uint32_t i = 0; i < entries; ++i) {
      const EdgeId edge = EdgeOfEntry(step.vertex, incoming, neighbours[i], sequences[i]);
      const bool is_loop = skips_loops && VertexId(neighbours[i]) == step.vertex;
      *degree += is_loop || (is_filtered && step.own->HasRemoved(edge)) ? 0 : 1;
    }
  };
  const auto max_count = static_cast<uint64_t>(std::max<int64_t>(*step.units, 1));
  cursor->position = scan.RunInRuns(cursor->position, max_count, count);
  return cursor->position == UINT64_MAX;
}

}  // namespace tidemark::storage
