// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/types/span.h"
#include "base/check.h"
#include "query/batch/column.h"
#include "query/batch/slab_arena.h"
#include "query/batch/slab_pool.h"

namespace tidemark::query {

// How many batches a row may hang on: itself and its parents above it.
inline constexpr int kMaxParentDepth = 3;
// A batch whose text has grown beyond this takes no more rows; one row is always taken.
inline constexpr size_t kFullBatchBytes = 1 << 20;
inline constexpr size_t kMaxBatchColumns = 1000;

class Batch;

// Holds a batch alive. Copies share it.
// Threads: all copies are on one thread.
class BatchRef {
 public:
  BatchRef() = default;
  BatchRef(const BatchRef& other);
  BatchRef(BatchRef&& other) noexcept : batch_(std::exchange(other.batch_, nullptr)) {}
  BatchRef& operator=(BatchRef other) noexcept {
    std::swap(batch_, other.batch_);
    return *this;
  }
  ~BatchRef();

  explicit operator bool() const { return batch_ != nullptr; }
  Batch& operator*() const { return *batch_; }
  Batch* operator->() const { return batch_; }
  Batch* get() const { return batch_; }

 private:
  friend class Batch;
  explicit BatchRef(Batch* batch) : batch_(batch) {}

  Batch* batch_ = nullptr;
};

// Up to kMaxBatchRows rows: what flows between operators. A filter narrows the selection and copies
// nothing. An expansion makes a child: its rows name rows of the parent, whose columns are not
// copied. Slots number the columns: first those of the parents, then the batch's own.
//
// The batch, its columns and their text lie in slabs of the node's pool.
// Owner: whoever holds a BatchRef. Threads: one at a time; Detach and Attach hand it over.
// Limits: kMaxBatchRows, kMaxBatchColumns, kMaxParentDepth; who adds rows stops when full().
class Batch {
 public:
  // REQUIRES: capacity <= kMaxBatchRows.
  static BatchRef Make(SlabPool* pool, size_t capacity = kMaxBatchRows);
  // REQUIRES: parent->depth() < kMaxParentDepth; else Gather first.
  static BatchRef MakeChild(SlabPool* pool, BatchRef parent, size_t capacity = kMaxBatchRows);
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  size_t capacity() const { return capacity_; }
  size_t row_count() const { return row_count_; }
  // REQUIRES: count <= capacity(), no selection yet.
  void set_row_count(size_t count);
  // REQUIRES: row_count() < capacity().
  uint16_t AddRow() {
    set_row_count(row_count_ + 1u);
    return static_cast<uint16_t>(row_count_ - 1u);
  }
  bool full() const { return row_count_ == capacity_ || arena_.memory_bytes() >= kFullBatchBytes; }

  // The rows that count, ascending. Without a selection all do.
  bool has_selection() const { return is_selected_; }
  size_t selected_count() const { return is_selected_ ? selected_count_ : row_count_; }
  // The i-th row that counts.
  uint16_t RowAt(size_t i) const { return is_selected_ ? selection_[i] : static_cast<uint16_t>(i); }
  template <typename Fn>
  void ForEachRow(Fn fn) const {
    if (!is_selected_) {
      for (uint16_t row = 0; row < row_count_; ++row) fn(row);
      return;
    }
    for (size_t i = 0; i < selected_count_; ++i) fn(selection_[i]);
  }
  // Keeps the rows for which `keep(row)` is true.
  template <typename Fn>
  void Filter(Fn keep) {
    uint16_t* const selection = MakeSelection();
    size_t count = 0;
    const size_t before = selected_count();
    for (size_t i = 0; i < before; ++i) {
      const uint16_t row = RowAt(i);
      selection[count] = row;
      count += keep(row) ? 1 : 0;
    }
    is_selected_ = true;
    selected_count_ = count;
  }
  // Keeps the first `count` of the rows that count.
  void Truncate(size_t count);

  // The column has room for capacity() rows and stays where it is.
  // REQUIRES: slot_count() < kMaxBatchColumns.
  Column* AddColumn(ColumnKind kind);
  size_t column_count() const { return column_count_; }
  Column* column(size_t i) { return columns_[i]; }
  const Column* column(size_t i) const { return columns_[i]; }

