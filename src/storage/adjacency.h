// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "base/ids.h"
#include "storage/adjacency_group.h"
#include "storage/history_log.h"
#include "storage/memory_meter.h"

namespace tidemark::storage {

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
  // Marks the entry of `edge` deleted. False when there is none that is alive.
  bool Bury(AdjacencyGroup* group, const GroupKey& key, EdgeId edge, Csn csn);
  // Whether the group has an entry of `edge`, alive or with a tombstone above the horizon.
  bool Contains(AdjacencyGroup* group, const GroupKey& key, EdgeId edge);

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

  // CHECKs the form of the group. Slow.
  static void CheckGroup(const AdjacencyGroup& group);

 private:
  struct Position {
    size_t block;
    uint32_t offset;
  };

  char* AllocateEntries(uint8_t capacity_class);
  void FreeEntries(char* data, uint8_t capacity_class);
  // The same entries in an array of another class.
  char* Resize(char* data, uint32_t count, uint8_t from, uint8_t to);
  void Extend(AdjacencyGroup* group);
  void MakePlain(AdjacencyGroup* group);
  void AddBlock(ExtendedGroup* extended);
  void AppendExtended(AdjacencyGroup* group, Entry entry);
  std::optional<Position> Find(AdjacencyGroup* group, const GroupKey& key, EdgeId edge);
  std::optional<Position> FindAtHint(const AdjacencyGroup& group, EdgeId edge) const;
  std::optional<Position> FindByTable(AdjacencyGroup* group, const GroupKey& key, EdgeId edge);
  void CoverNextBlock(AdjacencyGroup* group, const GroupKey& key);
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
  bool CanMergeWithNext(const ExtendedGroup& extended, size_t index) const;
  void DropTable(ExtendedGroup* extended);
  void DropTombstones(EdgeBlock* block);
  static uint64_t OrdinalLength(const AdjacencyGroup& group) {
    return group.is_extended ? group.extended->blocks.back().end_ordinal() : group.count;
  }

  MemoryMeter* meter_;
  HistoryLog* history_;
};

}  // namespace tidemark::storage
