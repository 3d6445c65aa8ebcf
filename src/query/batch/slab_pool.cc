// SPDX-License-Identifier: Apache-2.0
#include "query/batch/slab_pool.h"

#include <new>

#include "base/check.h"

namespace tidemark::query {

SlabPool::~SlabPool() {
  CHECK_EQ(used_count_, 0u) << "a batch outlives its pool";
  for (char* slab : idle_) ::operator delete(slab);
}

char* SlabPool::Take() {
  ++used_count_;
  if (idle_.empty()) return static_cast<char*>(::operator new(kSlabBytes));
  char* slab = idle_.back();
  idle_.pop_back();
  return slab;
}

void SlabPool::Give(char* slab) {
  --used_count_;
  if (idle_.size() < kMaxIdleSlabs) {
    idle_.push_back(slab);
  } else {
    ::operator delete(slab);
  }
}

}  // namespace tidemark::query
