// SPDX-License-Identifier: Apache-2.0
// The edges of one type in one direction at one vertex. An entry is 12 bytes: the neighbour's id
// (8) and the edge's sequence (4), in parallel arrays in one allocation. The edge's slot is the
// slot of its source: the vertex itself in an outgoing group, the neighbour in an incoming one.
//
// A group is plain (one array, nothing deleted) or extended (a list of blocks with tombstones).
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <memory>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/ids.h"
#include "storage/limits.h"
#include "storage/memory/incremental_map.h"

namespace tidemark::storage {

inline constexpr uint32_t kMaxTypeId = (1u << 20) - 1;
inline constexpr size_t kEntryBytes = 12;
inline constexpr size_t kCacheLineBytes = 64;

namespace entry_capacity {

inline constexpr size_t kMaxClassCount = 64;

// What fits into the allocation that holds `count` entries.
constexpr uint32_t RoundUp(uint32_t count) {
  const uint32_t usable = ((count * kEntryBytes + 8 + 15) & ~15u) - 8;
  return (usable < 24 ? 24 : usable) / kEntryBytes;
}
struct Table {
  std::array<uint16_t, kMaxClassCount> capacities{};
  uint8_t last = 0;
};
// 0, 2, 3, 4, 6 ... kBlockEntryCount: each about a quarter more than the one before.
constexpr Table MakeTable() {
  Table table;
  uint32_t capacity = 0;
  while (capacity < kBlockEntryCount) {
    const uint32_t step = capacity / 4 == 0 ? 1 : capacity / 4;
    capacity = RoundUp(capacity + step);
    if (capacity > kBlockEntryCount) capacity = kBlockEntryCount;
    table.capacities[++table.last] = static_cast<uint16_t>(capacity);
  }
  return table;
}
inline constexpr Table kTable = MakeTable();

}  // namespace entry_capacity

constexpr uint32_t CapacityOfClass(uint8_t capacity_class) {
  return entry_capacity::kTable.capacities[capacity_class];
}
inline constexpr uint8_t kLastCapacityClass = entry_capacity::kTable.last;
// The smallest class with room for `count` entries.
constexpr uint8_t ClassForCount(uint32_t count) {
  uint8_t capacity_class = 0;
  while (CapacityOfClass(capacity_class) < count) ++capacity_class;
  return capacity_class;
}

// Which entries of a block are deleted: one bit for each entry, and a log that ascends by csn, so
// the entries that an older reader still sees are its end. In one allocation for small blocks.
struct Tombstones {
  struct Dead {
    uint64_t csn;
    uint32_t offset;
  };
  static constexpr uint32_t kMaxWordCount = (kBlockEntryCount + 63) / 64;

  absl::InlinedVector<uint64_t, 1> bits;  // as many words as the block's count needs
  absl::InlinedVector<Dead, 1> log;

  // How many entries were deleted at or before `csn`.
  uint32_t CountThrough(Csn csn) const {
    const auto end =
        std::upper_bound(log.begin(), log.end(), csn.value(),
                         [](uint64_t wanted, const Dead& dead) { return wanted < dead.csn; });
    return static_cast<uint32_t>(end - log.begin());
  }
  void Cover(uint32_t count) {
    if (bits.size() * 64 < count) bits.resize((count + 63) / 64);
  }
};

// At most kBlockEntryCount entries. It stands for the entries [first_ordinal, first_ordinal + count
// + removed) ever appended to the group; `removed` of them have been taken out. Whatever was taken
// out is older than any length that a reader or a rollback can still ask for, so the first L
// entries ever appended are the first L - first_ordinal - removed of the block.
struct EdgeBlock {
  static constexpr uint32_t kWordBits = 64;

  char* data = nullptr;
  uint32_t count = 0;
  uint32_t number = 0;  // ascending; names the block as long as the group lives
  std::unique_ptr<Tombstones> dead;
  uint64_t first_ordinal = 0;
  uint64_t removed = 0;
  uint8_t capacity_class = 0;
  bool is_inline = false;  // its entries are in the memory of the ExtendedGroup

  bool IsDead(uint32_t offset) const {
    return dead != nullptr && (dead->bits[offset / kWordBits] >> (offset % kWordBits) & 1) != 0;
  }
  void Mark(uint32_t offset) {
    dead->bits[offset / kWordBits] |= uint64_t{1} << offset % kWordBits;
  }
  void Unmark(uint32_t offset) {
    dead->bits[offset / kWordBits] &= ~(uint64_t{1} << offset % kWordBits);
  }
  // The tombstones' words; null when there are none.
  const uint64_t* words() const { return dead == nullptr ? nullptr : dead->bits.data(); }
  uint32_t dead_count() const {
    return dead == nullptr ? 0 : static_cast<uint32_t>(dead->log.size());
  }

