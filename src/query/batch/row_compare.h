// SPDX-License-Identifier: Apache-2.0
// The total order of rows for ORDER BY, min and max: that of graph::Compare, a column at a time.
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "query/batch/batch.h"

namespace tidemark::query {

struct RowRef {
  const Batch* batch = nullptr;
  uint16_t row = 0;
};

struct SortKey {
  uint32_t slot = 0;
  bool descending = false;  // null first, then NaN
};

// As graph::Compare of the two values; an edge may be its id alone.
int CompareCells(const Cell& a, const Cell& b);
// Negative when `a` comes first; zero when all keys are equivalent.
int CompareRows(const RowRef& a, const RowRef& b, absl::Span<const SortKey> keys);

}  // namespace tidemark::query
