// SPDX-License-Identifier: Apache-2.0
// The bodies of WAL records (docs/formats/wal.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/file_format.h"

namespace tidemark::durability {

// A transaction's changes on this worker; head.csn is its number.
struct WalCommit {
  TxId tx;
  NodeSet participants;
  uint32_t part_count = 0;   // TxParts of (epoch, tx) that come before `mutations`
  uint64_t part_digest = 0;  // see ChainPartDigest
  std::string_view mutations;
};
// Early mutations of a transaction that has not committed yet; counts only when a Commit of the
// same epoch closes it.
struct WalTxPart {
  TxId tx;
  uint32_t index = 0;  // 0, 1, 2 ...
  std::string_view mutations;
};
// What must be known to go on from here. The body of Epoch, Watermark and SegmentStart records, so
// that each of them is enough on its own.
struct WalBase {
  Epoch epoch;         // newest epoch
  Csn base;            // commits of older epochs above it are dead
  Csn last_csn;        // newest commit before this record
  Csn watermark;       // highest one that the master log is known to hold
  Csn watermark_last;  // newest commit <= watermark; must be in the log or <= complete_after
  Csn complete_after;  // the log holds every commit of this worker above it

  friend bool operator==(const WalBase&, const WalBase&) = default;
};

void AppendWalCommit(const WalCommit& commit, std::string* out);
void AppendWalTxPart(const WalTxPart& part, std::string* out);
void AppendWalBase(const WalBase& base, std::string* out);
// kDataLoss when malformed. Views point into `body`.
absl::StatusOr<WalCommit> DecodeWalCommit(std::string_view body);
absl::StatusOr<WalTxPart> DecodeWalTxPart(std::string_view body);
absl::StatusOr<WalBase> DecodeWalBase(std::string_view body);

// The digest of parts 0 ... n, from that of 0 ... n - 1 (0 before the first).
uint64_t ChainPartDigest(uint64_t digest, std::string_view part);

}  // namespace tidemark::durability
