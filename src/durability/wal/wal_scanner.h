// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "durability/record_reader.h"
#include "durability/wal/wal_reader.h"
#include "durability/wal/wal_state.h"
#include "env/file_system.h"

namespace tidemark::durability {

// One scan of a WAL: the work behind ScanWal.
// Owner: ScanWal. Threads: one; blocks. Errors: as ScanWal.
class WalScanner {
 public:
  WalScanner(env::FileSystem* files, std::string directory, const FileIdentity& identity,
             const WalExpectation& expectation)
      : files_(files),
        directory_(std::move(directory)),
        identity_(identity),
        expectation_(expectation) {}

  absl::StatusOr<WalState> Run();

 private:
  // What lies behind the end of the log and shows what should have been before it.
  struct Evidence {
    Csn watermark;           // highest one named
    Csn watermark_last;      // the newest commit <= it
    std::optional<Csn> csn;  // lowest live commit above the log's last one
  };

  absl::StatusOr<std::vector<uint64_t>> ListSegments();
  absl::StatusOr<RecordReader> OpenSegment(uint64_t number);
  absl::Status ReadSegment(RecordReader* reader);
  // Takes in the record that follows. False: it cannot follow, the log ends before it.
  absl::StatusOr<bool> Take(const Record& record, uint64_t segment);
  absl::StatusOr<bool> TakeBase(const Record& record, uint64_t segment);
  absl::Status TakeWatermark(const WalBase& base, const WalPosition& at);
  absl::StatusOr<bool> TakeCommit(const Record& record, uint64_t segment);
  absl::StatusOr<bool> TakePart(const Record& record, uint64_t segment);
  void CloseParts(const WalCommit& commit, const Record& record);
  absl::Status CollectEvidence(RecordReader* reader, uint64_t offset);
  absl::Status Judge() const;
  absl::Status Damage(const WalPosition& at, std::string_view what) const;
  std::string PathOf(uint64_t segment) const;

  env::FileSystem* files_;
  const std::string directory_;
  const FileIdentity identity_;
  const WalExpectation expectation_;
  WalState state_;
  absl::flat_hash_map<std::pair<Epoch, TxId>, WalOpenParts> open_parts_;
  bool ended_ = false;
  WalPosition break_;  // where the first record that is not valid should be
  Evidence evidence_;
};

}  // namespace tidemark::durability
