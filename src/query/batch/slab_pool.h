// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

namespace tidemark::query {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kSlabBytes = 4 << 10;
#else
inline constexpr size_t kSlabBytes = 64 << 10;
#endif
// What a pool keeps for later: 16 MiB.
inline constexpr size_t kMaxIdleSlabs = 256;

// Hands out slabs of kSlabBytes and takes them back, so that a warm batch allocates nothing.
// Owner: a node. Lives longer than all batches made from it. Threads: the node's loop; Give from
// any, because large results are freed in the background. Limits: what is in use is bounded by who
// makes batches; kMaxIdleSlabs are kept.
class SlabPool {
 public:
  SlabPool() = default;
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;
  ~SlabPool();

  char* Take();
  void Give(char* slab);
  // A slab that leaves for another node with its batch, or comes with one.
  void Forget() { used_count_.fetch_sub(1, std::memory_order_relaxed); }
  void Adopt() { used_count_.fetch_add(1, std::memory_order_relaxed); }

  size_t used_count() const { return used_count_.load(std::memory_order_relaxed); }
  size_t idle_count() const { return idle_count_.load(std::memory_order_relaxed); }

 private:
  // What an idle slab begins with.
  struct Idle {
    Idle* next;
  };

  // A stack: pushed to by any thread, popped from by the loop alone, so that the slab below the
  // topmost stays there while it is popped.
  std::atomic<Idle*> idle_{nullptr};
  std::atomic<size_t> idle_count_{0};
  std::atomic<size_t> used_count_{0};
};

}  // namespace tidemark::query
