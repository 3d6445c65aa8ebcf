// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace tidemark::exec {

// The groups of integer keys that a GroupTable has found, beside it: a key is found here without
// hashing of values and comparison of cells. The group that a key belongs to never changes, so what
// is here stays right.
// Owner: an operator. Threads: the loop. Limits: kMaxKeys; more are not remembered.
class IntegerGroups {
 public:
  static constexpr uint32_t kUnknown = ~uint32_t{0};
  // So that growing is a short step.
  static constexpr size_t kMaxKeys = 8192;

  uint32_t Find(int64_t key) const {
    if (entries_.empty()) return kUnknown;
    return entries_[PlaceOf(key)].group;
  }
  // REQUIRES: group != kUnknown.
  void Remember(int64_t key, uint32_t group);
  size_t memory_bytes() const { return entries_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    int64_t key = 0;
    uint32_t group = kUnknown;  // free
  };
  static constexpr size_t kLeastEntries = 64;

  // Where the key is or belongs. REQUIRES: there are entries.
  size_t PlaceOf(int64_t key) const {
    const size_t mask = entries_.size() - 1;
    size_t place = (static_cast<uint64_t>(key) * 0x9e3779b97f4a7c15) >> 40 & mask;
    while (entries_[place].group != kUnknown && entries_[place].key != key) {
      place = (place + 1) & mask;
    }
    return place;
  }
  void Grow();

  std::vector<Entry> entries_;  // a power of two, linear probing, at most half full
  size_t count_ = 0;
};

}  // namespace tidemark::exec
