// SPDX-License-Identifier: Apache-2.0
#include "query/batch/slab_pool.h"

#include <new>
#include <utility>

#include "base/check.h"

namespace tidemark::query {

SlabPool::~SlabPool() {
  CHECK_EQ(used_count(), 0u) << "a batch outlives its pool";
  Idle* idle = idle_.load(std::memory_order_acquire);
  while (idle != nullptr) ::operator delete(std::exchange(idle, idle->next));
}

char* SlabPool::Take() {
  used_count_.fetch_add(1, std::memory_order_relaxed);
  Idle* top = idle_.load(std::memory_order_acquire);
  while (top != nullptr) {
    if (!idle_.compare_exchange_weak(top, top->next, std::memory_order_acquire)) continue;
    idle_count_.fetch_sub(1, std::memory_order_relaxed);
    return reinterpret_cast<char*>(top);
  }
  return static_cast<char*>(::operator new(kSlabBytes));
}

void SlabPool::Give(char* slab) {
  if (idle_count_.fetch_add(1, std::memory_order_relaxed) >= kMaxIdleSlabs) {
    idle_count_.fetch_sub(1, std::memory_order_relaxed);
    ::operator delete(slab);
  } else {
    auto* const idle = new (slab) Idle{idle_.load(std::memory_order_relaxed)};
    while (!idle_.compare_exchange_weak(idle->next, idle, std::memory_order_release,
                                        std::memory_order_relaxed)) {
    }
  }
  used_count_.fetch_sub(1, std::memory_order_release);
}

}  // namespace tidemark::query
