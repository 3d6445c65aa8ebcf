// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "durability/file_format.h"
#include "durability/wal/wal_record.h"

namespace tidemark::durability {

// A place in the WAL. Order is log order.
struct WalPosition {
  uint64_t segment = 0;  // segment number
  uint64_t offset = 0;   // in that file
  friend auto operator<=>(const WalPosition&, const WalPosition&) = default;
};

// A commit above the noted watermark.
struct WalTailEntry {
  Epoch epoch;
  Csn csn;
  NodeSet participants;
  Csn previous_csn;   // newest commit before it
  WalPosition begin;  // of its record
  WalPosition end;
  uint64_t sequence = 0;        // of its record
  uint64_t appended_bytes = 0;  // of the writer, at the end of its record; 0 after a scan
};

struct WalSegment {
  uint64_t number = 0;
  uint64_t used_bytes = 0;       // end of the last record
  Csn last_before;               // newest commit before the segment
  Csn newest_closing;            // newest commit that closed a TxPart of this segment
  uint64_t open_part_count = 0;  // TxParts of open transactions
  uint64_t appended_bytes = 0;   // of the writer, at the end of its SegmentStart; 0 after a scan
};

// The parts of an open transaction.
struct WalOpenParts {
  uint32_t count = 0;
  uint64_t digest = 0;
  std::vector<WalPosition> positions;
};

// What is in a WAL: the result of a scan, and what the writer goes on from.
// Threads: a value type.
struct WalState {
  WalBase base;  // newest; base.last_csn = newest live commit
  uint64_t next_sequence = 1;
  // Live commits above base.watermark, ascending, in log order.
  std::deque<WalTailEntry> tail;
  std::deque<WalSegment> segments;  // ascending numbers without gap, up to the one of `end`
  WalPosition end;                  // where the next record goes; segment 0 = there is none
  WalPosition watermark_end;        // behind the newest commit <= base.watermark, if known
  // Every Epoch record and SegmentStart that was seen, ascending epochs.
  std::vector<std::pair<Epoch, Csn>> epochs;

  // Where the parts of commits are that a scan found, by (epoch, csn); only of commits that have
  // all their parts.
  std::map<std::pair<Epoch, Csn>, std::vector<WalPosition>> parts;
  // Of a scan only. Bytes behind `end` that are not zero, and segments behind that of `end`: both
  // are removed by a cut before anything is appended.
  WalPosition torn;  // where the first record is that is not valid; segment 0 = zeroes follow
  uint64_t torn_bytes = 0;
  std::vector<uint64_t> segments_behind;  // ascending numbers
  std::vector<std::string> remarks;       // for people: a torn tail and its place

  // A later epoch in this log declared the commit dead.
  bool IsDead(Epoch epoch, Csn csn) const;
  // The newest commit <= `watermark`. REQUIRES: watermark >= base.watermark.
  Csn NewestThrough(Csn watermark) const;
  // Raises base.watermark, forgets the tail at or below it. REQUIRES: not lower than before.
  void AdvanceWatermark(Csn watermark);
  // Forgets commits above `csn`. REQUIRES: csn >= base.watermark.
  void DropAbove(Csn csn);
  // "<path>, offset <n>": where the log ends; for messages.
  std::string DescribeEnd(std::string_view directory) const;
  // CHECKs what must hold.
  void CheckInvariants() const;
};

}  // namespace tidemark::durability
