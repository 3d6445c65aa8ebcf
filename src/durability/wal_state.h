// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"
#include "durability/file_format.h"
#include "durability/wal_record.h"

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
  WalPosition begin;      // of the commit's record
  uint64_t sequence = 0;  // of the commit's record
  Csn previous_csn;       // newest commit before it
};

struct WalSegment {
  uint64_t number = 0;
  uint64_t used_bytes = 0;  // end of the last record
  Csn last_before;          // newest commit before the segment
  uint64_t open_parts = 0;  // TxParts of transactions that are open
  Csn newest_closing;       // newest commit that closed a TxPart of this segment
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
  // Commits above base.watermark, in log order.
  std::deque<WalTailEntry> tail;
  std::deque<WalSegment> segments;  // ascending numbers without gap
  WalPosition end;                  // where the next record goes; segment 0 = no segment
  // Bytes behind `end` that are not zero: a torn tail. Cut before anything is appended.
  uint64_t torn_bytes = 0;
  uint64_t unused_segment_count = 0;  // segments behind the one of `end`: removed by the cut
  // Parts of commits by (epoch, csn); parts whose transaction has no commit are not here.
  std::map<std::pair<Epoch, Csn>, std::vector<WalPosition>> parts;
  // Human readable remarks: a torn tail and its place.
  std::vector<std::string> remarks;

  // CHECKs what must hold.
  void CheckInvariants() const;
};

}  // namespace tidemark::durability
