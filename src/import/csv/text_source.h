// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "env/file_system.h"

namespace tidemark::csv_import {

// The bytes of one input from front to end. What begins as gzip files do is unpacked, whatever its
// name is; "-" is standard input.
// Owner: the reader of its rows. Threads: one; blocks. Memory: kPackedBlockBytes and zlib's window.
// Errors: of the file; kInvalidArgument for a packed file that is damaged or ends early, and for
// other forms of packing. Each names the path.
class TextSource {
 public:
  static absl::StatusOr<std::unique_ptr<TextSource>> Open(env::FileSystem* files,
                                                          const std::string& path);
  ~TextSource();

  // Fills `buffer` with the next `size` bytes of text; fewer only at the end.
  absl::StatusOr<size_t> Read(char* buffer, size_t size);
  // How much of the file was read: of packed bytes, when it is packed.
  uint64_t position_bytes() const { return position_bytes_; }

 private:
  struct Unpacker;
  TextSource(std::string path, std::unique_ptr<env::Input> input);
  absl::Status ReadBlock();
  absl::Status BeginUnpacking();
  absl::StatusOr<size_t> Unpack(char* buffer, size_t size);
  absl::Status UnpackSome();

  const std::string path_;
  const std::unique_ptr<env::Input> input_;
  uint64_t position_bytes_ = 0;
  std::string block_;  // read and not handed out or unpacked from block_at_ on
  size_t block_at_ = 0;
  std::unique_ptr<Unpacker> unpacker_;  // null: the text is not packed
};

// The path that standard input has for the file system, or the path itself.
std::string PathOfInput(const std::string& path);

}  // namespace tidemark::csv_import
