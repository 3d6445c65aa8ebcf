// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "durability/record_reader.h"
#include "durability/wal/wal_state.h"
#include "env/file_system.h"

namespace tidemark::durability {

// What somebody else knows of a WAL: the Watermark record of the master log names, for each worker,
// the newest commit <= the watermark. Zero: nothing known.
struct WalExpectation {
  Csn watermark;
  Csn last_csn;
};

// Reads and verifies every record of the WAL in `directory`. The log ends at the first record whose
// checksum, length, kind, sequence or epoch is wrong. That is damage (kDataLoss, naming path,
// offset and csn) when anything, behind the end too, shows that a commit at or below a watermark
// was there; else it is a torn tail and stays in the result for the cut. A damaged file header or a
// missing segment is always damage. No folder, or an empty one, is an empty WAL.
// Blocks; changes nothing. Threads: any.
absl::StatusOr<WalState> ScanWal(env::FileSystem* files, const std::string& directory,
                                 const FileIdentity& identity,
                                 const WalExpectation& expectation = {});

// A commit of some epoch.
struct EpochCsn {
  Epoch epoch;
  Csn csn;
  friend auto operator<=>(const EpochCsn&, const EpochCsn&) = default;
};

// Hands out the mutations of all live, complete transactions with csn in (after, through], in csn
// order: first a transaction's TxParts, then what its Commit record holds. Holds one record in
// memory at a time.
// Owner: recovery of a worker. Threads: one (usually a kRecovery job); blocks.
// Errors: kDataLoss as in ScanWal; a TxPart that is missing or does not match the digest is damage.
// REQUIRES: `state` is the result of ScanWal on the same directory, or WalWriter::state() before
// anything is appended; it outlives the object and does not change.
class WalReplay {
 public:
  struct Range {
    Csn after;  // REQUIRES: >= state.base.complete_after
    Csn through;
    std::vector<EpochCsn> dead;  // commits that the master declared dead though in the range
  };
  WalReplay(env::FileSystem* files, std::string directory, const FileIdentity& identity,
            const WalState* state, Range range);
  ~WalReplay();

  struct Chunk {
    Csn csn;
    std::string_view mutations;  // until the next call
    bool last = false;           // the transaction's last chunk
  };
  // False at the end.
  absl::StatusOr<bool> Next(Chunk* chunk);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace tidemark::durability
