// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "durability/master_log/master_log_state.h"
#include "durability/snapshot/snapshot_format.h"
#include "durability/wal/wal_reader.h"
#include "durability/wal/wal_state.h"
#include "env/file_system.h"

namespace tidemark::durability {

struct MasterDirectoryReport {
  FileIdentity identity;
  MasterLogState state;
  std::string log_end;              // "<path>, offset <n>"
  std::vector<std::string> errors;  // each names a path, and offset and csn where there are any
  std::vector<std::string> remarks;
};
// Checks IDENTITY and every generation of the master log. Errors of single files are in the report;
// a directory that is not a master's is an error. Blocks; takes no lock; changes nothing.
absl::StatusOr<MasterDirectoryReport> VerifyMasterDirectory(env::FileSystem* files,
                                                            const std::string& path);

struct WorkerDirectoryReport {
  FileIdentity identity;
  std::vector<SnapshotInfo> snapshots;  // those that could be read
  WalState wal;
  // Newest commit <= the watermark that was given, else <= the one the WAL knows.
  Csn last_csn;
  std::vector<std::string> errors;
  std::vector<std::string> remarks;
};
// Checks IDENTITY, every byte of every snapshot and every WAL record, and, with the report of the
// `master`, cluster id, the newest commit below the watermark, and that every complete snapshot is
// there.
absl::StatusOr<WorkerDirectoryReport> VerifyWorkerDirectory(env::FileSystem* files,
                                                            const std::string& path,
                                                            const MasterDirectoryReport* master);

}  // namespace tidemark::durability
