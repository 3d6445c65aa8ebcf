// SPDX-License-Identifier: Apache-2.0
// How a deletion finds its entry: where the last one was, then by the table of blocks, then by
// looking.
#include <algorithm>

#include "base/planted_bug.h"
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

bool Adjacency::Find(AdjacencyGroup* group, const EntryKey& key, EntrySearch* search,
                     int64_t* units, std::optional<EntryPosition>* at) {
  at->reset();
  if (group->block_count() < 2) {
    if (group->block_count() == 0) return true;
    const BlockView view = ViewBlock(*group, 0);
    const uint32_t offset = FindInBlock(view, group->is_incoming, key.edge);
    *units -= view.count / kEntriesPerUnit;
    if (offset != view.count) *at = EntryPosition{0, offset};
    return true;
  }
  ExtendedGroup* extended = group->extended;
  *at = FindAtHint(*group, key.edge);
  if (!at->has_value()) {
    *units -= kUnitsPerLookup;
    *at = FindInTable(*group, key.edge);
  }
  if (!at->has_value()) {
    if (search->shape != extended->shape) *search = BeginSearch(extended);
    if (search->to_cover != 0) {
      if (!CoverShare(group, key.group, search, units)) return false;
      *at = FindInTable(*group, key.edge);
    }
    if (!at->has_value() && !SearchBlocks(*group, key.edge, search, units, at)) return false;
  }
  *search = EntrySearch();
  if (!at->has_value()) return true;
  extended->hint_number = extended->blocks[(*at)->block].number;
  extended->hint_offset = (*at)->offset;
  return true;
}

EdgePlace Adjacency::PlaceOf(const AdjacencyGroup& group, EntryPosition at) {
  return {group.is_extended ? group.extended->blocks[at.block].number : 0, at.offset};
}

bool Adjacency::IsDead(const AdjacencyGroup& group, EntryPosition at) {
  if (!group.is_extended) return false;
  return group.extended->blocks[at.block].IsDead(at.offset);
}

std::optional<EntryPosition> Adjacency::FindNear(const AdjacencyGroup& group, EdgePlace place,
                                                 EdgeId edge) {
  const size_t index = group.is_extended ? BlockIndex(*group.extended, place.block) : 0;
  if (index >= group.block_count()) return std::nullopt;
  const BlockView view = ViewBlock(group, index);
  if (view.count == 0) return std::nullopt;
  for (uint32_t offset = std::min(place.offset, view.count - 1) + 1; offset-- > 0;) {
    if (IsEntryOf(view, offset, group.is_incoming, edge)) return EntryPosition{index, offset};
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
  return place == nullptr ? std::nullopt : FindNear(group, *place, edge);
}

// The last block still grows and is always searched. Those that the table covers come last: there
// is nothing that the table does not know, unless something is damaged.
bool Adjacency::SearchBlocks(const AdjacencyGroup& group, EdgeId edge, EntrySearch* search,
                             int64_t* units, std::optional<EntryPosition>* at) {
  const ExtendedGroup& extended = *group.extended;
  size_t index = BlockIndex(extended, search->searched);
  const size_t end = PlantedBug("covered-block-grows")  // then nothing else finds what has grown
                         ? BlockIndex(extended, extended.table->covered)
                         : 0;
  while (index > end) {
    const BlockView view = ViewBlock(group, --index);
    const uint32_t offset = FindInBlock(view, group.is_incoming, edge);
    *units -= view.count / kEntriesPerUnit;
    if (offset != view.count) {
      *at = EntryPosition{index, offset};
      return true;
    }
    search->searched = extended.blocks[index].number;
    if (*units <= 0 && index > end) return false;
  }
  return true;
}

EntrySearch Adjacency::BeginSearch(ExtendedGroup* extended) {
  if (extended->table == nullptr) extended->table = std::make_unique<EdgeTable>();
  const size_t uncovered =
      extended->blocks.size() - BlockIndex(*extended, extended->table->covered);
  EntrySearch search;
  search.shape = extended->shape;
  search.to_cover = static_cast<uint32_t>(
      std::max<size_t>(kMinCoveredCount, uncovered * kBlockEntryCount / kSearchesPerCover));
  search.searched = extended->next_number;
  return search;
}

// Covering a share of what is left for each search, however long the searches are, makes both
// together linear in the size of the group.
bool Adjacency::CoverShare(AdjacencyGroup* group, const GroupKey& key, EntrySearch* search,
                           int64_t* units) {
  while (search->to_cover > 0) {
    const uint32_t count = CoverSome(group, key, std::min(search->to_cover, kCoverStep));
    search->to_cover = count == 0 ? 0 : search->to_cover - count;
    *units -= count * kUnitsPerCovered;
    if (*units <= 0 && search->to_cover > 0) return false;
  }
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

void Adjacency::NoteNewShape(ExtendedGroup* extended) {
  extended->shape = ++shape_count_;
  if (extended->table != nullptr) extended->table->covered_offset = 0;
}

}  // namespace tidemark::storage
