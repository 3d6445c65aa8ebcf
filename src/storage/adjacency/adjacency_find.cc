// SPDX-License-Identifier: Apache-2.0
// How a deletion finds its entry: where the last one was, then by the table of blocks, then by
// looking.
#include <algorithm>

#include "storage/adjacency/adjacency.h"

namespace tidemark::storage {
namespace {

constexpr uint32_t kCompareStep = 16;
constexpr int64_t kEntriesPerUnit = 32;  // compared
constexpr int64_t kUnitsPerCovered = 8;  // entry that the table learns
constexpr uint32_t kCoverStep = 64;      // of them between two looks at the units
constexpr int64_t kUnitsPerLookup = 64;  // in the table: cache misses
#ifdef TIDEMARK_TINY_LIMITS
constexpr size_t kMinCoveredCount = 3;
#else
constexpr size_t kMinCoveredCount = 512;
#endif
constexpr size_t kSearchesPerCover = 256;

bool IsEntryOf(const BlockView& view, uint32_t offset, bool incoming, EdgeId edge) {
  return view.sequences[offset] == edge.sequence() &&
         (!incoming || VertexId(view.neighbours[offset]).slot() == edge.slot());
}

// The offset of the entry of `edge`, view.count when it has none.
uint32_t FindInBlock(const BlockView& view, bool incoming, EdgeId edge) {
  const uint32_t sequence = edge.sequence();
  uint32_t offset = 0;
  while (offset < view.count) {
    const uint32_t end = std::min(offset + kCompareStep, view.count);
    if (end - offset == kCompareStep) {
      uint32_t hits = 0;  // compared without branches, so that the compiler can use wide registers
      for (uint32_t i = 0; i < kCompareStep; ++i) {
        hits |= static_cast<uint32_t>(view.sequences[offset + i] == sequence);
      }
      if (hits == 0) {
        offset = end;
        continue;
      }
    }
    for (; offset < end; ++offset) {
      if (IsEntryOf(view, offset, incoming, edge)) return offset;
    }
  }
  return view.count;
}

}  // namespace

bool Adjacency::Find(AdjacencyGroup* group, const GroupKey& key, EdgeId edge, int64_t* units,
                     std::optional<EntryPosition>* at) {
  at->reset();
  const size_t block_count = group->block_count();
  if (block_count == 0) return true;
  if (group->is_extended && (*at = FindAtHint(*group, edge)).has_value()) return true;
  if (block_count == 1) {
    const BlockView view = ViewBlock(*group, 0);
    const uint32_t offset = FindInBlock(view, group->is_incoming, edge);
    *units -= view.count / kEntriesPerUnit;
    if (offset != view.count) *at = EntryPosition{0, offset};
    return true;
  }
  *units -= kUnitsPerLookup;
  if ((*at = FindInTable(*group, edge)).has_value()) return true;
  if (group->extended->table == nullptr || group->extended->table->searching != edge) {
    if (!CoverShare(group, key, edge, units)) return false;
    if ((*at = FindInTable(*group, edge)).has_value()) return true;
  }
  return SearchUncovered(*group, edge, units, at);
}

std::optional<EntryPosition> Adjacency::FindBySearch(const AdjacencyGroup& group, EdgeId edge) {
  for (size_t index = group.block_count(); index-- > 0;) {
    const BlockView view = ViewBlock(group, index);
    const uint32_t offset = FindInBlock(view, group.is_incoming, edge);
    if (offset != view.count) return EntryPosition{index, offset};
  }
  return std::nullopt;
}

std::optional<EntryPosition> Adjacency::FindAtHint(const AdjacencyGroup& group, EdgeId edge) const {
  const ExtendedGroup& extended = *group.extended;
  size_t index = BlockIndex(extended, extended.hint_number);
  if (index == extended.blocks.size()) return std::nullopt;
  uint32_t offset = extended.hint_offset + 1;
  if (offset >= extended.blocks[index].count) {
    offset = 0;
    if (++index == extended.blocks.size()) return std::nullopt;
  }
  const BlockView view = ViewBlock(group, index);
  if (offset >= view.count || !IsEntryOf(view, offset, group.is_incoming, edge)) {
    return std::nullopt;
  }
  return EntryPosition{index, offset};
}

std::optional<EntryPosition> Adjacency::FindInTable(const AdjacencyGroup& group, EdgeId edge) {
  const ExtendedGroup& extended = *group.extended;
  if (extended.table == nullptr) return std::nullopt;
  const EdgePlace* place = extended.table->places.Find(edge.value());
  if (place == nullptr) return std::nullopt;
  const size_t index = BlockIndex(extended, place->block);
  if (index == extended.blocks.size()) return std::nullopt;
  const BlockView view = ViewBlock(group, index);
  for (uint32_t offset = std::min(place->offset + 1, view.count); offset-- > 0;) {
    if (IsEntryOf(view, offset, group.is_incoming, edge)) return EntryPosition{index, offset};
  }
  return std::nullopt;
}

// The last block still grows and is always searched.
bool Adjacency::SearchUncovered(const AdjacencyGroup& group, EdgeId edge, int64_t* units,
                                std::optional<EntryPosition>* at) {
  const ExtendedGroup& extended = *group.extended;
  EdgeTable& table = *extended.table;
  const size_t first = BlockIndex(extended, table.covered);
  size_t index = extended.blocks.size();
  if (table.searching == edge) index = BlockIndex(extended, table.searched);
  while (index > first) {
    const BlockView view = ViewBlock(group, --index);
    const uint32_t offset = FindInBlock(view, group.is_incoming, edge);
    *units -= view.count / kEntriesPerUnit;
    if (offset != view.count) {
      *at = EntryPosition{index, offset};
      break;
    }
    if (*units <= 0 && index > first) {
      table.searching = edge;
      table.searched = extended.blocks[index].number;
      return false;
    }
  }
  table.searching = EdgeId();
  return true;
}

// Covering a share of what is left for each search, however long the searches are, makes both
// together linear in the size of the group.
bool Adjacency::CoverShare(AdjacencyGroup* group, const GroupKey& key, EdgeId edge,
                           int64_t* units) {
  ExtendedGroup* extended = group->extended;
  if (extended->table == nullptr) extended->table = std::make_unique<EdgeTable>();
  EdgeTable& table = *extended->table;
  if (table.covering != edge) {
    const size_t uncovered = extended->blocks.size() - BlockIndex(*extended, table.covered);
    table.covering = edge;
    table.covering_left = static_cast<uint32_t>(
        std::max<size_t>(kMinCoveredCount, uncovered * kBlockEntryCount / kSearchesPerCover));
  }
  while (table.covering_left > 0) {
    const uint32_t count = CoverSome(group, key, std::min(table.covering_left, kCoverStep));
    table.covering_left = count == 0 ? 0 : table.covering_left - count;
    *units -= count * kUnitsPerCovered;
    if (*units <= 0 && table.covering_left > 0) return false;
  }
  table.covering = EdgeId();
  return true;
}

// The last block is never covered.
uint32_t Adjacency::CoverSome(AdjacencyGroup* group, const GroupKey& key, uint32_t max_count) {
  ExtendedGroup* extended = group->extended;
  EdgeTable& table = *extended->table;
  const size_t before = table.places.memory_bytes();
  uint32_t left = max_count;
  while (left > 0) {
    const size_t index = BlockIndex(*extended, table.covered);
    if (index + 1 >= extended->blocks.size()) break;
    const EdgeBlock& block = extended->blocks[index];
    const BlockView view = ViewBlock(*group, index);
    uint32_t& offset = table.covered_offset;
    for (; offset < view.count && left > 0; ++offset, --left) {
      const EdgeId edge =
          EdgeOfEntry(key.vertex, key.incoming, view.neighbours[offset], view.sequences[offset]);
      table.places[edge.value()] = {block.number, offset};
    }
    if (offset < view.count) break;
    table.covered = block.number + 1;
    offset = 0;
  }
  meter_->Add(table.places.memory_bytes() - before);
  return max_count - left;
}

void Adjacency::ForgetPartOfTable(ExtendedGroup* extended) {
  if (extended->table == nullptr) return;
  extended->table->covered_offset = 0;
  extended->table->covering = EdgeId();
  extended->table->searching = EdgeId();
}

}  // namespace tidemark::storage
