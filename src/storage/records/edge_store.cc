// SPDX-License-Identifier: Apache-2.0
#include "storage/records/edge_store.h"

#include <utility>

#include "base/check.h"

namespace tidemark::storage {

EdgeStore::~EdgeStore() {
  for (RecordTable<EdgeRecord>& table : tables_) {
    for (uint32_t sequence = table.SkipMissing(1); sequence < table.next();
         sequence = table.SkipMissing(sequence + 1)) {
      const EdgeRecord* record = table.Find(sequence);
      EdgeExtra* extra = FindExtra(*record);
      if (extra == nullptr) continue;
      extra->properties.Free(meter_);
      while (extra->undo != nullptr) {
        UndoRecord* undo = std::exchange(extra->undo, extra->undo->older);
        undo->properties.Free(meter_);
        delete undo;
      }
    }
    table.Clear(meter_);
  }
}

EdgeId EdgeStore::NewId(SlotId slot) {
  const uint32_t sequence = tables_[slot.value()].TakeNext();
  CHECK_NE(sequence, 0u) << "slot " << slot << " is full";
  return EdgeId(slot, sequence);
}

void EdgeStore::Add(EdgeId edge, const EdgeEnds& ends, PackedBytes properties) {
  EdgeRecord* record = tables_[edge.slot().value()].Acquire(edge.sequence(), meter_);
  CHECK(!record->used()) << "edge " << edge << " is there already";
  record->source_sequence = ends.source.sequence();
  record->target_sequence = ends.target.sequence();
  record->target_slot = ends.target.slot().value();
  record->type = ends.type.value();
  if (!properties.empty()) EnsureExtra(record)->properties = properties;
}

void EdgeStore::Remove(EdgeId edge) {
  EdgeRecord* record = FindPlace(edge);
  if (EdgeExtra* extra = FindExtra(*record); extra != nullptr) {
    CHECK(extra->undo == nullptr);
    extra->properties.Free(meter_);
    DropExtraIfEmpty(record);
  }
  tables_[edge.slot().value()].Release(edge.sequence(), meter_);
}

EdgeExtra* EdgeStore::EnsureExtra(EdgeRecord* record) {
  if (record->extra != 0) return &extras_[record->extra - 1];
  if (free_extra_ != 0) {
    record->extra = free_extra_;
    EdgeExtra& extra = extras_[free_extra_ - 1];
    free_extra_ = static_cast<uint32_t>(reinterpret_cast<uintptr_t>(extra.undo));
    extra.undo = nullptr;
    --free_extra_count_;
    return &extra;
  }
  const size_t before = extras_.memory_bytes();
  extras_.push_back(EdgeExtra());
  meter_->Add(extras_.memory_bytes() - before);
  record->extra = extras_.size();
  return &extras_.back();
}

void EdgeStore::DropExtraIfEmpty(EdgeRecord* record) {
  EdgeExtra* extra = FindExtra(*record);
  if (extra == nullptr || extra->undo != nullptr || !extra->properties.empty()) return;
  extra->undo = reinterpret_cast<UndoRecord*>(uintptr_t{free_extra_});
  free_extra_ = record->extra;
  record->extra = 0;
  if (++free_extra_count_ < extras_.size()) return;
  meter_->Remove(extras_.memory_bytes());
  extras_.clear();
  free_extra_ = 0;
  free_extra_count_ = 0;
}

}  // namespace tidemark::storage
