// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "env/file_system.h"

namespace tidemark::env {

// How far a background job is that reads files, and the way to end it early. Threads: any.
struct ReadMeter {
  std::atomic<uint64_t> read_bytes{0};
  std::atomic<bool> cancelled{false};
};

// A file system for such a job: the meter counts what is read, and once it is cancelled every read
// fails with kCancelled, so that whoever reads in a loop ends soon.
// Owner: the job. Does not own files and meter, which outlive it and the files opened through it.
class MeteredFiles : public FileSystem {
 public:
  MeteredFiles(FileSystem* files, ReadMeter* meter) : files_(files), meter_(meter) {}

  absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) override;
  absl::Status Rename(const std::string& from, const std::string& to) override {
    return files_->Rename(from, to);
  }
  absl::Status Remove(const std::string& path) override { return files_->Remove(path); }
  absl::StatusOr<std::vector<std::string>> List(const std::string& directory) override {
    return files_->List(directory);
  }
  bool Exists(const std::string& path) override { return files_->Exists(path); }
  absl::Status MakeDirectory(const std::string& path) override {
    return files_->MakeDirectory(path);
  }
  absl::Status SyncDirectory(const std::string& path) override {
    return files_->SyncDirectory(path);
  }
  absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(
      const std::string& directory) override {
    return files_->LockDirectory(directory);
  }
  absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) override {
    return files_->FreeBytes(directory);
  }

 private:
  FileSystem* const files_;
  ReadMeter* const meter_;
};

}  // namespace tidemark::env
