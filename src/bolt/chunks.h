// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tidemark::bolt {

// A message travels as chunks, each behind its size in two bytes, and ends with a chunk of size 0.
// Between messages such a chunk means nothing: it keeps a connection alive.
inline constexpr size_t kChunkHeaderBytes = 2;
inline constexpr size_t kMaxChunkBytes = 0xffff;

// Puts messages together. A message that lies whole in the bytes given is not copied.
// Owner: a connection. Threads: one. Limits: message_bytes.
class ChunkReader {
 public:
  void set_message_limit(size_t message_bytes) { limit_bytes_ = message_bytes; }

  // Takes bytes from the front of `bytes`. True when a message is complete: it lives until the
  // bytes do, and until the next call. kResourceExhausted for one that is too large.
  absl::StatusOr<bool> Next(std::string_view* bytes, std::string_view* message);
  // The message that Next gave last, to be kept; not a copy when it was put together here.
  std::string Take(std::string_view message);
  // Of a message that is not complete.
  size_t held_bytes() const { return message_.size(); }

 private:
  bool ReadHeader(std::string_view* bytes);

  size_t limit_bytes_ = 0;
  std::string message_;
  bool delivered_ = false;  // `message_` was given out
  int header_bytes_ = 0;    // of the next header that were read
  uint16_t header_ = 0;
  size_t chunk_left_ = 0;
  bool in_message_ = false;
};

// Cuts what has been appended to `out` behind `start` into chunks: there, two bytes for the header
// of the first stand before the message.
void FinishMessage(size_t start, std::string* out);

}  // namespace tidemark::bolt
