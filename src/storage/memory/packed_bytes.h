// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include "storage/memory/memory_meter.h"
#include "storage/memory/prefetch.h"

namespace tidemark::storage {

// A packed property set in one allocation: 4 bytes of length, then the bytes. The empty set is
// null. Does not own: the record or undo record that holds it frees it. Threads: one.
class PackedBytes {
 public:
  PackedBytes() = default;
  static PackedBytes Make(std::string_view bytes, MemoryMeter* meter) {
    PackedBytes result;
    if (bytes.empty()) return result;
    result.data_ = meter->Allocate(kLengthBytes + bytes.size());
    const auto length = static_cast<uint32_t>(bytes.size());
    std::memcpy(result.data_, &length, kLengthBytes);
    std::memcpy(result.data_ + kLengthBytes, bytes.data(), bytes.size());
    return result;
  }
  void Free(MemoryMeter* meter) {
    if (data_ == nullptr) return;
    meter->Free(data_, kLengthBytes + size());
    data_ = nullptr;
  }

  bool empty() const { return data_ == nullptr; }
  size_t size() const {
    if (data_ == nullptr) return 0;
    uint32_t length;
    std::memcpy(&length, data_, kLengthBytes);
    return length;
  }
  // Begins to fetch the length and the bytes of a small set.
  void Prefetch() const {
    if (data_ == nullptr) return;
    storage::Prefetch(data_);
    storage::Prefetch(data_ + kCacheLineBytes);
  }
  std::string_view view() const {
    return data_ == nullptr ? std::string_view() : std::string_view(data_ + kLengthBytes, size());
  }

 private:
  static constexpr size_t kLengthBytes = 4;
  static constexpr size_t kCacheLineBytes = 64;
  char* data_ = nullptr;
};
static_assert(sizeof(PackedBytes) == 8);

}  // namespace tidemark::storage
