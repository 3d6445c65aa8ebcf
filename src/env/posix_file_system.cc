// SPDX-License-Identifier: Apache-2.0
#include "env/posix_file_system.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>

#include "base/status.h"
#include "env/posix_error.h"
#include "env/posix_file.h"

namespace tidemark::env {
namespace {

// A process that was just killed may hold its locks for a moment longer.
constexpr int kLockWaitMs = 1000;
constexpr int kLockRetryMs = 20;

constexpr mode_t kDirectoryMode = 0750;

int FlagsOf(OpenMode mode) {
  switch (mode) {
    case OpenMode::kRead:
      return O_RDONLY;
    case OpenMode::kReadWrite:
      return O_RDWR;
    case OpenMode::kCreate:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  return O_RDONLY;
}

class PosixDirectoryLock : public DirectoryLock {
 public:
  explicit PosixDirectoryLock(Descriptor fd) : fd_(std::move(fd)) {}

 private:
  const Descriptor fd_;
};

// False when somebody removed or replaced the file at `path` after `fd` was opened.
bool IsStill(const std::string& path, const Descriptor& fd) {
  struct stat opened;
  struct stat present;
  return fstat(fd.get(), &opened) == 0 && stat(path.c_str(), &present) == 0 &&
         opened.st_dev == present.st_dev && opened.st_ino == present.st_ino;
}

}  // namespace

absl::StatusOr<std::unique_ptr<File>> PosixFileSystem::Open(const std::string& path,
                                                            OpenMode mode) {
  Descriptor fd = OpenDescriptor(path, FlagsOf(mode));
  if (!fd.valid()) return PosixError(path, mode == OpenMode::kCreate ? "create" : "open", errno);
  return std::make_unique<PosixFile>(path, std::move(fd));
}

absl::StatusOr<std::unique_ptr<Input>> PosixFileSystem::OpenInput(const std::string& path) {
  Descriptor fd = OpenDescriptor(path, O_RDONLY);
  if (!fd.valid()) return PosixError(path, "open", errno);
  struct stat info;
  if (fstat(fd.get(), &info) != 0) return PosixError(path, "stat", errno);
  if (S_ISDIR(info.st_mode)) return PosixError(path, "open", EISDIR);
  return std::make_unique<PosixInput>(path, std::move(fd));
}

absl::StatusOr<std::optional<uint64_t>> PosixFileSystem::InputSize(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0) return PosixError(path, "open", errno);
  if (S_ISDIR(info.st_mode)) return PosixError(path, "open", EISDIR);
  if (!S_ISREG(info.st_mode)) return std::optional<uint64_t>();
  return std::optional<uint64_t>(static_cast<uint64_t>(info.st_size));
}

absl::Status PosixFileSystem::Rename(const std::string& from, const std::string& to) {
  if (rename(from.c_str(), to.c_str()) == 0) return absl::OkStatus();
  return PosixError(from, "rename to " + to, errno);
}

absl::Status PosixFileSystem::Remove(const std::string& path) {
  if (remove(path.c_str()) == 0) return absl::OkStatus();
  return PosixError(path, "remove", errno);
}

absl::StatusOr<std::vector<std::string>> PosixFileSystem::List(const std::string& directory) {
  DIR* const stream = opendir(directory.c_str());
  if (stream == nullptr) return PosixError(directory, "list", errno);
  std::vector<std::string> names;
  errno = 0;
  for (const dirent* entry = readdir(stream); entry != nullptr; entry = readdir(stream)) {
    const std::string name = entry->d_name;
    if (name != "." && name != "..") names.push_back(name);
    errno = 0;
  }
  const int error_number = errno;
  closedir(stream);
  if (error_number != 0) return PosixError(directory, "list", error_number);
  std::sort(names.begin(), names.end());
  return names;
}

bool PosixFileSystem::Exists(const std::string& path) {
  struct stat info;
  return lstat(path.c_str(), &info) == 0;
}

absl::Status PosixFileSystem::MakeDirectory(const std::string& path) {
  for (size_t slash = path.find('/', 1);; slash = path.find('/', slash + 1)) {
    const std::string part = path.substr(0, slash);
    struct stat info;
    if (mkdir(part.c_str(), kDirectoryMode) != 0) {
      const int error_number = errno;
      if (error_number != EEXIST) return PosixError(part, "make directory", error_number);
      if (stat(part.c_str(), &info) != 0 || !S_ISDIR(info.st_mode)) {
        return PosixError(part, "make directory", ENOTDIR);
      }
    }
    if (slash == std::string::npos) return absl::OkStatus();
  }
}

absl::Status PosixFileSystem::SyncDirectory(const std::string& path) {
  const Descriptor fd = OpenDescriptor(path, O_RDONLY | O_DIRECTORY);
  if (!fd.valid()) return PosixError(path, "open directory", errno);
  while (fsync(fd.get()) != 0) {
    if (errno != EINTR) return PosixError(path, "sync directory", errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<DirectoryLock>> PosixFileSystem::LockDirectory(
    const std::string& directory) {
  const std::string path = directory + "/LOCK";
  for (int waited_ms = 0;;) {
    Descriptor fd = OpenDescriptor(path, O_RDWR | O_CREAT);
    if (!fd.valid()) return PosixError(path, "open", errno);
    while (flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
      if (errno == EINTR) continue;
      if (errno != EWOULDBLOCK) return PosixError(path, "lock", errno);
      if (waited_ms < kLockWaitMs) {
        usleep(kLockRetryMs * 1000);
        waited_ms += kLockRetryMs;
        continue;
      }
      return absl::FailedPreconditionError(
          absl::StrCat(directory, " is in use by another process, which holds ", path,
                       "; stop it or choose another directory"));
    }
    if (IsStill(path, fd)) return std::make_unique<PosixDirectoryLock>(std::move(fd));
  }
}

absl::StatusOr<uint64_t> PosixFileSystem::FreeBytes(const std::string& directory) {
  struct statvfs info;
  while (statvfs(directory.c_str(), &info) != 0) {
    if (errno != EINTR) return PosixError(directory, "free space", errno);
  }
  return uint64_t{info.f_bavail} * info.f_frsize;
}

}  // namespace tidemark::env
