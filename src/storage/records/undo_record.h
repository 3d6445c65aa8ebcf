// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "base/ids.h"
#include "storage/memory/memory_meter.h"
#include "storage/memory/packed_bytes.h"
#include "storage/shard.h"

namespace tidemark::storage {

// What a transaction changed about one vertex or edge: its state before. The records of an element
// are a chain, newest first; the element itself holds the newest state. No record means: older than
// the horizon, visible to everyone.
struct UndoRecord {
  enum Aspect : uint8_t { kProperties = 1, kLabels = 2, kExistence = 4 };
  static constexpr uint64_t kOpen = uint64_t{1} << 63;
  static constexpr uint64_t kEdge = uint64_t{1} << 63;

  uint64_t stamp = 0;  // kOpen | transaction while it is open, then its csn
  UndoRecord* older = nullptr;
  UndoRecord* newer = nullptr;
  uint64_t element = 0;    // id; kEdge | id for an edge
  PackedBytes properties;  // before, when kProperties
  uint32_t label_set = 0;  // before, when kLabels
  uint8_t changed = 0;     // Aspects
  bool existed = false;    // before, when kExistence

  bool is_edge() const { return (element & kEdge) != 0; }
  VertexId vertex() const { return VertexId(element); }
  EdgeId edge() const { return EdgeId(element & ~kEdge); }
  bool is_open() const { return (stamp & kOpen) != 0; }
  bool OpenedBy(TxId tx) const { return stamp == (kOpen | tx.value()); }
  bool VisibleTo(View view) const {
    return is_open() ? OpenedBy(view.tx) : stamp <= view.read_csn.value();
  }
};
static_assert(sizeof(UndoRecord) == 48);

// Whether an element, as the reader sees it, exists and what it holds.
struct Image {
  bool exists = false;
  uint32_t label_set = 0;
  PackedBytes properties;

  // The state before `undo`.
  void Undo(const UndoRecord& undo) {
    if ((undo.changed & UndoRecord::kExistence) != 0) exists = undo.existed;
    if ((undo.changed & UndoRecord::kLabels) != 0) label_set = undo.label_set;
    if ((undo.changed & UndoRecord::kProperties) != 0) properties = undo.properties;
  }
  // The state that `view` sees, from the newest state in *this and its chain.
  void Rewind(const UndoRecord* newest, View view) {
    for (; newest != nullptr && !newest->VisibleTo(view); newest = newest->older) Undo(*newest);
  }
};

// Makes and frees undo records and counts what they hold. Threads: one.
class UndoPool {
 public:
  explicit UndoPool(MemoryMeter* meter) : meter_(meter) {}
  UndoPool(const UndoPool&) = delete;
  UndoPool& operator=(const UndoPool&) = delete;

  // A record at the head of the chain.
  UndoRecord* Push(UndoRecord** newest, uint64_t element, TxId tx) {
    auto* record = new UndoRecord;
    meter_->Add(kRecordBytes);
    record_bytes_ += kRecordBytes;
    record->stamp = UndoRecord::kOpen | tx.value();
    record->element = element;
    record->older = *newest;
    if (*newest != nullptr) (*newest)->newer = record;
    *newest = record;
    return record;
  }
  // Keeps `old` as the properties before; counted as undo from now on.
  void KeepProperties(UndoRecord* record, PackedBytes old) {
    record->properties = old;
    record->changed |= UndoRecord::kProperties;
    record_bytes_ += old.size();
  }
  // Takes the record out of its chain, at whichever end it is, and gives back what it kept.
  PackedBytes Take(UndoRecord** newest, UndoRecord* record) {
    if (record->newer != nullptr) {
      record->newer->older = record->older;
    } else {
      *newest = record->older;
    }
    if (record->older != nullptr) record->older->newer = record->newer;
    const PackedBytes properties = record->properties;
    record_bytes_ -= kRecordBytes + properties.size();
    meter_->Remove(kRecordBytes);
    delete record;
    return properties;
  }
  uint64_t record_bytes() const { return record_bytes_; }

 private:
  static constexpr uint64_t kRecordBytes = MemoryMeter::Footprint(sizeof(UndoRecord));
  MemoryMeter* meter_;
  uint64_t record_bytes_ = 0;
};

}  // namespace tidemark::storage
