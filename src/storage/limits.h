// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::storage {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr uint32_t kOpenSlotCount = 2;
inline constexpr uint32_t kSlotFillCount = 8;         // vertices per open slot before the next
inline constexpr uint32_t kBlockEntryCount = 16;      // adjacency entries per block
inline constexpr uint32_t kSmallBlockEntryCount = 4;  // compacted for a single deletion
inline constexpr uint32_t kMaxPageRecordCount = 32;   // records per page
#else
inline constexpr uint32_t kOpenSlotCount = 16;
inline constexpr uint32_t kSlotFillCount = 65536;
inline constexpr uint32_t kBlockEntryCount = 2048;
inline constexpr uint32_t kSmallBlockEntryCount = 256;
inline constexpr uint32_t kMaxPageRecordCount = 4096;
#endif
inline constexpr uint32_t kMinPageRecordCount = 16;

// Slices are counted in units: an entry that is looked at in passing is one, about 12 ns. To change
// a record somewhere in memory costs as much as this many.
inline constexpr int64_t kUnitsPerRecord = 128;

// Deletions may go beyond the memory limit by one part in this many: what they undo is kept until
// the garbage collector comes.
inline constexpr uint64_t kDeletionReserveShare = 8;

// Limits given by the operator.
struct ShardLimits {
  // Writes are refused with kResourceExhausted beyond it; 0 = no limit.
  uint64_t memory_limit_bytes = 0;
  // One transaction's writes in memory; beyond it kResourceExhausted.
  uint64_t transaction_limit_bytes = uint64_t{1} << 30;
};

}  // namespace tidemark::storage
