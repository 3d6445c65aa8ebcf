// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/status.h"
#include "durability/snapshot/snapshot_reader.h"

namespace tidemark::durability {
namespace {

struct Named {
  Epoch epoch;
  Csn csn;
  std::string path;
};

// The complete snapshots by name, ascending (csn, epoch). Empty when there is no such folder.
absl::StatusOr<std::vector<Named>> ListNames(env::FileSystem* files, const std::string& directory) {
  std::vector<Named> found;
  const absl::StatusOr<std::vector<std::string>> names = files->List(directory);
  if (absl::IsNotFound(names.status())) return found;
  RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    Named named;
    if (!ParseSnapshotName(name, &named.epoch, &named.csn)) continue;
    named.path = absl::StrCat(directory, "/", name);
    found.push_back(std::move(named));
  }
  std::sort(found.begin(), found.end(), [](const Named& a, const Named& b) {
    return std::pair(a.csn, a.epoch) < std::pair(b.csn, b.epoch);
  });
  return found;
}

}  // namespace

absl::StatusOr<std::vector<SnapshotInfo>> ListSnapshots(env::FileSystem* files,
                                                        const std::string& directory,
                                                        const FileIdentity& identity) {
  ASSIGN_OR_RETURN(const std::vector<Named> names, ListNames(files, directory));
  std::vector<SnapshotInfo> infos;
  for (const Named& named : names) {
    ASSIGN_OR_RETURN(const std::unique_ptr<SnapshotReader> reader,
                     SnapshotReader::Open(files, named.path, identity));
    if (reader->info().epoch != named.epoch || reader->info().csn != named.csn) {
      return absl::DataLossError(absl::StrCat(named.path, ", offset 0: the header says epoch ",
                                              reader->info().epoch.value(), ", csn ",
                                              reader->info().csn.value()));
    }
    infos.push_back(reader->info());
  }
  return infos;
}

absl::Status RemoveUnfinishedSnapshots(env::FileSystem* files, const std::string& directory) {
  const absl::StatusOr<std::vector<std::string>> names = files->List(directory);
  if (absl::IsNotFound(names.status())) return absl::OkStatus();
  RETURN_IF_ERROR(names.status());
  for (const std::string& name : *names) {
    if (!HasPartSuffix(name)) continue;
    RETURN_IF_ERROR(files->Remove(absl::StrCat(directory, "/", name)));
  }
  return absl::OkStatus();
}

absl::Status RemoveSnapshotsAbove(env::FileSystem* files, const std::string& directory, Csn csn) {
  ASSIGN_OR_RETURN(const std::vector<Named> names, ListNames(files, directory));
  for (auto it = names.rbegin(); it != names.rend() && it->csn > csn; ++it) {
    RETURN_IF_ERROR(files->Remove(it->path));
    RETURN_IF_ERROR(files->SyncDirectory(directory));
  }
  return absl::OkStatus();
}

absl::Status RetainSnapshots(env::FileSystem* files, const std::string& directory,
                             absl::Span<const EpochCsn> keep, Csn through) {
  ASSIGN_OR_RETURN(const std::vector<Named> names, ListNames(files, directory));
  const auto is_kept = [&](const Named& named) {
    return std::find(keep.begin(), keep.end(), EpochCsn{named.epoch, named.csn}) != keep.end();
  };
  if (!keep.empty() && std::none_of(names.begin(), names.end(), is_kept)) return absl::OkStatus();
  for (const Named& named : names) {
    if (named.csn > through || is_kept(named)) continue;
    RETURN_IF_ERROR(files->Remove(named.path));
    RETURN_IF_ERROR(files->SyncDirectory(directory));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::durability
