// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "storage/memory/growing_array.h"
#include "storage/records/record_table.h"
#include "storage/records/undo_record.h"

namespace tidemark::storage {

// A committed edge, kept in the slot of its source. The edges of open transactions are with the
// transaction.
struct EdgeRecord {
  uint32_t source_sequence = 0;  // 0 = blank
  uint32_t target_sequence = 0;
  uint32_t target_slot : 12 = 0;
  uint32_t type : 20 = 0;
  uint32_t extra : 31 = 0;   // number of its EdgeExtra; 0 = none
  uint32_t deleted : 1 = 0;  // for the newest writer

  bool used() const { return source_sequence != 0; }
  VertexId target() const {
    return VertexId(SlotId(static_cast<uint16_t>(target_slot)), target_sequence);
  }
};
static_assert(sizeof(EdgeRecord) == 16);

// Properties and undo of the few edges that have some.
struct EdgeExtra {
  PackedBytes properties;
  UndoRecord* undo = nullptr;
};

// The committed edges whose source is in a slot of this shard. Threads: one.
class EdgeStore {
 public:
  explicit EdgeStore(MemoryMeter* meter) : meter_(meter), tables_(kSlotCount) {}
  ~EdgeStore();
  EdgeStore(const EdgeStore&) = delete;
  EdgeStore& operator=(const EdgeStore&) = delete;

  EdgeId NewId(SlotId slot);
  // Null when no commit made it, or nobody can see it any more.
  EdgeRecord* Find(EdgeId edge) const {
    if (!edge.valid()) return nullptr;
    EdgeRecord* record = tables_[edge.slot().value()].Find(edge.sequence());
    return record != nullptr && record->used() ? record : nullptr;
  }
  EdgeRecord* FindPlace(EdgeId edge) const {
    return tables_[edge.slot().value()].Find(edge.sequence());
  }
  const void* PageAddress(EdgeId edge) const {
    return tables_[edge.slot().value()].PageAddress(edge.sequence());
  }
  // Takes `properties` over. REQUIRES: the id is not in use.
  void Add(EdgeId edge, const EdgeEnds& ends, PackedBytes properties);
  // REQUIRES: no undo.
  void Remove(EdgeId edge);

  EdgeEnds EndsOf(EdgeId edge, const EdgeRecord& record) const {
    return {edge, VertexId(edge.slot(), record.source_sequence), record.target(),
            TypeId(record.type)};
  }
  // Null when it has none.
  EdgeExtra* FindExtra(const EdgeRecord& record) {
    return record.extra == 0 ? nullptr : &extras_[record.extra - 1];
  }
  EdgeExtra* EnsureExtra(EdgeRecord* record);
  void DropExtraIfEmpty(EdgeRecord* record);
  Image image(const EdgeRecord& record) const {
    Image image;
    image.exists = !record.deleted;
    if (record.extra != 0) image.properties = extras_[record.extra - 1].properties;
    return image;
  }
  const UndoRecord* undo(const EdgeRecord& record) const {
    return record.extra == 0 ? nullptr : extras_[record.extra - 1].undo;
  }

  uint32_t next_sequence(SlotId slot) const { return tables_[slot.value()].next(); }
  void RaiseNextSequence(SlotId slot, uint32_t next) { tables_[slot.value()].RaiseNext(next); }
  const RecordTable<EdgeRecord>& table(SlotId slot) const { return tables_[slot.value()]; }

 private:
  MemoryMeter* meter_;
  std::vector<RecordTable<EdgeRecord>> tables_;  // by slot
  GrowingArray<EdgeExtra> extras_;
  uint32_t free_extra_count_ = 0;
  uint32_t free_extra_ = 0;  // head of the list of free extras; links are in `undo`
};

}  // namespace tidemark::storage
