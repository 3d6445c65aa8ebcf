// SPDX-License-Identifier: Apache-2.0
#include "storage/memory/memory_meter.h"

#include <cstdlib>
#include <cstring>

#include "base/check.h"

namespace tidemark::storage {
namespace {

constexpr size_t kLineBytes = 64;

}  // namespace

char* MemoryMeter::Allocate(size_t bytes) {
  void* memory = std::malloc(bytes);
  CHECK(memory != nullptr) << "out of memory: " << bytes << " bytes";
  used_bytes_ += Footprint(bytes);
  return static_cast<char*>(memory);
}

char* MemoryMeter::AllocateAligned(size_t bytes) {
  const size_t rounded = (bytes + kLineBytes - 1) / kLineBytes * kLineBytes;
  void* memory = std::aligned_alloc(kLineBytes, rounded);
  CHECK(memory != nullptr) << "out of memory: " << bytes << " bytes";
  std::memset(memory, 0, rounded);
  used_bytes_ += Footprint(bytes);
  return static_cast<char*>(memory);
}

void MemoryMeter::Free(void* memory, size_t bytes) {
  if (memory == nullptr) return;
  used_bytes_ -= Footprint(bytes);
  std::free(memory);
}

}  // namespace tidemark::storage
