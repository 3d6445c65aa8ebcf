// SPDX-License-Identifier: Apache-2.0
#include "query/parser/arena.h"

#include <algorithm>

namespace tidemark::query {
namespace {

constexpr size_t kFirstBlockBytes = 4096;
constexpr size_t kMaxBlockBytes = 256 * 1024;

}  // namespace

void* Arena::AllocateInNewBlock(size_t bytes, size_t alignment) {
  const size_t usual =
      std::min(kMaxBlockBytes, kFirstBlockBytes << std::min<size_t>(blocks_.size(), 6));
  const size_t size = std::max(usual, bytes + alignment);
  blocks_.emplace_back(new std::byte[size]);
  size_bytes_ += size;
  next_ = reinterpret_cast<uintptr_t>(blocks_.back().get());
  end_ = next_ + size;
  return Allocate(bytes, alignment);
}

}  // namespace tidemark::query
