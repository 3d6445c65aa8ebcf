// SPDX-License-Identifier: Apache-2.0
// The seam to disks. POSIX semantics are assumed and nothing more: written bytes survive a process
// but not a power loss until Sync; a created, renamed or removed name survives a power loss only
// after SyncDirectory of its folder; after a failed Sync nothing about the file can be trusted.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace tidemark::env {

// An open file. Owns the descriptor; closing does not sync.
// Threads: one WriteAt may run at the same time as one Sync; everything else is the caller's to
// order. Errors: kResourceExhausted for a full disk, kUnavailable for other I/O errors; each names
// the path, the operation and the system's reason.
class File {
 public:
  virtual ~File() = default;
  // Writes all of `bytes` at `offset`, extending the file as needed.
  virtual absl::Status WriteAt(uint64_t offset, std::string_view bytes) = 0;
  // Reads up to `size` bytes at `offset` into `buffer`; fewer only at the end of the file.
  virtual absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) = 0;
  // fdatasync: data and size are on disk when it returns OK.
  virtual absl::Status Sync() = 0;
  virtual absl::Status Truncate(uint64_t size) = 0;
  // Makes the file `size` bytes, the new ones zero and their blocks allocated and written, so that
  // a later Sync has no metadata to write. REQUIRES: the file is not larger than `size`.
  virtual absl::Status Preallocate(uint64_t size) = 0;
  virtual absl::StatusOr<uint64_t> Size() = 0;
};

// What is read once from its front to its end: a file, a pipe or a terminal.
// Threads: one; Read blocks. Errors: as for File.
class Input {
 public:
  virtual ~Input() = default;
  // Fills `buffer` with the next `size` bytes; fewer only at the end.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;
};

// Held as long as the object lives: nobody else (no other process either) holds the same lock.
class DirectoryLock {
 public:
  virtual ~DirectoryLock() = default;
};

enum class OpenMode {
  kRead,       // must exist
  kReadWrite,  // must exist
  kCreate,     // must not exist
};

// Threads: any.
class FileSystem {
 public:
  virtual ~FileSystem() = default;
  // kNotFound when the file must exist and does not, kAlreadyExists in the other case.
  virtual absl::StatusOr<std::unique_ptr<File>> Open(const std::string& path, OpenMode mode) = 0;
  // For what is only read, also where it cannot be read at any place. Here: by Open.
  virtual absl::StatusOr<std::unique_ptr<Input>> OpenInput(const std::string& path);
  // How much OpenInput would give to read, without opening a pipe, whose bytes can be read only
  // once. Nothing when that cannot be known.
  virtual absl::StatusOr<std::optional<uint64_t>> InputSize(const std::string& path);
  virtual absl::Status Rename(const std::string& from, const std::string& to) = 0;
  // kNotFound when there is nothing.
  virtual absl::Status Remove(const std::string& path) = 0;
  // Names in the folder, sorted; no "." and "..". kNotFound when there is no such folder.
  virtual absl::StatusOr<std::vector<std::string>> List(const std::string& directory) = 0;
  virtual bool Exists(const std::string& path) = 0;
  // Makes the folder and its parents; OK when it is there already.
  virtual absl::Status MakeDirectory(const std::string& path) = 0;
  virtual absl::Status SyncDirectory(const std::string& path) = 0;
  // Takes `directory`/LOCK. kFailedPrecondition names the directory when somebody else holds it.
  virtual absl::StatusOr<std::unique_ptr<DirectoryLock>> LockDirectory(
      const std::string& directory) = 0;
  virtual absl::StatusOr<uint64_t> FreeBytes(const std::string& directory) = 0;
};

// The whole file as a string. kResourceExhausted when it is larger than `max_bytes`.
absl::StatusOr<std::string> ReadWholeFile(FileSystem* files, const std::string& path,
                                          uint64_t max_bytes);
// Writes `path`.tmp, syncs, renames, syncs the folder: after OK the file survives a power loss, and
// at any crash `path` is either the old or the new content.
absl::Status WriteFileDurably(FileSystem* files, const std::string& path, std::string_view bytes);

}  // namespace tidemark::env
