// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "storage/adjacency/adjacency_group.h"
#include "storage/adjacency/history_log.h"

namespace tidemark::storage {

// What a reader of commits <= csn sees of one group: a prefix in commit order without the
// tombstones up to csn. The set does not change as long as csn >= horizon, so "the n-th visible
// entry" names a place to go on from whatever happens to the group meanwhile.
// Threads: one. Valid until the group changes.
class GroupScan {
 public:
  GroupScan(const AdjacencyGroup& group, const HistoryLog& history, Csn csn)
      : group_(group), csn_(csn), is_newest_(group.last_csn <= csn.value()) {
    if (!is_newest_) {
      length_ = history.LengthAt(group.history, csn).value_or(UINT64_MAX);
    }
  }

  // Calls visit(neighbour, sequence) for the visible entries from the `skip`-th on, until it
  // returns false. Returns the number of the first entry not visited, UINT64_MAX at the end.
  template <typename Visit>
  uint64_t Run(uint64_t skip, Visit&& visit) const {
    uint64_t passed = 0;
    const size_t block_count = group_.block_count();
    for (size_t i = 0; i < block_count; ++i) {
      const BlockView view = ViewBlock(group_, i);
      const uint32_t count = Limit(view);
      // Whoever goes on from far into a hub passes many blocks: without looking at their entries.
      if (passed < skip) {
        const uint32_t visible = count - CountDead(view);
        if (passed + visible <= skip) {
          passed += visible;
          continue;
        }
      }
      uint64_t scratch[Tombstones::kMaxWordCount];
      const uint64_t* dead = DeadBits(view, scratch);
      uint32_t offset = 0;
      if (passed < skip) offset = Skip(dead, static_cast<uint32_t>(skip - passed));
      passed = std::max(passed, skip);
      for (; offset < count; ++offset) {
        if (dead != nullptr && (dead[offset / 64] >> (offset % 64) & 1) != 0) continue;
        if (!visit(view.neighbours[offset], view.sequences[offset])) return passed;
        ++passed;
      }
    }
    return UINT64_MAX;
  }
  // Calls visit(neighbours, sequences, count) for runs of the visible entries from the `skip`-th
  // on, `max_count` in all. Returns the number of the first entry not visited, UINT64_MAX at the
  // end.
  template <typename Visit>
  uint64_t RunInRuns(uint64_t skip, uint64_t max_count, Visit&& visit) const {
    uint64_t passed = 0;
    const size_t block_count = group_.block_count();
    for (size_t i = 0; i < block_count; ++i) {
      const BlockView view = ViewBlock(group_, i);
      const uint32_t count = Limit(view);
      const uint32_t visible = count - CountDead(view);
      if (passed + visible <= skip) {
        passed += visible;
        continue;
      }
      const auto first = static_cast<uint32_t>(passed < skip ? skip - passed : 0);
      const auto wanted = static_cast<uint32_t>(std::min<uint64_t>(visible - first, max_count));
      if (wanted != 0 && visible == count) {
        visit(view.neighbours + first, view.sequences + first, wanted);
      } else if (wanted != 0) {
        VisitRuns(view, first, wanted, visit);
      }
      max_count -= wanted;
      if (first + wanted < visible) return passed + first + wanted;
      passed += visible;
    }
    return UINT64_MAX;
  }
  // How many entries are visible; looks at blocks, not at entries.
  uint64_t Count() const {
    uint64_t visible = 0;
    for (size_t i = 0; i < group_.block_count(); ++i) {
      const BlockView view = ViewBlock(group_, i);
      visible += Limit(view) - CountDead(view);
    }
    return visible;
  }
  // The number of entries of the block within the prefix, tombstones included.
  uint32_t Limit(const BlockView& view) const {
    if (length_ == UINT64_MAX) return view.count;
    if (view.block != nullptr) return view.block->CountWithin(length_);
    return static_cast<uint32_t>(std::min<uint64_t>(length_, view.count));
  }
  // The bits of the entries that are deleted for the reader; null when there are none.
  const uint64_t* DeadBits(const BlockView& view, uint64_t* scratch) const {
    if (view.block == nullptr) return nullptr;
    if (is_newest_) return view.block->words();
    if (view.block->dead == nullptr) return nullptr;
    const Tombstones& dead = *view.block->dead;
    std::copy(dead.bits.begin(), dead.bits.end(), scratch);
    for (size_t i = dead.log.size(); i-- > 0 && dead.log[i].csn > csn_.value();) {
      scratch[dead.log[i].offset / 64] &= ~(uint64_t{1} << dead.log[i].offset % 64);
    }
    return scratch;
  }