  const BatchRef& parent() const { return parent_; }
  // The row of the parent that each row extends. REQUIRES: a parent.
  uint16_t* parent_rows() { return parent_rows_; }
  const uint16_t* parent_rows() const { return parent_rows_; }
  int depth() const { return depth_; }
  // Slots below are those of the parents.
  size_t first_slot() const { return first_slot_; }
  size_t slot_count() const { return first_slot_ + column_count_; }
  const Column& SlotColumn(size_t slot) const {
    return slot < first_slot_ ? parent_->SlotColumn(slot) : *columns_[slot - first_slot_];
  }
  // The column of a slot, with `*row` moved to the row of the batch it belongs to.
  const Column& Resolve(size_t slot, uint16_t* row) const {
    const Batch* at = this;
    while (slot < at->first_slot_) {
      *row = at->parent_rows_[*row];
      at = at->parent_.get();
    }
    return *at->columns_[slot - at->first_slot_];
  }
  Cell CellAt(size_t slot, uint16_t row) const { return Resolve(slot, &row).CellAt(row); }
  graph::Value ValueAt(size_t slot, uint16_t row) const { return Resolve(slot, &row).ValueAt(row); }

  // How often each row stands for itself; nullptr: once each. The parents' multiplicities count as
  // well; MultiplicityAt multiplies, and stops at the largest number.
  void MakeMultiplicity();
  uint64_t* multiplicity() { return multiplicity_; }
  // REQUIRES: MakeMultiplicity.
  void Multiply(uint16_t row, uint64_t times);
  uint64_t MultiplicityAt(uint16_t row) const;
  // Each row counts once. REQUIRES: no parent.
  void DropMultiplicity();
  bool has_multiplicity() const {
    return multiplicity_ != nullptr || (parent_ && parent_->has_multiplicity());
  }

  // For who moves a batch to another node: first Detach on this node's thread, then Attach on the
  // other's. REQUIRES: nobody else holds it, it has no parent and borrows nothing.
  void Detach();
  void Attach(SlabPool* pool) { arena_.Attach(pool); }

  SlabArena* arena() { return &arena_; }
  // With all slabs, without parents.
  size_t memory_bytes() const { return arena_.memory_bytes(); }

 private:
  friend class BatchRef;

  Batch(SlabArena arena, size_t capacity) : arena_(std::move(arena)), capacity_(capacity) {}
  ~Batch();
  void Destroy();
  // Room for the selection.
  uint16_t* MakeSelection();

  SlabArena arena_;
  uint32_t reference_count_ = 1;
  int depth_ = 1;
  const size_t capacity_;
  size_t row_count_ = 0;
  uint16_t* selection_ = nullptr;
  size_t selected_count_ = 0;
  bool is_selected_ = false;
  Column** columns_ = nullptr;
  size_t column_count_ = 0;
  size_t column_room_ = 0;
  size_t first_slot_ = 0;
  BatchRef parent_;
  uint16_t* parent_rows_ = nullptr;
  uint64_t* multiplicity_ = nullptr;
};

inline BatchRef::BatchRef(const BatchRef& other) : batch_(other.batch_) {
  if (batch_ != nullptr) ++batch_->reference_count_;
}

// A batch of the rows that count with all slots as columns of its own, text included: what leaves
// the slice, is sent or is kept. Multiplicities are kept. The slots `unread`, ascending, are null.
BatchRef Gather(SlabPool* pool, const Batch& batch, absl::Span<const uint32_t> unread = {});
// The multiplicities of these rows of a batch, in this order, go to one of as many rows.
void CopyMultiplicity(const Batch& from, absl::Span<const uint16_t> rows, Batch* to);
// Brings the column of a parent down as a column of its own, for kernels that need words. Text
// stays where it is, in the parent.
Column* GatherColumn(Batch* batch, size_t slot);
// Copies borrowed text of the rows that count, the parents' too, before what it points into
// changes.
void OwnText(Batch* batch);

}  // namespace tidemark::query
