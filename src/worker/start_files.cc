// SPDX-License-Identifier: Apache-2.0
#include "worker/start_files.h"

#include <algorithm>
#include <memory>
#include <string>

#include "base/status.h"
#include "durability/wal/wal_reader.h"

namespace tidemark::worker {
namespace {

// Of the files in the folder; what cannot be told counts nothing, because whoever reads it says
// why.
uint64_t BytesIn(env::FileSystem* files, const std::string& folder) {
  uint64_t bytes = 0;
  const absl::StatusOr<std::vector<std::string>> names = files->List(folder);
  if (!names.ok()) return 0;
  for (const std::string& name : *names) {
    const auto file = files->Open(absl::StrCat(folder, "/", name), env::OpenMode::kRead);
    if (!file.ok()) continue;
    bytes += (*file)->Size().value_or(0);
  }
  return bytes;
}

}  // namespace

absl::StatusOr<StartFiles> ReadStartFiles(env::FileSystem* files,
                                          const durability::DataDirectory& directory,
                                          StartProgress* progress) {
  StartFiles result;
  if (!directory.identity().has_value()) return result;
  const durability::FileIdentity& identity = *directory.identity();
  env::MeteredFiles metered(files, &progress->reads);
  progress->all_bytes = BytesIn(&metered, directory.wal_path());
  RETURN_IF_ERROR(durability::RemoveUnfinishedSnapshots(&metered, directory.snapshots_path()));
  ASSIGN_OR_RETURN(result.wal, durability::ScanWal(&metered, directory.wal_path(), identity));
  ASSIGN_OR_RETURN(result.snapshots,
                   durability::ListSnapshots(&metered, directory.snapshots_path(), identity));
  return result;
}

txn::RecoveredFiles DescribeFiles(const StartFiles& files) {
  const durability::WalState& wal = files.wal;
  txn::RecoveredFiles recovered;
  recovered.epoch = wal.base.epoch;
  recovered.watermark = wal.base.watermark;
  recovered.tail_after = wal.base.watermark;
  recovered.last_csn = wal.base.watermark_last;
  recovered.wal_complete_after = wal.base.complete_after;
  recovered.wal_from_start = wal.base.complete_after.value() == 0;
  for (const durability::SnapshotInfo& info : files.snapshots) {
    wire::SnapshotFile file;
    file.set_epoch(info.epoch.value());
    file.set_csn(info.csn.value());
    file.set_digest(info.digest);
    file.set_last_csn(info.last_csn.value());
    recovered.snapshots.push_back(file);
    recovered.epoch = std::max(recovered.epoch, info.epoch);
  }
  for (const durability::WalTailEntry& entry : wal.tail) {
    recovered.tail.push_back({entry.epoch, entry.csn, entry.participants});
  }
  return recovered;
}

}  // namespace tidemark::worker
