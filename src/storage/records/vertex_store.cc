// SPDX-License-Identifier: Apache-2.0
#include "storage/records/vertex_store.h"

#include <cstring>
#include <limits>
#include <utility>

#include "base/check.h"

namespace tidemark::storage {

VertexStore::VertexStore(uint32_t worker_count, NodeId self, MemoryMeter* meter,
                         Adjacency* adjacency)
    : meter_(meter), adjacency_(adjacency), owned_(kSlotCount), tables_(kSlotCount) {
  for (uint32_t slot = 0; slot < kSlotCount; ++slot) {
    const SlotId id(static_cast<uint16_t>(slot));
    if (OwnerOfSlot(id, worker_count) != self) continue;
    owned_[slot] = true;
    owned_slots_.push_back(id);
  }
}

VertexStore::~VertexStore() {
  for (SlotId slot : owned_slots_) {
    RecordTable<VertexRecord>& table = tables_[slot.value()];
    for (uint32_t sequence = table.SkipMissing(1); sequence < table.next();
         sequence = table.SkipMissing(sequence + 1)) {
      VertexRecord* record = table.Find(sequence);
      if (record->used) FreeWithUndo(VertexId(slot, sequence), record);
    }
    table.Clear(meter_);
  }
}

void VertexStore::FreeWithUndo(VertexId vertex, VertexRecord* record) {
  while (record->undo != nullptr) {
    UndoRecord* undo = std::exchange(record->undo, record->undo->older);
    undo->properties.Free(meter_);
    delete undo;
  }
  record->open_operation_count = 0;
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(ReleaseSome(vertex, record, &units));
}

void VertexStore::OpenSlots() {
  open_slots_.clear();
  while (true) {
    for (SlotId slot : owned_slots_) {
      if (open_slots_.size() == kOpenSlotCount) break;
      if (next_sequence(slot) <= fill_count_) open_slots_.push_back(slot);
    }
    if (!open_slots_.empty()) return;
    CHECK_LT(fill_count_, std::numeric_limits<uint32_t>::max() / 2) << "all slots are full";
    fill_count_ *= 2;
  }
}

VertexId VertexStore::NewId() {
  while (true) {
    if (open_slots_.empty()) OpenSlots();
    turn_ = (turn_ + 1) % open_slots_.size();
    const SlotId slot = open_slots_[turn_];
    if (next_sequence(slot) <= fill_count_) return NewId(slot);
    open_slots_.clear();
  }
}

VertexId VertexStore::NewId(SlotId slot) {
  const uint32_t sequence = tables_[slot.value()].TakeNext();
  CHECK_NE(sequence, 0u) << "slot " << slot << " is full";
  return VertexId(slot, sequence);
}

VertexRecord* VertexStore::Acquire(VertexId vertex) {
  CHECK(Owns(vertex.slot())) << "vertex " << vertex << " belongs to another worker";
  VertexRecord* record = tables_[vertex.slot().value()].Acquire(vertex.sequence(), meter_);
  CHECK(!record->used) << "vertex " << vertex << " is there already";
  record->used = 1;
  return record;
}

bool VertexStore::ReleaseSome(VertexId vertex, VertexRecord* record, int64_t* units) {
  CHECK(record->undo == nullptr);
  CHECK_EQ(record->open_operation_count, 0u) << "vertex " << vertex;
  for (uint32_t number = 0; number < GroupCount(*record); ++number) {
    AdjacencyGroup* group = GroupAt(record, number);
    if (group->in_use() && !adjacency_->Free(group, units)) return false;
  }
  if (record->more_groups != nullptr) {
    meter_->Free(record->more_groups, GroupListBytes(record->more_groups->capacity));
  }
  record->properties.Free(meter_);
  tables_[vertex.slot().value()].Release(vertex.sequence(), meter_);
  return true;
}

VertexId VertexStore::NextInSlot(VertexId from, int64_t* units) const {
  const RecordTable<VertexRecord>& table = tables_[from.slot().value()];
  uint32_t sequence = from.sequence();
  while (true) {
    sequence = table.SkipMissing(sequence);
    if (sequence >= table.next() || --*units < 0) return VertexId(from.slot(), sequence);
    if (table.Find(sequence)->used) return VertexId(from.slot(), sequence);
    ++sequence;
  }
}

AdjacencyGroup* VertexStore::FindGroup(VertexRecord* record, TypeId type, bool incoming) {
  AdjacencyGroup* first = incoming ? &record->in : &record->out;
  if (first->type == type.value()) return first;
  if (record->more_groups == nullptr) return nullptr;
  GroupList& list = *record->more_groups;
  for (uint32_t i = 0; i < list.count; ++i) {
    AdjacencyGroup& group = list.groups[i];
    if (group.type == type.value() && (group.is_incoming != 0) == incoming) return &group;
  }
  return nullptr;
}

AdjacencyGroup* VertexStore::EnsureGroup(VertexRecord* record, TypeId type, bool incoming) {
  AdjacencyGroup* group = FindGroup(record, type, incoming);
  if (group != nullptr) return group;
  group = incoming ? &record->in : &record->out;
  if (group->in_use()) group = AddGroup(record);
  group->type = type.value();
  group->is_incoming = incoming ? 1 : 0;
  return group;
}

AdjacencyGroup* VertexStore::AddGroup(VertexRecord* record) {
  GroupList* list = record->more_groups;
  if (list == nullptr || list->count == list->capacity) {
    const uint32_t capacity = list == nullptr ? 1 : list->capacity + list->capacity / 2 + 1;
    auto* wider = reinterpret_cast<GroupList*>(meter_->Allocate(GroupListBytes(capacity)));
    wider->count = 0;
    wider->capacity = capacity;
    if (list != nullptr) {
      wider->count = list->count;
      std::memcpy(static_cast<void*>(wider->groups), list->groups,
                  list->count * sizeof(AdjacencyGroup));
      meter_->Free(list, GroupListBytes(list->capacity));
    }
    record->more_groups = list = wider;
  }
  AdjacencyGroup* group = &list->groups[list->count++];
  *group = AdjacencyGroup();
  return group;
}

}  // namespace tidemark::storage
