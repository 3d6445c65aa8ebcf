// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/ids.h"
#include "storage/adjacency/adjacency_group.h"
#include "storage/adjacency/history_log.h"
#include "storage/memory/memory_meter.h"

namespace tidemark::storage {

// Where an entry is in a group.
struct EntryPosition {
  size_t block;  // its index
  uint32_t offset;
};

// A search for an entry that takes several slices. Whoever searches keeps it from call to call.
struct EntrySearch {
  uint64_t shape = 0;     // of the group when it began; 0 = it has not begun
  uint32_t to_cover = 0;  // entries that the table learns before it goes on
  uint32_t searched = 0;  // no block from this number on has the entry
};

// Changes adjacency groups: appends in commit order, tombstones, compaction below the horizon, and
// the way back for a rollback. Groups live in vertex records; their memory is counted here.
// No call moves more than one block, a rollback apart. Threads: one. Errors: none.
class Adjacency {
 public:
  Adjacency(MemoryMeter* meter, HistoryLog* history) : meter_(meter), history_(history) {}

  struct Entry {
    uint64_t neighbour;
    uint32_t sequence;
  };

  // REQUIRES: csn >= group->last_csn; within one commit appends come before burials.
  // `keep_history` is off while recovering.
  void Append(AdjacencyGroup* group, const GroupKey& key, Entry entry, Csn csn, bool keep_history);
  // `count` entries in columns, unaligned.
  struct EntryColumns {
    const char* neighbours;
    const char* sequences;
    size_t count;
  };
  // Appends many while recovering.
  void AppendColumns(AdjacencyGroup* group, const GroupKey& key, const EntryColumns& columns,
                     Csn csn);
  // Begins to fetch the place of the next entry.
  static void PrefetchEnd(const AdjacencyGroup& group);
  // Whose entry is looked for, where.
  struct EntryKey {
    GroupKey group;
    EdgeId edge;
  };
  // Looks for an entry, alive or with a tombstone above the horizon. In a hub that has not seen a
  // deletion yet this takes long: false when `*units` ran out, the next call with the same search
  // goes on. Without a result it has looked everywhere. A unit is about 12 ns.
  bool Find(AdjacencyGroup* group, const EntryKey& key, EntrySearch* search, int64_t* units,
            std::optional<EntryPosition>* at);
  // Where an entry is that a call of Find has found, as a place that stays right for most changes.
  static EdgePlace PlaceOf(const AdjacencyGroup& group, EntryPosition at);
  // Looks for an entry where it was once; nothing when it has moved to another block since.
  static std::optional<EntryPosition> FindNear(const AdjacencyGroup& group, EdgePlace place,
                                               EdgeId edge);
  static bool IsDead(const AdjacencyGroup& group, EntryPosition at);
  // Marks an entry deleted. False when it was already. REQUIRES: the group has not changed since
  // Find has returned `at`.
  bool Bury(AdjacencyGroup* group, EntryPosition at, Csn csn);
  // Takes out entries whose tombstone is <= horizon, where a block has enough of them. Counts an
  // entry looked at as a unit. True at the end; else `*next_number` (0 = from the start) says where
  // to go on.
  bool Compact(AdjacencyGroup* group, const GroupKey& key, Csn horizon, int64_t* units,
               uint32_t* next_number);
  // The same for the block of the last burial alone.
  void CompactLastBuried(AdjacencyGroup* group, const GroupKey& key, Csn horizon);

  // Rollback: removes tombstones above `csn`.
  void Unbury(AdjacencyGroup* group, Csn csn);
  // Rollback: removes all but the first `length` entries ever appended and tells which, newest
  // first; `history` is the newest link of what is left. REQUIRES: none of them has a tombstone.
  void Truncate(AdjacencyGroup* group, uint64_t length, uint64_t history,
                const std::function<void(const Entry&)>& removed);

  // Frees what the group holds, a unit for each block. True when nothing is left; the group is
  // blank then.
  bool Free(AdjacencyGroup* group, int64_t* units);

  // CHECKs the form of the group, and that a deletion finds every entry. Slow.
  static void CheckGroup(const AdjacencyGroup& group, const GroupKey& key);

 private:
  char* AllocateEntries(uint8_t capacity_class);
  void FreeEntries(char* data, uint8_t capacity_class);
  // The same entries in an array of another class.
  char* Resize(char* data, uint32_t count, uint8_t from, uint8_t to);
  void ResizeBlock(EdgeBlock* block, uint8_t to);
  void FreeBlockEntries(const EdgeBlock& block) {
    if (!block.is_inline) FreeEntries(block.data, block.capacity_class);
  }
  void FreeExtended(ExtendedGroup* extended);
  // Makes room in a plain group. REQUIRES: no more than one array holds.
  void Reserve(AdjacencyGroup* group, uint32_t count);
  void Extend(AdjacencyGroup* group);
  void MakePlain(AdjacencyGroup* group);
  void AddBlock(ExtendedGroup* extended);
  void AppendExtended(AdjacencyGroup* group, Entry entry);
  std::optional<EntryPosition> FindAtHint(const AdjacencyGroup& group, EdgeId edge) const;
  static std::optional<EntryPosition> FindInTable(const AdjacencyGroup& group, EdgeId edge);
  // Searches the blocks, first those that the table does not cover; as Find.
  static bool SearchBlocks(const AdjacencyGroup& group, EdgeId edge, EntrySearch* search,
                           int64_t* units, std::optional<EntryPosition>* at);
  static EntrySearch BeginSearch(ExtendedGroup* extended);
  // Covers the share of a search; false when the slice ends before.
  bool CoverShare(AdjacencyGroup* group, const GroupKey& key, EntrySearch* search, int64_t* units);
  // Covers at most `max_count` entries; how many.
  uint32_t CoverSome(AdjacencyGroup* group, const GroupKey& key, uint32_t max_count);
  // Blocks change: searches begin again, and what the table knows about the block that it covers
  // in part is void.
  void NoteNewShape(ExtendedGroup* extended);
  static void UncoverLastBlock(ExtendedGroup* extended);
  bool IsWorthCompacting(const EdgeBlock& block, Csn horizon) const;
  // Returns the index of the block that has its entries now.
  size_t CompactAndMerge(AdjacencyGroup* group, const GroupKey& key, size_t index, Csn horizon);
  void CompactBlock(AdjacencyGroup* group, const GroupKey& key, size_t index, Csn horizon);
  void MakePlainIfPossible(AdjacencyGroup* group);
  void RemoveFrom(AdjacencyGroup* group, uint64_t length,
                  const std::function<void(const Entry&)>& removed);
  // After a rollback: the newest commit that is left of those above the horizon.
  void RestoreLastCsn(AdjacencyGroup* group);
  void MergeWithNext(AdjacencyGroup* group, const GroupKey& key, size_t index);
  static void CheckTable(const AdjacencyGroup& group, const GroupKey& key);
  bool CanMergeWithNext(const ExtendedGroup& extended, size_t index) const;
  void DropTable(ExtendedGroup* extended);
  void DropTombstones(EdgeBlock* block);
  // The edge sequence of the newest entry, 0 when there is none.
  static uint32_t LastSequence(const AdjacencyGroup& group) {
    if (group.block_count() == 0) return 0;
    const BlockView view = ViewBlock(group, group.block_count() - 1);
    return view.count == 0 ? 0 : view.sequences[view.count - 1];
  }

  MemoryMeter* meter_;
  HistoryLog* history_;
  uint64_t shape_count_ = 0;
};

}  // namespace tidemark::storage
