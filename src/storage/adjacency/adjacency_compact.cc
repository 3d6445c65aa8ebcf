// SPDX-License-Identifier: Apache-2.0
// Takes deleted entries out of blocks, merges blocks that have become small, and turns a group that
// is small again into a plain one.
#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "storage/adjacency/adjacency.h"

namespace tidemark::storage {
namespace {

// A larger block is compacted when at least one in so many of its entries is dead.
constexpr uint32_t kDeadShare = 8;
// The table forgets what is taken out and learns where the rest of a merged block is.
constexpr int64_t kUnitsPerKnownEntry = 8;

// How many tombstones of the block are <= horizon.
uint32_t CountGarbage(const EdgeBlock& block, Csn horizon) {
  return block.dead == nullptr ? 0 : block.dead->CountThrough(horizon);
}

}  // namespace

bool Adjacency::IsWorthCompacting(const EdgeBlock& block, Csn horizon) const {
  const uint32_t garbage = CountGarbage(block, horizon);
  return garbage != 0 &&
         (block.count <= kSmallBlockEntryCount || garbage * kDeadShare >= block.count);
}

bool Adjacency::Compact(AdjacencyGroup* group, const GroupKey& key, Csn horizon, int64_t* units,
                        uint32_t* next_number) {
  if (!group->is_extended) return true;
  ExtendedGroup* extended = group->extended;
  for (size_t i = 0; i < extended->blocks.size(); ++i) {
    const EdgeBlock& block = extended->blocks[i];
    if (block.number < *next_number) continue;
    if (*units <= 0) {
      *next_number = block.number;
      return false;
    }
    --*units;
    if (!IsWorthCompacting(block, horizon)) continue;
    *units -= block.count * (extended->table == nullptr ? 1 : kUnitsPerKnownEntry);
    i = CompactAndMerge(group, key, i, horizon);
  }
  *next_number = 0;
  MakePlainIfPossible(group);
  return true;
}

void Adjacency::CompactLastBuried(AdjacencyGroup* group, const GroupKey& key, Csn horizon) {
  if (!group->is_extended) return;
  const size_t index = BlockIndex(*group->extended, group->extended->hint_number);
  if (index == group->extended->blocks.size() ||
      !IsWorthCompacting(group->extended->blocks[index], horizon)) {
    return;
  }
  CompactAndMerge(group, key, index, horizon);
  MakePlainIfPossible(group);
}

size_t Adjacency::CompactAndMerge(AdjacencyGroup* group, const GroupKey& key, size_t index,
                                  Csn horizon) {
  NoteNewShape(group->extended);
  CompactBlock(group, key, index, horizon);
  if (index > 0 && CanMergeWithNext(*group->extended, index - 1)) {
    MergeWithNext(group, key, --index);
  }
  if (CanMergeWithNext(*group->extended, index)) MergeWithNext(group, key, index);
  UncoverLastBlock(group->extended);
  group->extended->SetInlineWord();
  return index;
}

// A merge can make a covered block the last one, which grows. What the table knows about it stays
// right; what is appended to it from now on must be searched for.
void Adjacency::UncoverLastBlock(ExtendedGroup* extended) {
  EdgeTable* table = extended->table.get();
  if (table == nullptr || PlantedBug("covered-block-grows")) return;
  table->covered = std::min(table->covered, extended->blocks.back().number);
}

void Adjacency::MakePlainIfPossible(AdjacencyGroup* group) {
  const ExtendedGroup& extended = *group->extended;
  const EdgeBlock& last = extended.blocks.back();
  if (extended.blocks.size() == 1 && extended.dead_count == 0 &&
      (last.first_ordinal + last.removed == 0 || !history_->IsAlive(group->history))) {
    MakePlain(group);
  }
}

void Adjacency::CompactBlock(AdjacencyGroup* group, const GroupKey& key, size_t index,
                             Csn horizon) {
  ExtendedGroup* extended = group->extended;
  EdgeBlock& block = extended->blocks[index];
  const uint32_t garbage = CountGarbage(block, horizon);
  auto& log = block.dead->log;
  std::vector<bool> drop(block.count);
  for (uint32_t i = 0; i < garbage; ++i) drop[log[i].offset] = true;
  log.erase(log.begin(), log.begin() + garbage);
  meter_->Remove(garbage * sizeof(Tombstones::Dead));

  EdgeBlock kept;
  kept.capacity_class = ClassForCount(block.count - garbage);
  kept.data = AllocateEntries(kept.capacity_class);
  std::vector<uint32_t> new_offset(block.count);
  for (uint32_t offset = 0; offset < block.count; ++offset) {
    const Entry entry{block.neighbours()[offset], block.sequences()[offset]};
    if (drop[offset]) {
      if (extended->table != nullptr) {
        const EdgeId edge = EdgeOfEntry(key.vertex, key.incoming, entry.neighbour, entry.sequence);
        extended->table->places.Erase(edge.value());
      }
      continue;
    }
    new_offset[offset] = kept.count;
    const_cast<uint64_t*>(kept.neighbours())[kept.count] = entry.neighbour;
    const_cast<uint32_t*>(kept.sequences())[kept.count] = entry.sequence;
    ++kept.count;
  }
  FreeBlockEntries(block);
  block.data = kept.data;
  block.capacity_class = kept.capacity_class;
  block.is_inline = false;
  block.count = kept.count;
  block.removed += garbage;
  extended->dead_count -= garbage;
  group->count -= garbage;
  if (log.empty()) return DropTombstones(&block);
  std::fill(block.dead->bits.begin(), block.dead->bits.end(), 0);
  for (Tombstones::Dead& dead : log) {
    dead.offset = new_offset[dead.offset];
    block.Mark(dead.offset);
  }
}

bool Adjacency::CanMergeWithNext(const ExtendedGroup& extended, size_t index) const {
  if (index + 1 >= extended.blocks.size()) return false;
  const EdgeBlock& first = extended.blocks[index];
  const EdgeBlock& second = extended.blocks[index + 1];
  if (first.count == 0 || second.count == 0) return true;
  return first.dead == nullptr && second.dead == nullptr &&
         first.count + second.count <= kBlockEntryCount / 2;
}

void Adjacency::MergeWithNext(AdjacencyGroup* group, const GroupKey& key, size_t index) {
  ExtendedGroup* extended = group->extended;
  EdgeBlock& first = extended->blocks[index];
  EdgeBlock& second = extended->blocks[index + 1];
  if (first.count == 0) {
    FreeBlockEntries(first);
    second.first_ordinal = first.first_ordinal;
    second.removed += first.removed;
    first = std::move(second);
  } else {
    const uint32_t total = first.count + second.count;
    const size_t table_bytes =
        extended->table == nullptr ? 0 : extended->table->places.memory_bytes();
    if (second.count != 0 && total > CapacityOfClass(first.capacity_class)) {
      ResizeBlock(&first, ClassForCount(total));
    }
    for (uint32_t offset = 0; offset < second.count; ++offset) {
      const uint64_t neighbour = second.neighbours()[offset];
      const uint32_t sequence = second.sequences()[offset];
      const_cast<uint64_t*>(first.neighbours())[first.count] = neighbour;
      const_cast<uint32_t*>(first.sequences())[first.count] = sequence;
      ++first.count;
      if (extended->table != nullptr && first.number < extended->table->covered) {
        const EdgeId edge = EdgeOfEntry(key.vertex, key.incoming, neighbour, sequence);
        extended->table->places[edge.value()] = {first.number, first.count - 1};
      }
    }
    if (extended->table != nullptr) {
      meter_->Add(extended->table->places.memory_bytes() - table_bytes);
    }
    first.removed += second.removed;
    FreeBlockEntries(second);
  }
  extended->blocks.erase(extended->blocks.begin() + static_cast<ptrdiff_t>(index) + 1);
  meter_->Remove(sizeof(EdgeBlock));
}

}  // namespace tidemark::storage
