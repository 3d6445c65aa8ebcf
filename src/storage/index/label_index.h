// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/btree_map.h"

namespace tidemark::storage {

// For each class (a label id or an edge type id) the ordered set of element ids that carry it. It
// knows nothing of versions: the shard checks what a scan finds.
//
// Ids are grouped by their upper bits into ranges of 4,096; a range is a sorted array of 2-byte
// offsets and becomes a bitmap of 512 bytes when that is smaller, so dense ids cost a bit or two
// and scattered ones about 40 bytes. Every call costs at most a few microseconds (a scan: per 4,096
// ids looked at).
//
// Threads: one. Errors: none.
class LabelIndex {
 public:
  LabelIndex() = default;
  LabelIndex(const LabelIndex&) = delete;
  LabelIndex& operator=(const LabelIndex&) = delete;

  // False when it is there already.
  bool Insert(uint32_t class_id, uint64_t element);
  // False when it is not there.
  bool Erase(uint32_t class_id, uint64_t element);
  bool Contains(uint32_t class_id, uint64_t element) const;

  // Appends at most `max_count` ids >= `first`, ascending; false when the end was reached. A scan
  // goes on with the last id + 1, whatever has changed meanwhile.
  bool Scan(uint32_t class_id, uint64_t first, size_t max_count, std::vector<uint64_t>* out) const;

  uint64_t Count(uint32_t class_id) const;
  uint64_t memory_bytes() const { return memory_bytes_; }
  void Clear();
  // CHECKs the form of every range and the counters. Slow.
  void CheckInvariants() const;

 private:
  static constexpr int kRangeBits = 12;
  static constexpr uint32_t kRangeSize = 1u << kRangeBits;
  static constexpr uint32_t kMaxArrayCount = kRangeSize / 16;  // 2 bytes each = the bitmap's size

  // Never empty. `array` has `capacity` offsets while count <= kMaxArrayCount; above it the same
  // memory is a bitmap (capacity == kMaxArrayCount, is_bitmap).
  struct Range {
    std::unique_ptr<uint16_t[]> array;
    uint16_t count = 0;
    uint16_t capacity = 0;
    bool is_bitmap = false;
  };
  struct Class {
    absl::btree_map<uint64_t, Range> ranges;  // by id >> kRangeBits
    uint64_t count = 0;
  };

  static bool RangeContains(const Range& range, uint16_t offset);
  bool InsertOffset(Range* range, uint16_t offset);
  bool EraseOffset(Range* range, uint16_t offset);
  void Resize(Range* range, uint16_t capacity);
  void ToBitmap(Range* range);
  void ToArray(Range* range);

  absl::btree_map<uint32_t, Class> classes_;
  uint64_t memory_bytes_ = 0;
};

}  // namespace tidemark::storage
