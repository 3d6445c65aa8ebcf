// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "durability/file_format.h"
#include "env/file_system.h"

namespace tidemark::durability {

// One record as it lies in a file.
struct Record {
  RecordHead head;
  std::string_view body;  // until the reader's next call
  uint64_t offset = 0;    // of the head
  uint64_t end = 0;       // of the body
};

// Reads records of one file through a block buffer. A length is compared with its bound and with
// the size of the file before memory is taken for it.
// Owner: the readers of this room. Threads: one; blocks. Errors: I/O only; a record that is not
// valid is an answer, not an error.
class RecordReader {
 public:
  // Reads and checks the file header, the identity and the size. kDataLoss: no valid header, or cut
  // short.
  static absl::StatusOr<RecordReader> Open(env::FileSystem* files, const std::string& path,
                                           FileKind kind, const FileIdentity& identity);
  // The same for whoever the file belongs to and whatever its size.
  static absl::StatusOr<RecordReader> OpenAny(env::FileSystem* files, const std::string& path,
                                              FileKind kind);

  // kDataLoss when the file is smaller than it was made.
  absl::Status CheckSize() const;
  // True and `*record` when the bytes at `offset` are a valid record.
  absl::StatusOr<bool> ReadAt(uint64_t offset, Record* record);
  // The first valid record at or behind `offset` with a sequence > `above_sequence`; false when
  // there is none.
  absl::StatusOr<bool> FindFrom(uint64_t offset, uint64_t above_sequence, Record* record);
  // The end of the last byte that is not zero, or `offset` when all are zero from there on.
  // `progressed`, unless it is null, is called after each read.
  absl::StatusOr<uint64_t> EndOfNonZero(uint64_t offset,
                                        const std::function<void()>& progressed = nullptr);
  // `size` bytes at `offset`; fewer at the end of the file. The view lives until the next call.
  absl::StatusOr<std::string_view> Bytes(uint64_t offset, size_t size);

  const FileHeader& header() const { return header_; }
  const std::string& path() const { return path_; }
  uint64_t size() const { return size_; }
  uint64_t seed() const { return seed_; }

 private:
  std::string path_;
  std::unique_ptr<env::File> file_;
  FileHeader header_;
  uint64_t seed_ = 0;
  uint64_t size_ = 0;
  uint8_t max_kind_ = 0;
  std::string buffer_;
  uint64_t buffer_offset_ = 0;
};

}  // namespace tidemark::durability
