// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>

#include "base/ids.h"
#include "storage/memory/prefetch.h"

namespace tidemark::storage {

// Names one adjacency group: all edges of one type in one direction at one vertex.
struct GroupKey {
  VertexId vertex;
  TypeId type;
  bool incoming = false;
};

// How long each adjacency group was before each commit above the horizon that made it longer: one
// record per group and commit, in csn order. The records of one group are linked, newest first,
// with jumps, so a reader of any age finds its length in a logarithmic number of steps. Each record
// also knows between which sequences the entries lie that it stands for and jumps over, so whoever
// looks for an edge among the newer ones passes most of them. A link that has left the log means:
// nothing newer than the horizon. Threads: one.
class HistoryLog {
 public:
  struct Record {
    uint64_t csn;
    uint64_t vertex_and_side;  // vertex id << 1 | incoming
    uint64_t length : 44;      // entries ever appended to the group before this commit
    uint64_t type : 20;
    uint32_t previous;  // distance to the group's record before this one; 0 = none
    uint32_t jump;      // distance to an older record of the group; 0 = none
    uint32_t depth;
    // The lowest and highest sequence in the entries of this commit and of the records between this
    // one and its jump. `highest` and `count` are complete when the group's next record comes.
    uint32_t lowest;
    uint32_t highest;
    uint32_t count;  // entries of this commit

    GroupKey key() const {
      return {VertexId(vertex_and_side >> 1), TypeId(type), (vertex_and_side & 1) != 0};
    }
  };
  static_assert(sizeof(Record) == 48);
  // A commit that begins to make a group longer.
  struct Growth {
    Csn csn;
    uint64_t length = 0;         // entries ever appended before
    uint32_t last_sequence = 0;  // of the newest of them
    uint32_t sequence = 0;       // of the commit's first entry
  };
  static constexpr uint64_t kNoLink = 0;

  HistoryLog() = default;
  HistoryLog(const HistoryLog&) = delete;
  HistoryLog& operator=(const HistoryLog&) = delete;

  bool IsAlive(uint64_t link) const { return link >= head_; }
  // The commit of a record, 0 when it has left the log.
  uint64_t CsnOf(uint64_t link) const { return IsAlive(link) ? At(link).csn : 0; }
  void PrefetchRecord(uint64_t link) const {
    if (IsAlive(link)) Prefetch(&At(link));
  }
  // The link of a new record. `newest` is the group's newest link so far, alive or not.
  uint64_t Push(const GroupKey& key, const Growth& growth, uint64_t newest);
  // The number of entries that a reader of commits <= csn sees; nullopt = all of them.
  std::optional<uint64_t> LengthAt(uint64_t newest, Csn csn) const;
  // Calls search(first, count) for the entries of each commit > csn that may hold `sequence`,
  // newest commit first, until it returns true; a count of UINT64_MAX = all that are left. Whether
  // it did. REQUIRES: csn is not below the horizon.
  template <typename Search>
  bool SearchNewer(uint64_t newest, Csn csn, uint32_t sequence, Search&& search) const {
    if (!IsAlive(newest)) return false;
    for (uint64_t link = newest; link != kNoLink && At(link).csn > csn.value();) {
      const Record& record = At(link);
      const bool is_newest = link == newest;
      if (sequence >= record.lowest && (is_newest || sequence <= record.highest)) {
        if (search(uint64_t{record.length}, is_newest ? UINT64_MAX : record.count)) return true;
        link = Older(link, record.previous);
      } else {
        link = Older(link, record.jump != 0 ? record.jump : record.previous);
      }
    }
    return false;
  }

  bool empty() const { return head_ == tail_; }
  const Record& front() const { return At(head_); }
  const Record& back() const { return At(tail_ - 1); }
  // The link to the group's record before back(), kNoLink when it has gone.
  uint64_t LinkBeforeBack() const { return Older(tail_ - 1, back().previous); }
  void PopFront();
  void PopBack();
  void Clear();
  uint64_t record_bytes() const { return (tail_ - head_) * sizeof(Record); }
  uint64_t memory_bytes() const { return chunks_.size() * sizeof(Chunk); }

 private:
  static constexpr uint64_t kChunkRecordCount = 512;
  static constexpr uint32_t kFirstJumpDepth = 8;  // the few before are walked
  struct Chunk {
    Record records[kChunkRecordCount];
  };

  const Record& At(uint64_t link) const {
    return chunks_[link / kChunkRecordCount - first_chunk_]->records[link % kChunkRecordCount];
  }
  Record& At(uint64_t link) {
    return const_cast<Record&>(static_cast<const HistoryLog*>(this)->At(link));
  }
  // Gives a new record its jump; `newest` is the one before it, which is complete.
  void SetJump(uint64_t newest, Record* record) const;
  uint64_t Older(uint64_t link, uint32_t distance) const {
    return distance != 0 && link - distance >= head_ ? link - distance : kNoLink;
  }

  std::deque<std::unique_ptr<Chunk>> chunks_;
  uint64_t first_chunk_ = 0;
  uint64_t head_ = 1;  // links of records: [head_, tail_)
  uint64_t tail_ = 1;
};

}  // namespace tidemark::storage
