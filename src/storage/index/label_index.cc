// SPDX-License-Identifier: Apache-2.0
#include "storage/index/label_index.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace tidemark::storage {
namespace {

constexpr uint32_t kWordBits = 16;

bool TestBit(const uint16_t* words, uint16_t offset) {
  return (words[offset / kWordBits] >> (offset % kWordBits) & 1) != 0;
}
void SetBit(uint16_t* words, uint16_t offset) {
  words[offset / kWordBits] |= static_cast<uint16_t>(1u << (offset % kWordBits));
}
void ClearBit(uint16_t* words, uint16_t offset) {
  words[offset / kWordBits] &= static_cast<uint16_t>(~(1u << (offset % kWordBits)));
}

// Calls fn(offset) for every set bit >= first, ascending, until it returns false.
template <typename Fn>
void ForEachBit(const uint16_t* words, uint32_t word_count, uint32_t first, Fn fn) {
  for (uint32_t word = first / kWordBits; word < word_count; ++word) {
    uint32_t rest = words[word];
    if (word == first / kWordBits) rest &= ~0u << (first % kWordBits);
    for (; rest != 0; rest &= rest - 1) {
      if (!fn(static_cast<uint16_t>(word * kWordBits + std::countr_zero(rest)))) return;
    }
  }
}

}  // namespace

bool LabelIndex::RangeContains(const Range& range, uint16_t offset) {
  if (range.is_bitmap) return TestBit(range.array.get(), offset);
  return std::binary_search(range.array.get(), range.array.get() + range.count, offset);
}

bool LabelIndex::Insert(uint32_t class_id, uint64_t element) {
  Class& members = classes_[class_id];
  const auto [it, is_new] = members.ranges.try_emplace(element >> kRangeBits);
  if (is_new) memory_bytes_ += sizeof(Range) + sizeof(uint64_t);
  if (!InsertOffset(&it->second, element % kRangeSize)) return false;
  ++members.count;
  return true;
}

bool LabelIndex::Erase(uint32_t class_id, uint64_t element) {
  const auto members = classes_.find(class_id);
  if (members == classes_.end()) return false;
  const auto it = members->second.ranges.find(element >> kRangeBits);
  if (it == members->second.ranges.end()) return false;
  if (!EraseOffset(&it->second, element % kRangeSize)) return false;
  if (it->second.count == 0) {
    memory_bytes_ -= sizeof(Range) + sizeof(uint64_t) + it->second.capacity * sizeof(uint16_t);
    members->second.ranges.erase(it);
  }
  if (--members->second.count == 0) classes_.erase(members);
  return true;
}

bool LabelIndex::Contains(uint32_t class_id, uint64_t element) const {
  const auto members = classes_.find(class_id);
  if (members == classes_.end()) return false;
  const auto it = members->second.ranges.find(element >> kRangeBits);
  return it != members->second.ranges.end() &&
         RangeContains(it->second, static_cast<uint16_t>(element % kRangeSize));
}

bool LabelIndex::Scan(uint32_t class_id, uint64_t first, size_t max_count,
                      std::vector<uint64_t>* out) const {
  const auto members = classes_.find(class_id);
  if (members == classes_.end()) return false;
  const size_t limit = out->size() + max_count;
  uint64_t range_number = first >> kRangeBits;
  uint32_t first_offset = first % kRangeSize;
  for (auto it = members->second.ranges.lower_bound(range_number);
       it != members->second.ranges.end(); ++it) {
    if (out->size() == limit) return true;
    if (it->first != range_number) first_offset = 0;
    range_number = it->first;
    const uint64_t base = it->first << kRangeBits;
    const Range& range = it->second;
    bool full = false;
    const auto take = [&](uint16_t offset) {
      full = out->size() == limit;
      if (!full) out->push_back(base + offset);
      return !full;
    };
    if (range.is_bitmap) {
      ForEachBit(range.array.get(), kRangeSize / kWordBits, first_offset, take);
    } else {
      const uint16_t* end = range.array.get() + range.count;
      const uint16_t* p =
          std::lower_bound<const uint16_t*, uint32_t>(range.array.get(), end, first_offset);
      while (p != end && take(*p)) ++p;
    }
    if (full) return true;
    first_offset = 0;
  }
  return false;
}

uint64_t LabelIndex::Count(uint32_t class_id) const {
  const auto members = classes_.find(class_id);
  return members == classes_.end() ? 0 : members->second.count;
}