 private:
  // How many entries are deleted for the reader, who sees all of these appended: they were there
  // when they were deleted.
  uint32_t CountDead(const BlockView& view) const {
    if (view.block == nullptr) return 0;
    if (is_newest_) return view.block->dead_count();
    return view.block->dead == nullptr ? 0 : view.block->dead->CountThrough(csn_);
  }
  // Visits the runs between tombstones that hold `wanted` visible entries, behind `skip` of them.
  // REQUIRES: wanted != 0, and the block has skip + wanted visible ones.
  template <typename Visit>
  void VisitRuns(const BlockView& view, uint32_t skip, uint32_t wanted, Visit&& visit) const {
    uint64_t scratch[Tombstones::kMaxWordCount];
    const uint64_t* dead = DeadBits(view, scratch);
    uint32_t offset = Skip(dead, skip);
    while (wanted != 0) {
      const uint32_t run = std::min(wanted, NextDead(dead, offset, view.count) - offset);
      if (run != 0) visit(view.neighbours + offset, view.sequences + offset, run);
      wanted -= run;
      offset += run + 1;
    }
  }
  // The offset of the first tombstone from `offset` on, `count` when there is none.
  static uint32_t NextDead(const uint64_t* dead, uint32_t offset, uint32_t count) {
    if (offset >= count) return count;
    uint64_t word = dead[offset / 64] & ~uint64_t{0} << offset % 64;
    for (offset -= offset % 64; word == 0; word = dead[offset / 64]) {
      offset += 64;
      if (offset >= count) return count;
    }
    return std::min(count, offset + static_cast<uint32_t>(std::countr_zero(word)));
  }
  // The offset of the visible entry with `skip` visible ones before it.
  static uint32_t Skip(const uint64_t* dead, uint32_t skip) {
    if (dead == nullptr) return skip;
    uint32_t offset = 0;
    while (true) {
      const uint32_t alive = 64 - static_cast<uint32_t>(std::popcount(dead[offset / 64]));
      if (alive > skip) break;
      skip -= alive;
      offset += 64;
    }
    for (;; ++offset) {
      if ((dead[offset / 64] >> (offset % 64) & 1) != 0) continue;
      if (skip-- == 0) return offset;
    }
  }

  const AdjacencyGroup& group_;
  const Csn csn_;
  const bool is_newest_;  // for the reader nothing of the group is hidden
  uint64_t length_ = UINT64_MAX;
};

// Whether the edge was added to this outgoing group, its source's, after csn. Each commit adds
// edges by ascending sequence, so it is a binary search in the commits whose range of sequences
// holds it.
inline bool IsNewer(const AdjacencyGroup& group, const HistoryLog& history, Csn csn, EdgeId edge) {
  if (group.last_csn <= csn.value()) return false;
  const uint32_t sequence = edge.sequence();
  const auto search = [&](uint64_t first, uint64_t count) {
    uint64_t end =
        std::min(first + count < first ? UINT64_MAX : first + count, group.ordinal_end());
    while (first < end) {
      const uint64_t middle = first + (end - first) / 2;
      const uint32_t found = group.SequenceAt(middle);
      if (found == sequence) return true;
      (found < sequence ? first : end) = found < sequence ? middle + 1 : middle;
    }
    return false;
  };
  return history.SearchNewer(group.history, csn, sequence, search);
}

}  // namespace tidemark::storage
