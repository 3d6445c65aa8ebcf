// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace tidemark::query {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kSlabBytes = 4 << 10;
#else
inline constexpr size_t kSlabBytes = 64 << 10;
#endif
// What a pool keeps for later: 16 MiB.
inline constexpr size_t kMaxIdleSlabs = 256;

// Hands out slabs of kSlabBytes and takes them back, so that a warm batch allocates nothing.
// Owner: a node. Lives longer than all batches made from it. Threads: the node's loop.
// Limits: what is in use is bounded by who makes batches; kMaxIdleSlabs are kept.
class SlabPool {
 public:
  SlabPool() = default;
  SlabPool(const SlabPool&) = delete;
  SlabPool& operator=(const SlabPool&) = delete;
  ~SlabPool();

  char* Take();
  void Give(char* slab);
  // A slab that leaves for another node with its batch, or comes with one.
  void Forget() { --used_count_; }
  void Adopt() { ++used_count_; }

  size_t used_count() const { return used_count_; }
  size_t idle_count() const { return idle_.size(); }

 private:
  std::vector<char*> idle_;
  size_t used_count_ = 0;
};

}  // namespace tidemark::query
