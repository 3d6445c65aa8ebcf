// SPDX-License-Identifier: Apache-2.0
// How a deletion finds its entry: where the last one was, then by the table of blocks, then by
// looking.
#include <algorithm>

#include "storage/adjacency.h"

namespace tidemark::storage {
namespace {

constexpr uint32_t kCompareStep = 16;

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

std::optional<Adjacency::Position> Adjacency::Find(AdjacencyGroup* group, const GroupKey& key,
                                                   EdgeId edge) {
  const size_t block_count = group->block_count();
  if (block_count == 0) return std::nullopt;
  if (group->is_extended) {
    if (const auto at = FindAtHint(*group, edge)) return at;
    if (block_count > 1) return FindByTable(group, key, edge);
  }
  const BlockView view = ViewBlock(*group, 0);
  const uint32_t offset = FindInBlock(view, group->is_incoming, edge);
  if (offset == view.count) return std::nullopt;
  return Position{0, offset};
}

std::optional<Adjacency::Position> Adjacency::FindAtHint(const AdjacencyGroup& group,
                                                         EdgeId edge) const {
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
  return Position{index, offset};
}

std::optional<Adjacency::Position> Adjacency::FindByTable(AdjacencyGroup* group,
                                                          const GroupKey& key, EdgeId edge) {
  ExtendedGroup* extended = group->extended;
  CoverNextBlock(group, key);
  size_t first_uncovered = 0;
  if (extended->table != nullptr) {
    if (const uint32_t* number = extended->table->block_of_edge.Find(edge.value())) {
      const size_t index = BlockIndex(*extended, *number);
      const BlockView view = ViewBlock(*group, index);
      const uint32_t offset = FindInBlock(view, group->is_incoming, edge);
      if (offset == view.count) return std::nullopt;
      return Position{index, offset};
    }
    first_uncovered = BlockIndex(*extended, extended->table->covered);
  }
  for (size_t index = extended->blocks.size(); index-- > first_uncovered;) {
    const BlockView view = ViewBlock(*group, index);
    const uint32_t offset = FindInBlock(view, group->is_incoming, edge);
    if (offset != view.count) return Position{index, offset};
  }
  return std::nullopt;
}

// The last block still grows and is always searched.
void Adjacency::CoverNextBlock(AdjacencyGroup* group, const GroupKey& key) {
  ExtendedGroup* extended = group->extended;
  if (extended->table == nullptr) extended->table = std::make_unique<EdgeTable>();
  EdgeTable& table = *extended->table;
  const size_t index = BlockIndex(*extended, table.covered);
  if (index + 1 >= extended->blocks.size()) return;
  const size_t before = table.block_of_edge.memory_bytes();
  const EdgeBlock& block = extended->blocks[index];
  const BlockView view = ViewBlock(*group, index);
  for (uint32_t offset = 0; offset < view.count; ++offset) {
    const EdgeId edge =
        EdgeOfEntry(key.vertex, key.incoming, view.neighbours[offset], view.sequences[offset]);
    table.block_of_edge[edge.value()] = block.number;
  }
  table.covered = block.number + 1;
  meter_->Add(table.block_of_edge.memory_bytes() - before);
}

}  // namespace tidemark::storage
