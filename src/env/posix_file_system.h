// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "env/file_system.h"

namespace tidemark::env {

// The machine's files. Owner: main. Threads: any. Errors: as in env/file_system.h; nothing that
// failed is tried again, interrupted calls excepted.
class PosixFileSystem : public FileSystem {
 public:
  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  // Also pipes, terminals and /dev/stdin. A directory is kInvalidArgument.
  absl::StatusOr<std::unique_ptr<Input>> OpenInput(const std::string& path) override;
  absl::StatusOr<std::optional<uint64_t>> InputSize(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  bool Exists(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  // The lock belongs to the open file, not to a process id: it also works between containers that
  // share the directory, and the kernel drops it with the process, however that ends.
  absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(
      const std::string& directory) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override;
};

}  // namespace tidemark::env
