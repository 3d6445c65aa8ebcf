// SPDX-License-Identifier: Apache-2.0
#include "bolt/chunks.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "bolt/limits.h"

namespace tidemark::bolt {
namespace {

// Larger buffers are given back after their message.
constexpr size_t kKeptBytes = 64 << 10;
// A larger message has several parts, of about this size.
constexpr size_t kPartBytes = kMaxInlineMessageBytes;

uint16_t HeaderAt(std::string_view bytes) {
  return static_cast<uint16_t>(static_cast<uint8_t>(bytes[0]) << 8 |
                               static_cast<uint8_t>(bytes[1]));
}

void PutHeader(size_t size, char* at) {
  at[0] = static_cast<char>(size >> 8);
  at[1] = static_cast<char>(size);
}

}  // namespace

size_t MessageBytes::size() const {
  size_t size = whole.size();
  for (const std::string& part : parts) size += part.size();
  return size;
}

std::string Join(MessageBytes message) {
  std::string all;
  all.reserve(message.size());
  all.append(message.whole);
  for (std::string& part : message.parts) {
    all.append(part);
    part = std::string();  // not twice as much for long
  }
  return all;
}

absl::StatusOr<bool> ChunkReader::Next(std::string_view* bytes, MessageBytes* message) {
  if (delivered_) {
    delivered_ = false;
    if (part_.capacity() > kKeptBytes) part_ = std::string();
    part_.clear();
  }
  while (!bytes->empty()) {
    if (chunk_left_ == 0) {
      if (!ReadHeader(bytes)) return false;
      if (chunk_left_ != 0) {
        in_message_ = true;
      } else if (in_message_) {
        in_message_ = false;
        Deliver(message);
        return true;
      }
      if (held_bytes() + chunk_left_ > limit_bytes_) {
        return absl::ResourceExhaustedError(
            absl::StrCat("a message is larger than ", limit_bytes_, " bytes"));
      }
      continue;
    }
    const bool is_whole = held_bytes() == 0 && bytes->size() >= chunk_left_ + kChunkHeaderBytes &&
                          HeaderAt(bytes->substr(chunk_left_)) == 0;
    const size_t count = std::min(chunk_left_, bytes->size());
    if (is_whole) {
      *message = {bytes->substr(0, count), {}};
      bytes->remove_prefix(count + kChunkHeaderBytes);
      chunk_left_ = 0;
      in_message_ = false;
      return true;
    }
    Append(bytes->substr(0, count));
    bytes->remove_prefix(count);
    chunk_left_ -= count;
  }
  return false;
}

void ChunkReader::Append(std::string_view bytes) {
  if (!part_.empty() && part_.size() + bytes.size() > kPartBytes) {
    parts_bytes_ += part_.size();
    parts_.push_back(std::exchange(part_, std::string()));
    part_.reserve(kPartBytes);
  }
  part_.append(bytes);
}

void ChunkReader::Deliver(MessageBytes* message) {
  if (parts_.empty()) {
    delivered_ = true;
    *message = {part_, {}};
    return;
  }
  parts_.push_back(std::exchange(part_, std::string()));
  *message = {{}, std::exchange(parts_, {})};
  parts_bytes_ = 0;
}

bool ChunkReader::ReadHeader(std::string_view* bytes) {
  while (header_bytes_ < static_cast<int>(kChunkHeaderBytes)) {
    if (bytes->empty()) return false;
    header_ = static_cast<uint16_t>(header_ << 8 | static_cast<uint8_t>(bytes->front()));
    bytes->remove_prefix(1);
    ++header_bytes_;
  }
  chunk_left_ = header_;
  header_bytes_ = 0;
  header_ = 0;
  return true;
}

size_t FinishChunks(size_t start, std::string* out) {
  const size_t size = out->size() - start - kChunkHeaderBytes;
  DCHECK_GT(size, 0u);
  const size_t more_chunks = (size - 1) / kMaxChunkBytes;
  out->append(more_chunks * kChunkHeaderBytes, '\0');
  // From the last chunk to the second each moves to its place behind the headers before it.
  char* const first = out->data() + start + kChunkHeaderBytes;
  for (size_t i = more_chunks; i > 0; --i) {
    const size_t from = i * kMaxChunkBytes;
    const size_t chunk_bytes = std::min(kMaxChunkBytes, size - from);
    char* const to = first + from + i * kChunkHeaderBytes;
    std::memmove(to, first + from, chunk_bytes);
    PutHeader(chunk_bytes, to - kChunkHeaderBytes);
  }
  PutHeader(std::min(size, kMaxChunkBytes), out->data() + start);
  return start + more_chunks * (kMaxChunkBytes + kChunkHeaderBytes);
}

void FinishMessage(size_t start, std::string* out) {
  FinishChunks(start, out);
  out->append(kChunkHeaderBytes, '\0');
}

}  // namespace tidemark::bolt