void LabelIndex::Clear() {
  classes_.clear();
  memory_bytes_ = 0;
}

bool LabelIndex::InsertOffset(Range* range, uint16_t offset) {
  if (range->is_bitmap) {
    if (TestBit(range->array.get(), offset)) return false;
    SetBit(range->array.get(), offset);
    ++range->count;
    return true;
  }
  uint16_t* p = std::lower_bound(range->array.get(), range->array.get() + range->count, offset);
  const auto position = static_cast<uint32_t>(p - range->array.get());
  if (position < range->count && *p == offset) return false;
  if (range->count == kMaxArrayCount) {
    ToBitmap(range);
    return InsertOffset(range, offset);
  }
  if (range->count == range->capacity) {
    const uint32_t grown = range->capacity + range->capacity / 2;
    Resize(range, static_cast<uint16_t>(std::clamp(grown, 4u, kMaxArrayCount)));
  }
  uint16_t* array = range->array.get();
  std::copy_backward(array + position, array + range->count, array + range->count + 1);
  array[position] = offset;
  ++range->count;
  return true;
}

bool LabelIndex::EraseOffset(Range* range, uint16_t offset) {
  if (!RangeContains(*range, offset)) return false;
  uint16_t* array = range->array.get();
  if (range->is_bitmap) {
    ClearBit(array, offset);
    if (--range->count <= kMaxArrayCount / 2) ToArray(range);
    return true;
  }
  uint16_t* p = std::lower_bound(array, array + range->count, offset);
  std::copy(p + 1, array + range->count, p);
  --range->count;
  if (range->count != 0 && range->count <= range->capacity / 4) {
    Resize(range, static_cast<uint16_t>(range->capacity / 2));
  }
  return true;
}

void LabelIndex::Resize(Range* range, uint16_t capacity) {
  auto array = std::make_unique<uint16_t[]>(capacity);
  std::copy_n(range->array.get(), range->count, array.get());
  memory_bytes_ += capacity * sizeof(uint16_t);
  memory_bytes_ -= range->capacity * sizeof(uint16_t);
  range->array = std::move(array);
  range->capacity = capacity;
}

void LabelIndex::ToBitmap(Range* range) {
  auto words = std::make_unique<uint16_t[]>(kRangeSize / kWordBits);
  for (uint32_t i = 0; i < range->count; ++i) SetBit(words.get(), range->array[i]);
  static_assert(kMaxArrayCount == kRangeSize / kWordBits);
  memory_bytes_ += (kMaxArrayCount - range->capacity) * sizeof(uint16_t);
  range->array = std::move(words);
  range->capacity = kMaxArrayCount;
  range->is_bitmap = true;
}

void LabelIndex::ToArray(Range* range) {
  auto array = std::make_unique<uint16_t[]>(kMaxArrayCount);
  uint32_t n = 0;
  ForEachBit(range->array.get(), kRangeSize / kWordBits, 0, [&](uint16_t offset) {
    array[n++] = offset;
    return true;
  });
  CHECK_EQ(n, range->count);
  range->array = std::move(array);
  range->is_bitmap = false;
  Resize(range, kMaxArrayCount * 3 / 4);
}

void LabelIndex::CheckInvariants() const {
  uint64_t memory_bytes = 0;
  for (const auto& [class_id, members] : classes_) {
    uint64_t count = 0;
    for (const auto& [number, range] : members.ranges) {
      CHECK_GT(range.count, 0) << class_id << " range " << number;
      if (range.is_bitmap) {
        uint32_t bits = 0;
        ForEachBit(range.array.get(), kRangeSize / kWordBits, 0, [&](uint16_t) { return ++bits; });
        CHECK_EQ(bits, range.count);
        CHECK_GT(range.count, kMaxArrayCount / 2);
        CHECK_EQ(range.capacity, kMaxArrayCount);
      } else {
        CHECK_LE(range.count, range.capacity);
        for (uint32_t i = 1; i < range.count; ++i) CHECK_LT(range.array[i - 1], range.array[i]);
        CHECK_LT(range.array[range.count - 1], kRangeSize);
      }
      count += range.count;
      memory_bytes += sizeof(Range) + sizeof(uint64_t) + range.capacity * sizeof(uint16_t);
    }
    CHECK_EQ(count, members.count);
    CHECK_GT(count, 0u);
  }
  CHECK_EQ(memory_bytes, memory_bytes_);
}

}  // namespace tidemark::storage
