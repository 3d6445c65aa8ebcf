// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/run_sorter.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace tidemark::exec {

using graph::ValueType;
using query::Batch;
using query::Cell;

namespace {

// Rows that are sorted without a break: about 50 comparisons.
constexpr size_t kPieceRows = 16;
constexpr int64_t kComparisonsOfPiece = 50;
constexpr int64_t kElementsPerUnit = 4;
constexpr int64_t kBytesPerUnit = 64;

int64_t UnitsOf(const Cell& cell) {
  switch (cell.type) {
    case ValueType::kString:
      return static_cast<int64_t>(cell.text().size()) / kBytesPerUnit;
    case ValueType::kList:
      if (cell.form != Cell::Form::kValue) return 0;
      return static_cast<int64_t>(cell.value().list().size()) / kElementsPerUnit;
    case ValueType::kMap:
      if (cell.form != Cell::Form::kValue) return 0;
      return static_cast<int64_t>(cell.value().map().size()) / kElementsPerUnit;
    default:
      return 0;
  }
}

}  // namespace

int64_t ComparisonUnits(const Batch& rows, absl::Span<const query::SortKey> keys) {
  constexpr int64_t kLeast = 3;
  int64_t most = 0;
  for (const query::SortKey& key : keys) {
    rows.ForEachRow(
        [&](uint16_t row) { most = std::max(most, UnitsOf(rows.CellAt(key.slot, row))); });
  }
  return kLeast + most;
}

RunSorter::RunSorter(const Batch* rows, absl::Span<const query::SortKey> keys)
    : rows_(rows),
      keys_(keys),
      comparison_units_(ComparisonUnits(*rows, keys)),
      order_(rows->row_count()) {
  std::iota(order_.begin(), order_.end(), uint16_t{0});
}

bool RunSorter::IsBefore(uint16_t a, uint16_t b) const {
  return CompareRows({rows_, a}, {rows_, b}, keys_) < 0;
}

bool RunSorter::SortSome(int64_t* units) {
  const size_t count = order_.size();
  while (piece_rows_ == 0) {
    if (*units <= 0) return false;
    const auto begin = order_.begin() + static_cast<std::ptrdiff_t>(begin_);
    begin_ = std::min(begin_ + kPieceRows, count);
    std::stable_sort(begin, order_.begin() + static_cast<std::ptrdiff_t>(begin_),
                     [this](uint16_t a, uint16_t b) { return IsBefore(a, b); });
    *units -= kComparisonsOfPiece * comparison_units_;
    if (begin_ < count) continue;
    piece_rows_ = kPieceRows;
    begin_ = 0;
    OpenMerge();
  }
  while (piece_rows_ < count) {
    const size_t middle = std::min(begin_ + piece_rows_, count);
    const size_t end = std::min(middle + piece_rows_, count);
    while (left_ < middle && right_ < end) {
      if (*units <= 0) return false;
      *units -= comparison_units_;
      merged_.push_back(IsBefore(order_[right_], order_[left_]) ? order_[right_++]
                                                                : order_[left_++]);
    }
    // What is left of the second piece is in its place.
    merged_.insert(merged_.end(), order_.begin() + static_cast<std::ptrdiff_t>(left_),
                   order_.begin() + static_cast<std::ptrdiff_t>(middle));
    std::copy(merged_.begin(), merged_.end(), order_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = end;
    if (begin_ == count) {
      piece_rows_ *= 2;
      begin_ = 0;
    }
    OpenMerge();
  }
  return true;
}

void RunSorter::OpenMerge() {
  merged_.clear();
  left_ = begin_;
  right_ = std::min(begin_ + piece_rows_, order_.size());
}

}  // namespace tidemark::exec
