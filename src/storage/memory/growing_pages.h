// SPDX-License-Identifier: Apache-2.0
// Arithmetic of pages that grow with what they hold: four pages of 16 records, four of 32, and so
// on up to kMaxPageRecordCount. At most a fifth of the records is unused, a position is found
// without a search, and no record ever moves.
#pragma once

#include <bit>
#include <cstdint>

#include "storage/limits.h"

namespace tidemark::storage {

struct PagePosition {
  uint32_t page;
  uint32_t offset;
};

namespace growing_pages {

inline constexpr uint32_t kMinShift = std::countr_zero(kMinPageRecordCount);
inline constexpr uint32_t kMaxShift = std::countr_zero(kMaxPageRecordCount);
inline constexpr uint64_t kStart = uint64_t{kMinPageRecordCount} * 4;
inline constexpr uint64_t kFullStart = uint64_t{kMaxPageRecordCount} * 4;
inline constexpr uint32_t kGrowingPageCount = (kMaxShift - kMinShift) * 4;

}  // namespace growing_pages

constexpr PagePosition PagePositionOf(uint32_t index) {
  using namespace growing_pages;
  const uint64_t i = index + kStart;
  if (i >= kFullStart) {
    return {static_cast<uint32_t>(kGrowingPageCount + ((i - kFullStart) >> kMaxShift)),
            static_cast<uint32_t>(i & (kMaxPageRecordCount - 1))};
  }
  const uint32_t shift = static_cast<uint32_t>(std::bit_width(i)) - 3;
  return {(shift - kMinShift) * 4 + static_cast<uint32_t>(i >> shift & 3),
          static_cast<uint32_t>(i & ((uint64_t{1} << shift) - 1))};
}

constexpr uint32_t PageRecordCount(uint32_t page) {
  using namespace growing_pages;
  return page >= kGrowingPageCount ? kMaxPageRecordCount : kMinPageRecordCount << page / 4;
}

// The index of the first record of `page`.
constexpr uint64_t PageFirstIndex(uint32_t page) {
  using namespace growing_pages;
  if (page >= kGrowingPageCount) {
    return kFullStart - kStart + (uint64_t{page - kGrowingPageCount} << kMaxShift);
  }
  return (uint64_t{4 + page % 4} << (kMinShift + page / 4)) - kStart;
}

}  // namespace tidemark::storage
