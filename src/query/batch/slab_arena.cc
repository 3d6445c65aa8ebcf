// SPDX-License-Identifier: Apache-2.0
#include "query/batch/slab_arena.h"

#include <new>

#include "base/check.h"

namespace tidemark::query {

void* SlabArena::Allocate(size_t bytes) {
  static_assert(sizeof(Header) <= kHeaderBytes);
  const size_t rounded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  if (rounded <= left_) {
    char* piece = next_;
    next_ += rounded;
    left_ -= rounded;
    return piece;
  }
  // A large piece does not end the slab that is being cut.
  if (rounded > kSlabBytes / 2) return AllocateBlock(rounded);
  char* slab = pool_ != nullptr ? pool_->Take() : static_cast<char*>(::operator new(kSlabBytes));
  first_ = new (slab) Header{first_, true};
  memory_bytes_ += kSlabBytes;
  next_ = slab + kHeaderBytes + rounded;
  left_ = kSlabBytes - kHeaderBytes - rounded;
  return slab + kHeaderBytes;
}

void* SlabArena::AllocateBlock(size_t bytes) {
  char* block = static_cast<char*>(::operator new(kHeaderBytes + bytes));
  first_ = new (block) Header{first_, false};
  memory_bytes_ += kHeaderBytes + bytes;
  return block + kHeaderBytes;
}

void SlabArena::Detach() {
  if (pool_ == nullptr) return;
  for (const Header* at = first_; at != nullptr; at = at->next) {
    if (at->is_slab) pool_->Forget();
  }
  pool_ = nullptr;
}

void SlabArena::Attach(SlabPool* pool) {
  CHECK(pool_ == nullptr);
  pool_ = pool;
  for (const Header* at = first_; at != nullptr; at = at->next) {
    if (at->is_slab) pool_->Adopt();
  }
}

void SlabArena::Release() {
  while (first_ != nullptr) {
    Header* const next = first_->next;
    if (first_->is_slab && pool_ != nullptr) {
      pool_->Give(reinterpret_cast<char*>(first_));
    } else {
      ::operator delete(first_);
    }
    first_ = next;
  }
}

}  // namespace tidemark::query
