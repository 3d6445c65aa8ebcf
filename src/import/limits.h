// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::csv_import {

#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kSpillBytes = 2 << 10;
inline constexpr size_t kMaxSortBytes = 1 << 10;
inline constexpr size_t kBucketBlockBytes = 64;
inline constexpr size_t kRowBatchBytes = 256;
inline constexpr uint32_t kPlacementRunCount = 4;
#else
// Encoded records held in memory, for vertices and for edges each, before they go to a temporary
// file.
inline constexpr size_t kSpillBytes = size_t{256} << 20;
// The edges of a slot are put in order in memory up to this; beyond it they stay as they came.
inline constexpr size_t kMaxSortBytes = size_t{512} << 20;
// Memory for records is taken in pieces of this size; each slot may have one that is not full.
inline constexpr size_t kBucketBlockBytes = 16 << 10;
// Text of the rows that go through the stages of an import together.
inline constexpr size_t kRowBatchBytes = 128 << 10;
// Vertices one behind the other in the input that are placed together.
inline constexpr uint32_t kPlacementRunCount = 1024;
#endif
// Bad rows that the error message lists; the report file has all.
inline constexpr size_t kMaxListedBadRowCount = 10;
inline constexpr size_t kMaxColumnCount = 16384;
inline constexpr uint32_t kMaxGroupCount = 1 << 16;  // scopes of ids

}  // namespace tidemark::csv_import
