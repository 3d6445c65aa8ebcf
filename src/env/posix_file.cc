// SPDX-License-Identifier: Apache-2.0
#include "env/posix_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "base/check.h"
#include "base/status.h"
#include "env/posix_error.h"

namespace tidemark::env {
namespace {

constexpr mode_t kFileMode = 0640;
constexpr size_t kZeroChunkBytes = size_t{1} << 20;

}  // namespace

Descriptor::~Descriptor() {
  if (valid()) close(fd_);
}

Descriptor OpenDescriptor(const std::string& path, int flags) {
  int fd;
  do {
    fd = open(path.c_str(), flags | O_CLOEXEC, kFileMode);
  } while (fd < 0 && errno == EINTR);
  return Descriptor(fd);
}

absl::Status PosixFile::WriteAt(uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd_.get(), bytes.data(), bytes.size(), offset);
    if (written < 0) {
      if (errno == EINTR) continue;
      return PosixError(path_, "write", errno);
    }
    if (written == 0) return PosixError(path_, "write", EIO);
    offset += written;
    bytes.remove_prefix(written);
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> PosixFile::ReadAt(uint64_t offset, char* buffer, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = pread(fd_.get(), buffer + done, size - done, offset + done);
    if (got < 0) {
      if (errno == EINTR) continue;
      return PosixError(path_, "read", errno);
    }
    if (got == 0) break;
    done += got;
  }
  return done;
}

absl::Status PosixFile::Sync() {
  while (fdatasync(fd_.get()) != 0) {
    if (errno != EINTR) return PosixError(path_, "sync", errno);
  }
  return absl::OkStatus();
}

absl::Status PosixFile::Truncate(uint64_t size) {
  while (ftruncate(fd_.get(), size) != 0) {
    if (errno != EINTR) return PosixError(path_, "truncate", errno);
  }
  return absl::OkStatus();
}

absl::Status PosixFile::Preallocate(uint64_t size) {
  ASSIGN_OR_RETURN(uint64_t end, Size());
  CHECK_LE(end, size) << path_;
  const std::string zeroes(std::min<uint64_t>(kZeroChunkBytes, size - end), '\0');
  while (end < size) {
    const size_t chunk = std::min<uint64_t>(zeroes.size(), size - end);
    RETURN_IF_ERROR(WriteAt(end, std::string_view(zeroes).substr(0, chunk)));
    end += chunk;
  }
  while (fsync(fd_.get()) != 0) {
    if (errno != EINTR) return PosixError(path_, "sync", errno);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> PosixFile::Size() {
  struct stat info;
  if (fstat(fd_.get(), &info) != 0) return PosixError(path_, "stat", errno);
  return info.st_size;
}

absl::StatusOr<size_t> PosixInput::Read(char* buffer, size_t size) {
  size_t done = 0;
  while (done < size) {
    const ssize_t got = read(fd_.get(), buffer + done, size - done);
    if (got < 0) {
      if (errno == EINTR) continue;
      return PosixError(path_, "read", errno);
    }
    if (got == 0) break;
    done += got;
  }
  return done;
}

}  // namespace tidemark::env
