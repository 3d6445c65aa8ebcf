// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "durability/file_format.h"
#include "env/file_system.h"

namespace tidemark::durability {

enum class DirectoryRole : uint8_t { kMaster = 1, kWorker = 2 };

// The text of an IDENTITY file (docs/formats/identity.md).
std::string EncodeIdentity(const FileIdentity& identity);
// kDataLoss when damaged, kFailedPrecondition for another format version.
absl::StatusOr<FileIdentity> DecodeIdentity(std::string_view text, const std::string& path);

// The data directory of one node: locked for the life of this object, with its IDENTITY.
// Layout: LOCK, IDENTITY, and for a worker wal/ and snapshots/, for the master master-log.NNNNNN.
//
// Owner: the composition of a node. Threads: one; all calls block on the disk.
// Errors: kFailedPrecondition when somebody else holds the directory, or when it has files but no
// IDENTITY; kDataLoss when IDENTITY is damaged.
class DataDirectory {
 public:
  // Makes the folder when there is none, locks it and reads IDENTITY.
  static absl::StatusOr<std::unique_ptr<DataDirectory>> Open(env::FileSystem* files,
                                                             const std::string& path,
                                                             DirectoryRole role);
  // No value: the directory is empty, it belongs to nobody yet.
  const std::optional<FileIdentity>& identity() const { return identity_; }
  // Writes IDENTITY and the folders durably; OK when the identity is the same already,
  // kFailedPrecondition that names both when it is another.
  absl::Status Establish(const FileIdentity& identity);

  const std::string& path() const { return path_; }
  std::string wal_path() const { return path_ + "/wal"; }
  std::string snapshots_path() const { return path_ + "/snapshots"; }

 private:
  DataDirectory(env::FileSystem* files, std::string path, DirectoryRole role)
      : files_(files), path_(std::move(path)), role_(role) {}
  absl::Status MakeFolders();

  env::FileSystem* files_;
  std::string path_;
  DirectoryRole role_;
  std::unique_ptr<env::DirectoryLock> lock_;
  std::optional<FileIdentity> identity_;
};

}  // namespace tidemark::durability