  const uint64_t* neighbours() const { return reinterpret_cast<const uint64_t*>(data); }
  const uint32_t* sequences() const {
    return reinterpret_cast<const uint32_t*>(data + size_t{8} * CapacityOfClass(capacity_class));
  }
  uint64_t end_ordinal() const { return first_ordinal + count + removed; }
  // How many of the block's entries are among the first `length` of the group.
  uint32_t CountWithin(uint64_t length) const {
    if (length >= end_ordinal()) return count;
    return length <= first_ordinal + removed
               ? 0
               : static_cast<uint32_t>(length - first_ordinal - removed);
  }
};

// Where the entry of an edge was once: compaction moves an entry forward in its block, never to a
// higher offset.
struct EdgePlace {
  uint32_t block = 0;  // its number
  uint32_t offset = 0;
};

// Which block an edge is in, for groups of several blocks. Built when deletions first need it, a
// part for each search; what is not in it yet is searched for.
struct EdgeTable {
  IncrementalMap<EdgePlace> places;  // by edge id
  uint32_t covered = 0;              // block numbers below are covered; never the last block
  uint32_t covered_offset = 0;       // and the entries below of the block of that number
};

// One allocation with a word and the entries that a small group had when it was extended: most
// readers need no more than these two.
struct alignas(kCacheLineBytes) ExtendedGroup {
  absl::InlinedVector<EdgeBlock, 1> blocks;  // ascending number, never empty
  uint32_t next_number = 0;
  uint32_t dead_count = 0;
  uint64_t shape = 0;  // another number whenever entries have moved between or within blocks
  // Where the last entry was found: the next one is often the next entry.
  uint32_t hint_number = 0;
  uint32_t hint_offset = 0;
  std::unique_ptr<EdgeTable> table;
  bool compaction_queued = false;
  uint8_t inline_class = 0;  // of the room for entries behind it

  static constexpr uint64_t kNoWord = ~uint64_t{0};

  // The tombstones of a group whose entries, as many as a word has bits, are all inline_data();
  // kNoWord for every other group, and for one of which so many are dead.
  uint64_t* inline_word() { return reinterpret_cast<uint64_t*>(this + 1); }
  // The entries of the first block as long as it is_inline.
  char* inline_data() { return reinterpret_cast<char*>(inline_word() + 1); }
  size_t allocated_bytes() const {
    return sizeof(*this) + sizeof(uint64_t) + size_t{kEntryBytes} * CapacityOfClass(inline_class);
  }
  // What inline_word() must be now.
  uint64_t InlineWord() const {
    const EdgeBlock& block = blocks.front();
    if (blocks.size() != 1 || !block.is_inline || block.count > EdgeBlock::kWordBits) {
      return kNoWord;
    }
    return block.dead == nullptr ? 0 : block.dead->bits[0];
  }
  // After every change of blocks or tombstones.
  void SetInlineWord() { *inline_word() = InlineWord(); }
};

// The index of the first block with a number >= `number`.
inline size_t BlockIndex(const ExtendedGroup& extended, uint32_t number) {
  const auto it = std::lower_bound(
      extended.blocks.begin(), extended.blocks.end(), number,
      [](const EdgeBlock& block, uint32_t wanted) { return block.number < wanted; });
  return static_cast<size_t>(it - extended.blocks.begin());
}

struct AdjacencyGroup {  // 32 bytes
  union {
    char* data = nullptr;     // plain
    ExtendedGroup* extended;  // is_extended
  };
  uint64_t history = 0;    // link of the newest record in the history log
  uint64_t last_csn = 0;   // of the newest commit that changed the group
  uint32_t count = 0;      // entries, tombstones included
  uint32_t type : 20 = 0;  // 0 = the group is not in use
  uint32_t capacity_class : 8 = 0;
  uint32_t is_extended : 1 = 0;
  uint32_t is_incoming : 1 = 0;

  bool in_use() const { return type != 0; }
  size_t block_count() const {
    return is_extended ? extended->blocks.size() : (count == 0 ? 0 : 1);
  }
  uint32_t dead_count() const { return is_extended ? extended->dead_count : 0; }
  // How many entries were ever appended; each has its number, by which its sequence is found as
  // long as it has not been taken out, nor any of its block behind it.
  uint64_t ordinal_end() const {
    return is_extended ? extended->blocks.back().end_ordinal() : count;
  }
  uint32_t SequenceAt(uint64_t ordinal) const;
};
static_assert(sizeof(AdjacencyGroup) == 32);

// A block as readers see it, whatever the form of the group.
struct BlockView {
  const uint64_t* neighbours;
  const uint32_t* sequences;
  uint32_t count;
  const EdgeBlock* block;  // null in a plain group
};
inline BlockView ViewBlock(const AdjacencyGroup& group, size_t index) {
  if (group.is_extended) {
    const EdgeBlock& block = group.extended->blocks[index];
    return {block.neighbours(), block.sequences(), block.count, &block};
  }
  return {reinterpret_cast<const uint64_t*>(group.data),
          reinterpret_cast<const uint32_t*>(group.data +
                                            size_t{8} * CapacityOfClass(group.capacity_class)),
          group.count, nullptr};
}

inline uint32_t AdjacencyGroup::SequenceAt(uint64_t ordinal) const {
  if (!is_extended) return ViewBlock(*this, 0).sequences[ordinal];
  const auto behind = std::upper_bound(
      extended->blocks.begin(), extended->blocks.end(), ordinal,
      [](uint64_t wanted, const EdgeBlock& block) { return wanted < block.first_ordinal; });
  const EdgeBlock& block = *std::prev(behind);
  return block.sequences()[ordinal - block.first_ordinal - block.removed];
}

// The id of the edge of an entry at `vertex`.
inline EdgeId EdgeOfEntry(VertexId vertex, bool incoming, uint64_t neighbour, uint32_t sequence) {
  return EdgeId(incoming ? VertexId(neighbour).slot() : vertex.slot(), sequence);
}

}  // namespace tidemark::storage
