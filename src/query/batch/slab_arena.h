// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "query/batch/slab_pool.h"

namespace tidemark::query {

// Memory that lives as long as one batch: pieces are cut off slabs of the pool, and given back all
// together. A piece that does not fit a slab gets a block of its own.
// Owner: a Batch. Threads: one at a time; see Detach.
class SlabArena {
 public:
  // REQUIRES: pool, if not null, lives longer. Without one every slab comes from the heap.
  explicit SlabArena(SlabPool* pool) : pool_(pool) {}
  // What was cut stays where it is.
  SlabArena(SlabArena&& other) noexcept
      : pool_(other.pool_),
        first_(std::exchange(other.first_, nullptr)),
        next_(other.next_),
        left_(std::exchange(other.left_, 0)),
        memory_bytes_(std::exchange(other.memory_bytes_, 0)) {}
  SlabArena(const SlabArena&) = delete;
  SlabArena& operator=(const SlabArena&) = delete;
  ~SlabArena() { Release(); }

  // Aligned for any scalar; not initialized.
  void* Allocate(size_t bytes);
  template <typename T>
  T* AllocateArray(size_t count) {
    return static_cast<T*>(Allocate(count * sizeof(T)));
  }
  // All slabs and blocks.
  size_t memory_bytes() const { return memory_bytes_; }

  // Leaves the pool, on the thread of the node that gives the batch away.
  void Detach();
  // Joins the pool of the node that takes it, on that node's thread. REQUIRES: detached.
  void Attach(SlabPool* pool);

 private:
  // What each slab and block begins with.
  struct Header {
    Header* next;
    bool is_slab;
  };
  static constexpr size_t kAlignment = 16;
  static constexpr size_t kHeaderBytes = 16;

  void* AllocateBlock(size_t bytes);
  void Release();

  SlabPool* pool_;
  Header* first_ = nullptr;
  char* next_ = nullptr;
  size_t left_ = 0;
  size_t memory_bytes_ = 0;
};

}  // namespace tidemark::query
