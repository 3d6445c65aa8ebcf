// SPDX-License-Identifier: Apache-2.0
#include "storage/adjacency/adjacency.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/coding.h"
#include "storage/memory/prefetch.h"

namespace tidemark::storage {
namespace {

constexpr size_t kTombstoneBytes = MemoryMeter::Footprint(sizeof(Tombstones));

size_t EntryArrayBytes(uint8_t capacity_class) {
  return CapacityOfClass(capacity_class) * kEntryBytes;
}
uint64_t* NeighboursIn(char* data) { return reinterpret_cast<uint64_t*>(data); }
uint32_t* SequencesIn(char* data, uint8_t capacity_class) {
  return reinterpret_cast<uint32_t*>(data + size_t{8} * CapacityOfClass(capacity_class));
}
void PutEntry(char* data, uint8_t capacity_class, uint32_t at, const Adjacency::Entry& entry) {
  NeighboursIn(data)[at] = entry.neighbour;
  SequencesIn(data, capacity_class)[at] = entry.sequence;
}

struct EntryArray {
  char* data;
  uint8_t capacity_class;
};
void CopyEntries(EntryArray from, uint32_t count, EntryArray to) {
  if (count == 0) return;
  std::memcpy(NeighboursIn(to.data), NeighboursIn(from.data), count * sizeof(uint64_t));
  std::memcpy(SequencesIn(to.data, to.capacity_class), SequencesIn(from.data, from.capacity_class),
              count * sizeof(uint32_t));
}

}  // namespace

char* Adjacency::AllocateEntries(uint8_t capacity_class) {
  return capacity_class == 0 ? nullptr : meter_->Allocate(EntryArrayBytes(capacity_class));
}

void Adjacency::FreeEntries(char* data, uint8_t capacity_class) {
  meter_->Free(data, EntryArrayBytes(capacity_class));
}

char* Adjacency::Resize(char* data, uint32_t count, uint8_t from, uint8_t to) {
  char* result = AllocateEntries(to);
  CopyEntries({data, from}, count, {result, to});
  FreeEntries(data, from);
  return result;
}

void Adjacency::ResizeBlock(EdgeBlock* block, uint8_t to) {
  char* result = AllocateEntries(to);
  CopyEntries({block->data, block->capacity_class}, block->count, {result, to});
  FreeBlockEntries(*block);
  block->data = result;
  block->capacity_class = to;
  block->is_inline = false;
}

void Adjacency::Extend(AdjacencyGroup* group) {
  const auto capacity_class = static_cast<uint8_t>(group->capacity_class);
  const bool is_small = group->count != 0 && group->count <= EdgeBlock::kWordBits;
  ExtendedGroup blank;
  blank.inline_class = is_small ? capacity_class : 0;
  auto* extended =
      new (meter_->AllocateAligned(blank.allocated_bytes())) ExtendedGroup(std::move(blank));
  AddBlock(extended);
  NoteNewShape(extended);
  EdgeBlock& block = extended->blocks.back();
  block.data = group->data;
  block.count = group->count;
  block.capacity_class = capacity_class;
  if (is_small) {
    block.data = extended->inline_data();
    block.is_inline = true;
    CopyEntries({group->data, capacity_class}, group->count, {block.data, capacity_class});
    FreeEntries(group->data, capacity_class);
  }
  extended->SetInlineWord();
  group->extended = extended;
  group->is_extended = 1;
  group->capacity_class = 0;
}

void Adjacency::MakePlain(AdjacencyGroup* group) {
  ExtendedGroup* extended = group->extended;
  CHECK_EQ(extended->blocks.size(), 1u);
  EdgeBlock& block = extended->blocks.back();
  if (block.is_inline) ResizeBlock(&block, block.capacity_class);
  group->capacity_class = block.capacity_class;
  group->is_extended = 0;
  char* data = block.data;
  CHECK(block.dead == nullptr);
  DropTable(extended);
  FreeExtended(extended);
  group->data = data;
}

void Adjacency::FreeExtended(ExtendedGroup* extended) {
  const size_t bytes = extended->allocated_bytes();
  extended->~ExtendedGroup();
  meter_->Free(extended, bytes);
}

void Adjacency::AddBlock(ExtendedGroup* extended) {
  EdgeBlock block;
  block.number = extended->next_number++;
  if (!extended->blocks.empty()) block.first_ordinal = extended->blocks.back().end_ordinal();
  if (!extended->blocks.empty()) meter_->Add(sizeof(EdgeBlock));  // the first is inside
  extended->blocks.push_back(std::move(block));
}

void Adjacency::Append(AdjacencyGroup* group, const GroupKey& key, Entry entry, Csn csn,
                       bool keep_history) {
  if (keep_history && group->last_csn != csn.value()) {
    group->history = history_->Push(
        key, {csn, group->ordinal_end(), LastSequence(*group), entry.sequence}, group->history);
  }
  group->last_csn = csn.value();
  if (!group->is_extended && group->count == kBlockEntryCount) Extend(group);
  if (group->is_extended) return AppendExtended(group, entry);
  auto capacity_class = static_cast<uint8_t>(group->capacity_class);
  if (group->count == CapacityOfClass(capacity_class)) {
    group->data = Resize(group->data, group->count, capacity_class, capacity_class + 1);
    group->capacity_class = ++capacity_class;
  }
  PutEntry(group->data, capacity_class, group->count++, entry);
}

void Adjacency::AppendColumns(AdjacencyGroup* group, const GroupKey& key,
                              const EntryColumns& columns, Csn csn) {
  if (group->is_extended || group->count + columns.count > kBlockEntryCount) {
    for (size_t i = 0; i < columns.count; ++i) {
      Append(group, key,
             {LoadFixed64(columns.neighbours + i * sizeof(uint64_t)),
              LoadFixed32(columns.sequences + i * sizeof(uint32_t))},
             csn, false);
    }
    return;
  }
  Reserve(group, group->count + static_cast<uint32_t>(columns.count));
  const auto capacity_class = static_cast<uint8_t>(group->capacity_class);
  std::memcpy(NeighboursIn(group->data) + group->count, columns.neighbours,
              columns.count * sizeof(uint64_t));
  std::memcpy(SequencesIn(group->data, capacity_class) + group->count, columns.sequences,
              columns.count * sizeof(uint32_t));
  group->count += static_cast<uint32_t>(columns.count);
  group->last_csn = csn.value();
}

void Adjacency::Reserve(AdjacencyGroup* group, uint32_t count) {
  const auto capacity_class = static_cast<uint8_t>(group->capacity_class);
  if (count <= CapacityOfClass(capacity_class)) return;
  const uint8_t wider = ClassForCount(count);
  group->data = Resize(group->data, group->count, capacity_class, wider);
  group->capacity_class = wider;
}

void Adjacency::PrefetchEnd(const AdjacencyGroup& group) {
  if (group.is_extended || group.data == nullptr) return;
  const uint32_t capacity = CapacityOfClass(static_cast<uint8_t>(group.capacity_class));
  Prefetch(group.data + size_t{8} * group.count);
  Prefetch(group.data + size_t{8} * capacity + size_t{4} * group.count);
}

void Adjacency::AppendExtended(AdjacencyGroup* group, Entry entry) {
  ExtendedGroup* extended = group->extended;
  if (extended->blocks.back().count == kBlockEntryCount) AddBlock(extended);
  EdgeBlock& block = extended->blocks.back();
  if (block.count == CapacityOfClass(block.capacity_class)) {
    // A block behind a full one will most likely be filled: no small steps.
    const uint8_t next = extended->blocks.size() > 1 && block.count != 0
                             ? kLastCapacityClass
                             : static_cast<uint8_t>(block.capacity_class + 1);
    ResizeBlock(&block, next);
  }
  PutEntry(block.data, block.capacity_class, block.count++, entry);
  if (block.dead != nullptr) block.dead->Cover(block.count);
  ++group->count;
  extended->SetInlineWord();
}

bool Adjacency::Bury(AdjacencyGroup* group, EntryPosition at, Csn csn) {
  if (!group->is_extended) Extend(group);
  ExtendedGroup* extended = group->extended;
  EdgeBlock& block = extended->blocks[at.block];
  if (block.dead == nullptr) {
    block.dead = std::make_unique<Tombstones>();
    meter_->Add(kTombstoneBytes);
  }
  block.dead->Cover(block.count);
  if (block.IsDead(at.offset)) return false;
  block.Mark(at.offset);
  extended->SetInlineWord();
  block.dead->log.push_back({csn.value(), at.offset});
  meter_->Add(sizeof(Tombstones::Dead));
  ++extended->dead_count;
  extended->hint_number = block.number;
  extended->hint_offset = at.offset;
  group->last_csn = csn.value();
  return true;
}

void Adjacency::Unbury(AdjacencyGroup* group, Csn csn) {
  if (!group->is_extended) return;
  for (EdgeBlock& block : group->extended->blocks) {
    if (block.dead == nullptr) continue;
    auto& log = block.dead->log;
    while (!log.empty() && log.back().csn > csn.value()) {
      block.Unmark(log.back().offset);
      log.pop_back();
      meter_->Remove(sizeof(Tombstones::Dead));
      --group->extended->dead_count;
    }
    if (log.empty()) DropTombstones(&block);
  }
  group->extended->SetInlineWord();
  RestoreLastCsn(group);
}

void Adjacency::RestoreLastCsn(AdjacencyGroup* group) {
  group->last_csn = history_->CsnOf(group->history);
  if (!group->is_extended) return;
  for (const EdgeBlock& block : group->extended->blocks) {
    if (block.dead == nullptr || block.dead->log.empty()) continue;
    group->last_csn = std::max(group->last_csn, block.dead->log.back().csn);
  }
}

void Adjacency::Truncate(AdjacencyGroup* group, uint64_t length, uint64_t history,
                         const std::function<void(const Entry&)>& removed) {
  RemoveFrom(group, length, removed);
  group->history = history;
  RestoreLastCsn(group);
}

void Adjacency::RemoveFrom(AdjacencyGroup* group, uint64_t length,
                           const std::function<void(const Entry&)>& removed) {
  if (!group->is_extended) {
    CHECK_LE(length, group->count);
    const BlockView view = ViewBlock(*group, 0);
    while (group->count > length) {
      --group->count;
      removed({view.neighbours[group->count], view.sequences[group->count]});
    }
    return;
  }
  ExtendedGroup* extended = group->extended;
  DropTable(extended);
  NoteNewShape(extended);
  while (true) {
    EdgeBlock& block = extended->blocks.back();
    const uint32_t kept = block.CountWithin(length);
    while (block.count > kept) {
      --block.count;
      --group->count;
      CHECK(!block.IsDead(block.count));
      removed({block.neighbours()[block.count], block.sequences()[block.count]});
    }
    if (extended->blocks.size() == 1 || block.first_ordinal < length) break;
    CHECK_EQ(block.removed, 0u);
    DropTombstones(&block);
    FreeBlockEntries(block);
    extended->blocks.pop_back();
    meter_->Remove(sizeof(EdgeBlock));
  }
  extended->SetInlineWord();
  CHECK_EQ(group->ordinal_end(), length);
}

bool Adjacency::Free(AdjacencyGroup* group, int64_t* units) {
  if (!group->is_extended) {
    FreeEntries(group->data, static_cast<uint8_t>(group->capacity_class));
    *group = AdjacencyGroup();
    --*units;
    return true;
  }
  ExtendedGroup* extended = group->extended;
  DropTable(extended);
  while (!extended->blocks.empty()) {
    if (--*units < 0) return false;
    EdgeBlock& block = extended->blocks.back();
    DropTombstones(&block);
    FreeBlockEntries(block);
    if (extended->blocks.size() > 1) meter_->Remove(sizeof(EdgeBlock));
    extended->blocks.pop_back();
  }
  FreeExtended(extended);
  *group = AdjacencyGroup();
  return true;
}

void Adjacency::DropTable(ExtendedGroup* extended) {
  if (extended->table == nullptr) return;
  meter_->Remove(extended->table->places.memory_bytes());
  extended->table.reset();
}

void Adjacency::DropTombstones(EdgeBlock* block) {
  if (block->dead == nullptr) return;
  meter_->Remove(kTombstoneBytes + block->dead->log.size() * sizeof(Tombstones::Dead));
  block->dead.reset();
}

void Adjacency::CheckGroup(const AdjacencyGroup& group, const GroupKey& key) {
  if (!group.is_extended) {
    CHECK_LE(group.count, CapacityOfClass(static_cast<uint8_t>(group.capacity_class)));
    return;
  }
  const ExtendedGroup& extended = *group.extended;
  CHECK(!extended.blocks.empty());
  uint64_t count = 0;
  uint64_t dead = 0;
  for (size_t i = 0; i < extended.blocks.size(); ++i) {
    const EdgeBlock& block = extended.blocks[i];
    CHECK_LE(block.count, CapacityOfClass(block.capacity_class));
    CHECK_LT(block.number, extended.next_number);
    CHECK(!block.is_inline || block.data == group.extended->inline_data());
    count += block.count;
    if (i != 0) {
      CHECK_GT(block.number, extended.blocks[i - 1].number);
      CHECK_EQ(block.first_ordinal, extended.blocks[i - 1].end_ordinal());
    }
    if (block.dead == nullptr) continue;
    dead += block.dead->log.size();
    CHECK_GE(block.dead->bits.size() * EdgeBlock::kWordBits, block.count);
    uint64_t csn = 0;
    for (const Tombstones::Dead& tombstone : block.dead->log) {
      CHECK_GE(tombstone.csn, csn);
      CHECK_LT(tombstone.offset, block.count);
      CHECK(block.IsDead(tombstone.offset));
      csn = tombstone.csn;
    }
  }
  CHECK_EQ(*group.extended->inline_word(), extended.InlineWord());
  CHECK_EQ(count, group.count);
  CHECK_EQ(dead, extended.dead_count);
  if (extended.table != nullptr) CheckTable(group, key);
}

void Adjacency::CheckTable(const AdjacencyGroup& group, const GroupKey& key) {
  const ExtendedGroup& extended = *group.extended;
  const EdgeTable& table = *extended.table;
  CHECK_LE(table.covered, extended.blocks.back().number) << "the last block grows";
  for (size_t i = 0; i < extended.blocks.size(); ++i) {
    const BlockView view = ViewBlock(group, i);
    const bool is_covered = view.block->number < table.covered;
    for (uint32_t offset = 0; offset < view.count; ++offset) {
      const EdgeId edge =
          EdgeOfEntry(key.vertex, key.incoming, view.neighbours[offset], view.sequences[offset]);
      if (!is_covered && table.places.Find(edge.value()) == nullptr) continue;
      const auto at = FindInTable(group, edge);
      CHECK(at.has_value() && at->block == i && at->offset == offset)
          << "the table does not know where edge " << edge << " is";
    }
  }
}

}  // namespace tidemark::storage
