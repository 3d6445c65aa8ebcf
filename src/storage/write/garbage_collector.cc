// SPDX-License-Identifier: Apache-2.0
#include "storage/write/garbage_collector.h"

#include "base/check.h"
#include "graph/mutation.h"
#include "storage/slice_units.h"

namespace tidemark::storage {

bool GarbageCollector::CollectSome(int64_t* units) {
  while (!state_.history.empty() && state_.history.front().csn <= state_.horizon.value()) {
    if (--*units < 0) return false;
    state_.history.PopFront();
  }
  if (!state_.counts.Collect(state_.horizon, units)) return false;
  while (!state_.committed.empty() && state_.committed.front().csn <= state_.horizon) {
    Transaction* transaction = state_.committed.front().transaction.get();
    if (!CollectTransaction(transaction, units)) return false;
    state_.ForgetMemory(transaction);
    state_.committed.pop_front();
    position_ = 0;
    undo_position_ = 0;
  }
  if (!CompactSome(units)) return false;
  state_.indexes.unique().SetHorizon(state_.horizon);
  return TakeKeys(units,
                  [this](int64_t* key_count) {
                    return state_.indexes.unique().CollectSome(key_count);
                  }) &&
         state_.indexes.CollectSome(state_.horizon, units);
}

bool GarbageCollector::CollectTransaction(Transaction* transaction, int64_t* units) {
  if (freeing_.valid() && !FreeVertex(freeing_, units)) return false;
  GrowingArray<EdgeRemoval>& removals = transaction->removals();
  for (; position_ < removals.size(); ++position_) {
    if (!TakeRecord(units)) return false;
    const EdgeRemoval& removal = removals[position_];
    if ((removal.sides & graph::kOut) != 0) {
      QueueCompaction(removal.source, TypeId(removal.type), false);
    }
    if ((removal.sides & graph::kIn) != 0) {
      QueueCompaction(removal.target, TypeId(removal.type), true);
    }
  }
  GrowingArray<UndoRecord*>& undo = transaction->undo();
  while (undo_position_ < undo.size()) {
    if (!TakeRecord(units)) return false;
    if (!CollectUndo(undo[undo_position_++], units)) return false;
  }
  return true;
}

bool GarbageCollector::CollectUndo(UndoRecord* undo, int64_t* units) {
  if (undo->is_edge()) {
    CollectEdgeUndo(undo);
    return true;
  }
  const VertexId vertex = undo->vertex();
  CollectVertexUndo(undo, units);
  const VertexRecord* record = state_.vertices.Find(vertex);
  return record->exists || record->undo != nullptr || FreeVertex(vertex, units);
}

void GarbageCollector::CollectVertexUndo(UndoRecord* undo, int64_t* units) {
  const VertexId vertex = undo->vertex();
  VertexRecord* record = state_.vertices.Find(vertex);
  CHECK(undo->older == nullptr) << "undo of vertex " << vertex << " collected out of order";
  const bool was_created = (undo->changed & UndoRecord::kExistence) != 0 && !undo->existed;
  const bool may_leave_entries = !was_created && (undo->changed != UndoRecord::kProperties ||
                                                  state_.indexes.has_property_indexes());
  Image gone;
  if (may_leave_entries) {
    AnyImage(*record, [&gone](const Image& image) {
      gone = image;
      return false;
    });
  }
  PackedBytes properties = state_.undo_pool.Take(&record->undo, undo);
  if (may_leave_entries) *units -= state_.indexes.DropImage(vertex, *record, gone);
  properties.Free(&state_.meter);
}

void GarbageCollector::CollectEdgeUndo(UndoRecord* undo) {
  const EdgeId edge = undo->edge();
  CHECK(undo->older == nullptr) << "undo of edge " << edge << " collected out of order";
  EdgeRecord* record = state_.edges.Find(edge);
  EdgeExtra* extra = state_.edges.FindExtra(*record);
  PackedBytes properties = state_.undo_pool.Take(&extra->undo, undo);
  properties.Free(&state_.meter);
  if (record->deleted && extra->undo == nullptr) {
    state_.edges.Remove(edge);
  } else {
    state_.edges.DropExtraIfEmpty(record);
  }
}

bool GarbageCollector::FreeVertex(VertexId vertex, int64_t* units) {
  VertexRecord* record = state_.vertices.Find(vertex);
  for (uint32_t number = 0; number < VertexStore::GroupCount(*record); ++number) {
    const AdjacencyGroup* group = VertexStore::GroupAt(record, number);
    if (!group->in_use() || group->is_incoming) continue;
    if (state_.indexes.IsIndexed(TypeId(group->type))) {
      state_.indexes.DropSource(TypeId(group->type), vertex);
    }
  }
  freeing_ = vertex;
  if (!state_.vertices.ReleaseSome(vertex, record, units)) return false;
  freeing_ = VertexId();
  return true;
}

void GarbageCollector::QueueCompaction(VertexId vertex, TypeId type, bool incoming) {
  VertexRecord* record = state_.vertices.Find(vertex);
  if (record == nullptr) return;
  AdjacencyGroup* group = VertexStore::FindGroup(record, type, incoming);
  if (group == nullptr || !group->is_extended || group->extended->compaction_queued) return;
  group->extended->compaction_queued = true;
  compactions_.push_back({vertex, type, incoming});
}

bool GarbageCollector::CompactSome(int64_t* units) {
  while (!compactions_.empty()) {
    if (--*units < 0) return false;
    const GroupKey key = compactions_.front();
    VertexRecord* record = state_.vertices.Find(key.vertex);
    AdjacencyGroup* group =
        record == nullptr ? nullptr : VertexStore::FindGroup(record, key.type, key.incoming);
    if (group != nullptr && group->is_extended) {
      if (!state_.adjacency.Compact(group, key, state_.horizon, units, &compaction_block_)) {
        return false;
      }
      if (group->is_extended) group->extended->compaction_queued = false;
      if (group->count == 0 && !key.incoming && state_.indexes.IsIndexed(key.type)) {
        state_.indexes.DropSource(key.type, key.vertex);
      }
    }
    compaction_block_ = 0;
    compactions_.pop_front();
  }
  return true;
}

}  // namespace tidemark::storage
