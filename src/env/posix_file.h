// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "env/file_system.h"

namespace tidemark::env {

// A file descriptor that closes itself. Owner: the object that opened it. Threads: one.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }
  // Gives it to somebody else, who closes it.
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// open(2) with close-on-exec; not valid() with errno set when it fails.
Descriptor OpenDescriptor(const std::string& path, int flags);

// A file on a POSIX file system. Owner, threads, errors: as env::File.
class PosixFile : public File {
 public:
  PosixFile(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  absl::Status WriteAt(uint64_t offset, std::string_view bytes) override;
  absl::StatusOr<size_t> ReadAt(uint64_t offset, char* buffer, size_t size) override;
  absl::Status Sync() override;
  absl::Status Truncate(uint64_t size) override;
  absl::Status Preallocate(uint64_t size) override;
  absl::StatusOr<uint64_t> Size() override;

 private:
  const std::string path_;
  const Descriptor fd_;
};

// Whatever a descriptor can be read from. Owner, threads, errors: as env::Input.
class PosixInput : public Input {
 public:
  PosixInput(std::string path, Descriptor fd) : path_(std::move(path)), fd_(std::move(fd)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override;

 private:
  const std::string path_;
  const Descriptor fd_;
};

}  // namespace tidemark::env
