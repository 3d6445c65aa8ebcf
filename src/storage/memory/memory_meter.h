// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::storage {

// Counts the memory of one shard and hands it out. Everything large goes through Allocate; what
// containers of the standard library hold is added by hand. The count includes the allocator's
// rounding. Owned by the shard. Threads: one. Errors: none, the process ends when memory does.
class MemoryMeter {
 public:
  MemoryMeter() = default;
  MemoryMeter(const MemoryMeter&) = delete;
  MemoryMeter& operator=(const MemoryMeter&) = delete;

  char* Allocate(size_t bytes);
  // Zeroed and aligned to a cache line.
  char* AllocateAligned(size_t bytes);
  // `bytes` as given to Allocate. Null is fine.
  void Free(void* memory, size_t bytes);

  void Add(uint64_t bytes) { used_bytes_ += bytes; }
  void Remove(uint64_t bytes) { used_bytes_ -= bytes; }
  uint64_t used_bytes() const { return used_bytes_; }

  // What an allocation of `bytes` costs.
  static constexpr size_t Footprint(size_t bytes) {
    const size_t rounded = (bytes + kHeaderBytes + kRoundBytes - 1) & ~(kRoundBytes - 1);
    return rounded < kMinFootprintBytes ? kMinFootprintBytes : rounded;
  }

 private:
  static constexpr size_t kHeaderBytes = 8;
  static constexpr size_t kRoundBytes = 16;
  static constexpr size_t kMinFootprintBytes = 32;

  uint64_t used_bytes_ = 0;
};

}  // namespace tidemark::storage
