// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace tidemark::storage {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxLeafBytes = 96;
#else
inline constexpr size_t kMaxLeafBytes = 2048;
#endif

// A leaf of OrderedIndex: entries (key, id) in order, stored as one run of bytes: the common prefix
// of the keys, then for each entry 6 bytes of id and the rest of its key. The prefix is always the
// longest common one, up to kMaxPrefixBytes (so that a shorter one never makes a leaf much larger).
// Owned by the tree, which links the leaves. Threads: one.
class OrderedLeaf {
 public:
  static constexpr size_t kMaxPrefixBytes = 64;

  size_t count() const { return ends_.size(); }
  size_t used_bytes() const { return bytes_.size(); }
  size_t memory_bytes() const;
  // REQUIRES (all that take a position): position < count().
  uint64_t id(size_t position) const;
  std::string_view prefix() const { return {bytes_.data(), prefix_size_}; }
  std::string_view suffix(size_t position) const;
  std::string Key(size_t position) const;
  bool Holds(size_t position, std::string_view key, uint64_t id) const;

  // The first position whose entry is >= (key, id); count() when there is none.
  size_t LowerBound(std::string_view key, uint64_t id) const;
  // REQUIRES: position == LowerBound(key, id), and the entry is not there.
  void InsertAt(size_t position, std::string_view key, uint64_t id);
  void EraseAt(size_t position);

  // Too large, and with more than one entry.
  bool MustSplit() const { return used_bytes() > kMaxLeafBytes && count() > 1; }
  // Where to split so that both parts have about the same size; `inserted` is the newest entry: at
  // the end it stays alone on the right, since keys then probably come in order.
  size_t SplitPosition(size_t inserted) const;
  // Moves the entries from `position` on to a new leaf and links it behind this one.
  std::unique_ptr<OrderedLeaf> SplitOff(size_t position);
  // Takes over the entries of the next leaf when both together are small; false when they are not.
  bool Absorb(const OrderedLeaf& right);

  void CheckInvariants() const;

  OrderedLeaf* previous = nullptr;
  OrderedLeaf* next = nullptr;

 private:
  static constexpr size_t kIdBytes = 6;

  size_t Begin(size_t position) const { return position == 0 ? prefix_size_ : ends_[position - 1]; }
  // -1, 0 or 1, as the entry is below, at or above (key, id), where `rest` is the key without the
  // prefix.
  int Compare(size_t position, std::string_view rest, uint64_t id) const;
  void Reserve(size_t bytes);
  // Rewrites the leaf with entries [first, last) and a prefix of `prefix_size` bytes, which is a
  // prefix of all their keys.
  void Rewrite(size_t first, size_t last, size_t prefix_size);
  void AppendEntry(std::string_view key_begin, std::string_view key_end, uint64_t id);
  // How many bytes all the entries' keys have in common, up to kMaxPrefixBytes.
  size_t CommonPrefixSize(size_t first, size_t last) const;

  std::string bytes_;
  std::vector<uint16_t> ends_;  // where each entry ends in bytes_
  uint16_t prefix_size_ = 0;
};

// How many leading bytes two keys share.
size_t SharedPrefixSize(std::string_view a, std::string_view b);

}  // namespace tidemark::storage
