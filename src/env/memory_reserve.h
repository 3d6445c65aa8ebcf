// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tidemark::env {

// From now on the calling thread allocates from memory that the kernel has backed with pages
// already. The first touch of a huge page costs 0.2 ms, and up to 10 ms on a machine that gives
// free memory back to a host: too much for a step of a loop, which would stop every commit. A
// helper thread touches ahead of the allocations, at most 32 MiB for all such threads together.
//
// Needs jemalloc in the program and Linux 5.14; where one is missing nothing changes.
// docs/decisions/allocator.md. Threads: any, each for itself. Errors: none.
void UseMemoryReserve();

// Little is left of what is ahead: whoever can wait with large allocations should, for a
// millisecond at a time. Threads: any.
bool MemoryReserveIsLow();

}  // namespace tidemark::env
