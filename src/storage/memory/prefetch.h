// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark::storage {

// Begins to fetch the cache line of `address`, which may be anything. The empty statement is there
// because GCC leaves out calls of functions that have no effect but prefetching.
inline void Prefetch(const void* address) {
  __builtin_prefetch(address);
  asm volatile("");
}

}  // namespace tidemark::storage
