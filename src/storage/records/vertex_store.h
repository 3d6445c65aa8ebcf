// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "storage/adjacency/adjacency.h"
#include "storage/memory/prefetch.h"
#include "storage/records/record_table.h"
#include "storage/records/undo_record.h"

namespace tidemark::storage {

// Adjacency groups beyond the two in the record, in the order of their making.
struct GroupList {
  uint32_t count;
  uint32_t capacity;
  AdjacencyGroup groups[1];
};

// The newest state of a vertex; what older readers see is in the undo chain. 96 bytes, each half of
// the adjacency within one cache line.
struct VertexRecord {
  UndoRecord* undo = nullptr;
  PackedBytes properties;
  GroupList* more_groups = nullptr;
  uint32_t label_set : 24 = 0;
  uint32_t used : 1 = 0;    // has a state, maybe of an open transaction
  uint32_t exists : 1 = 0;  // for the newest writer
  // Edges that open transactions have added or removed here and not committed yet.
  uint32_t open_operation_count = 0;
  AdjacencyGroup out;
  AdjacencyGroup in;

  Image image() const { return {exists != 0, label_set, properties}; }
};
static_assert(sizeof(VertexRecord) == 96);

// The vertices of one shard by slot and sequence, and where new ones go. Threads: one.
class VertexStore {
 public:
  VertexStore(uint32_t worker_count, NodeId self, MemoryMeter* meter, Adjacency* adjacency);
  ~VertexStore();
  VertexStore(const VertexStore&) = delete;
  VertexStore& operator=(const VertexStore&) = delete;

  bool Owns(SlotId slot) const { return owned_[slot.value()]; }
  const std::vector<SlotId>& owned_slots() const { return owned_slots_; }

  // Null when there is no such vertex for anyone.
  VertexRecord* Find(VertexId vertex) const {
    if (!vertex.valid()) return nullptr;
    VertexRecord* record = tables_[vertex.slot().value()].Find(vertex.sequence());
    return record != nullptr && record->used ? record : nullptr;
  }
  // The place of the record whether it is used or not; for prefetching in stages.
  const void* PageAddress(VertexId vertex) const {
    return tables_[vertex.slot().value()].PageAddress(vertex.sequence());
  }
  VertexRecord* FindPlace(VertexId vertex) const {
    return tables_[vertex.slot().value()].Find(vertex.sequence());
  }

  // Begins to fetch the record.
  void Prefetch(VertexId vertex) const {
    if (!vertex.valid()) return;
    const VertexRecord* record = FindPlace(vertex);
    if (record == nullptr) return;
    storage::Prefetch(record);
    storage::Prefetch(&record->in);  // the second half
  }

  // A new id in one of the open slots, in turns, or in `slot`.
  VertexId NewId();
  VertexId NewId(SlotId slot);
  // The blank record of a new vertex. REQUIRES: the slot is owned, the id is not in use.
  VertexRecord* Acquire(VertexId vertex);
  // Frees what the record holds, a unit for each block of edges. True when nothing is left and the
  // record is blank. REQUIRES: no undo, no open operation.
  bool ReleaseSome(VertexId vertex, VertexRecord* record, int64_t* units);

  uint32_t next_sequence(SlotId slot) const { return tables_[slot.value()].next(); }
  void RaiseNextSequence(SlotId slot, uint32_t next) { tables_[slot.value()].RaiseNext(next); }
  // The first vertex in use with an id >= `from` in the same slot, looking at no more than
  // `*units` records (each takes one). An id with sequence next_sequence() at the end of the slot;
  // when units run out the id to go on with.
  VertexId NextInSlot(VertexId from, int64_t* units) const;

  // Null when the vertex has no such group.
  static AdjacencyGroup* FindGroup(VertexRecord* record, TypeId type, bool incoming);
  // Makes the group when it is missing; pointers to other groups of the vertex may move.
  AdjacencyGroup* EnsureGroup(VertexRecord* record, TypeId type, bool incoming);
  // The groups of a vertex by number, which stays the same as long as the vertex lives.
  static uint32_t GroupCount(const VertexRecord& record) {
    return 2 + (record.more_groups == nullptr ? 0 : record.more_groups->count);
  }
  static AdjacencyGroup* GroupAt(VertexRecord* record, uint32_t number) {
    if (number == 0) return &record->out;
    return number == 1 ? &record->in : &record->more_groups->groups[number - 2];
  }

 private:
  void FreeWithUndo(VertexId vertex, VertexRecord* record);
  AdjacencyGroup* AddGroup(VertexRecord* record);
  void OpenSlots();
  static size_t GroupListBytes(uint32_t capacity) {
    return sizeof(GroupList) + (capacity - 1) * sizeof(AdjacencyGroup);
  }

  MemoryMeter* meter_;
  Adjacency* adjacency_;
  std::vector<bool> owned_;
  std::vector<SlotId> owned_slots_;
  std::vector<RecordTable<VertexRecord>> tables_;  // by slot
  std::vector<SlotId> open_slots_;
  size_t turn_ = 0;
  uint32_t fill_count_ = kSlotFillCount;  // a slot is open below it
};

}  // namespace tidemark::storage
