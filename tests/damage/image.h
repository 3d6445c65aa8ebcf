// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "env/file_system.h"

namespace tidemark::damage {

// The files of a stopped cluster: path ("worker-1/wal/000000000001.wal") and content.
using Image = std::map<std::string, std::string>;

// An image as a file system that can only be read: whoever changes anything gets an error.
// Owner: a test. Does not own the image, which does not change meanwhile. Threads: one.
class ImageFiles final : public env::FileSystem {
 public:
  explicit ImageFiles(const Image* image) : image_(image) {}

  absl::StatusOr<std::unique_ptr<env::File>> Open(const std::string& path,
                                                  env::OpenMode mode) override;
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override;
  bool Exists(const std::string& path) override;
  absl::Status Rename(const std::string& from, const std::string& to) override;
  absl::Status Remove(const std::string& path) override;
  absl::Status MakeDirectory(const std::string& path) override;
  absl::Status SyncDirectory(const std::string& path) override;
  absl::StatusOr<std::unique_ptr<env::DirectoryLock>> LockDirectory(
      const std::string& directory) override;
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override;

 private:
  const Image* const image_;
};

}  // namespace tidemark::damage
