// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "query/batch/batch.h"
#include "query/batch/row_compare.h"

namespace tidemark::exec {

// What a comparison of two of the rows takes in units, by the longest of their keys.
int64_t ComparisonUnits(const query::Batch& rows, absl::Span<const query::SortKey> keys);

// Finds the order of the rows of a batch, of equivalent ones that in which they stand. May stop
// after any comparison: one of two long lists takes as long as many of numbers.
// Owner: a Sort. Threads: the loop.
class RunSorter {
 public:
  // The rows and the keys outlive this.
  RunSorter(const query::Batch* rows, absl::Span<const query::SortKey> keys);

  // Takes what it does from the units. True when the order is found.
  bool SortSome(int64_t* units);
  // REQUIRES: SortSome gave true.
  std::vector<uint16_t> TakeOrder() { return std::move(order_); }
  int64_t comparison_units() const { return comparison_units_; }

 private:
  bool IsBefore(uint16_t a, uint16_t b) const;
  // Begins with the piece from begin_ on and the one behind it.
  void OpenMerge();

  const query::Batch* const rows_;
  const absl::Span<const query::SortKey> keys_;
  const int64_t comparison_units_;
  std::vector<uint16_t> order_;
  size_t piece_rows_ = 0;  // pieces of so many rows are in order; 0: none is
  // What is under way: a piece is sorted, or two become one.
  size_t begin_ = 0;
  size_t left_ = 0;   // the next of the first of two
  size_t right_ = 0;  // the next of the second
  std::vector<uint16_t> merged_;
};

}  // namespace tidemark::exec
