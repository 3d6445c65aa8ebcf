// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace tidemark::bolt {

// A message travels as chunks, each behind its size in two bytes, and ends with a chunk of size 0.
// Between messages such a chunk means nothing: it keeps a connection alive.
inline constexpr size_t kChunkHeaderBytes = 2;
inline constexpr size_t kMaxChunkBytes = 0xffff;

// A message, in one piece, or in several when it is large: to make room for ever more of one would
// be long steps of the loop. In one piece it has at most kMaxInlineMessageBytes.
struct MessageBytes {
  std::string_view whole;          // of several pieces: empty
  std::vector<std::string> parts;  // of one piece: none

  size_t size() const;
};
// All of it, in one piece.
std::string Join(MessageBytes message);

// Puts messages together. A message that lies whole in the bytes given is not copied.
// Owner: a connection. Threads: one. Limits: message_bytes.
class ChunkReader {
 public:
  void set_message_limit(size_t message_bytes) { limit_bytes_ = message_bytes; }

  // Takes bytes from the front of `bytes`. True when a message is complete: what is whole of it
  // lives until the bytes do, and until the next call. kResourceExhausted for one that is too
  // large.
  absl::StatusOr<bool> Next(std::string_view* bytes, MessageBytes* message);
  // Of a message that is not complete.
  size_t held_bytes() const { return delivered_ ? 0 : parts_bytes_ + part_.size(); }

 private:
  bool ReadHeader(std::string_view* bytes);
  void Append(std::string_view bytes);
  void Deliver(MessageBytes* message);

  size_t limit_bytes_ = 0;
  std::vector<std::string> parts_;  // which are full
  size_t parts_bytes_ = 0;
  std::string part_;        // behind them
  bool delivered_ = false;  // `part_` was given out
  int header_bytes_ = 0;    // of the next header that were read
  uint16_t header_ = 0;
  size_t chunk_left_ = 0;
  bool in_message_ = false;
};

// Cuts what has been appended to `out` behind `start` into chunks: there, two bytes for the header
// of the first stand before it. The last one stays open, for more that is appended: gives where it
// starts. REQUIRES: there is something in it.
size_t FinishChunks(size_t start, std::string* out);

// The same, and ends the message with it.
void FinishMessage(size_t start, std::string* out);

}  // namespace tidemark::bolt
