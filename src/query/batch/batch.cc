// SPDX-License-Identifier: Apache-2.0
#include "query/batch/batch.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <vector>

namespace tidemark::query {
namespace {

constexpr size_t kFirstColumnRoom = 8;

uint64_t MultiplyUpToMax(uint64_t a, uint64_t b) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? UINT64_MAX : product;
}

void GatherSlot(const Batch& from, size_t slot, Batch* to) {
  const Column& shape = from.SlotColumn(slot);
  Column* const copy = to->AddColumn(shape.kind());
  if (shape.sources() != nullptr) copy->MakeEnds();
  if (shape.kind() == ColumnKind::kConstant) return copy->CopyCell(0, shape, 0);
  size_t row = 0;
  const bool is_edge_alone = shape.kind() == ColumnKind::kEdge && shape.sources() == nullptr;
  if (shape.kind() == ColumnKind::kVertex || is_edge_alone) {
    const bool has_nulls = shape.has_nulls();
    from.ForEachRow([&](uint16_t at) {
      from.Resolve(slot, &at);
      if (has_nulls && shape.IsNull(at)) {
        copy->SetNull(row++);
      } else {
        copy->SetWord(row++, shape.words()[at]);
      }
    });
    return;
  }
  from.ForEachRow([&](uint16_t at) {
    const Column& column = from.Resolve(slot, &at);
    copy->CopyCell(row++, column, at);
  });
}

}  // namespace

BatchRef::~BatchRef() {
  if (batch_ != nullptr && --batch_->reference_count_ == 0) batch_->Destroy();
}

// The batch lies in the first slab of its own arena.
BatchRef Batch::Make(SlabPool* pool, size_t capacity) {
  CHECK_LE(capacity, kMaxBatchRows);
  SlabArena arena(pool);
  void* const place = arena.Allocate(sizeof(Batch));
  return BatchRef(new (place) Batch(std::move(arena), capacity));
}

BatchRef Batch::MakeChild(SlabPool* pool, BatchRef parent, size_t capacity) {
  CHECK_LT(parent->depth_, kMaxParentDepth);
  BatchRef child = Make(pool, capacity);
  child->depth_ = parent->depth_ + 1;
  child->first_slot_ = parent->slot_count();
  child->parent_rows_ = child->arena_.AllocateArray<uint16_t>(capacity);
  child->parent_ = std::move(parent);
  return child;
}

Batch::~Batch() {
  for (size_t i = 0; i < column_count_; ++i) columns_[i]->~Column();
}

void Batch::Destroy() {
  const SlabArena memory(std::move(arena_));  // goes last
  this->~Batch();
}

void Batch::set_row_count(size_t count) {
  CHECK_LE(count, capacity_);
  CHECK(!is_selected_);
  row_count_ = count;
}

uint16_t* Batch::MakeSelection() {
  if (selection_ == nullptr) selection_ = arena_.AllocateArray<uint16_t>(capacity_);
  return selection_;
}

void Batch::Truncate(size_t count) {
  if (count >= selected_count()) return;
  size_t kept = 0;
  Filter([&](uint16_t) { return kept++ < count; });
}

Column* Batch::AddColumn(ColumnKind kind) {
  CHECK_LT(slot_count(), kMaxBatchColumns);
  if (column_count_ == column_room_) {
    const size_t room = std::max(kFirstColumnRoom, 2 * column_room_);
    Column** const columns = arena_.AllocateArray<Column*>(room);
    std::copy_n(columns_, column_count_, columns);
    columns_ = columns;
    column_room_ = room;
  }
  Column* const column = new (arena_.Allocate(sizeof(Column))) Column(&arena_, kind, capacity_);
  columns_[column_count_++] = column;
  return column;
}

void Batch::MakeMultiplicity() {
  if (multiplicity_ != nullptr) return;
  multiplicity_ = arena_.AllocateArray<uint64_t>(capacity_);
  std::fill_n(multiplicity_, capacity_, uint64_t{1});
}

void Batch::Multiply(uint16_t row, uint64_t times) {
  multiplicity_[row] = MultiplyUpToMax(multiplicity_[row], times);
}

void Batch::DropMultiplicity() {
  CHECK(!parent_);
  multiplicity_ = nullptr;
}

uint64_t Batch::MultiplicityAt(uint16_t row) const {
  const uint64_t own = multiplicity_ != nullptr ? multiplicity_[row] : 1;
  return parent_ ? MultiplyUpToMax(own, parent_->MultiplicityAt(parent_rows_[row])) : own;
}

void Batch::Detach() {
  CHECK_EQ(reference_count_, 1u);
  CHECK(!parent_);
  for (size_t i = 0; i < column_count_; ++i) CHECK(!columns_[i]->is_borrowing());
  arena_.Detach();
}

BatchRef Gather(SlabPool* pool, const Batch& batch, absl::Span<const uint32_t> unread) {
  BatchRef gathered = Batch::Make(pool, batch.selected_count());
  gathered->set_row_count(batch.selected_count());
  for (uint32_t slot = 0; slot < batch.slot_count(); ++slot) {
    if (std::binary_search(unread.begin(), unread.end(), slot)) {
      gathered->AddColumn(ColumnKind::kConstant);
    } else {
      GatherSlot(batch, slot, gathered.get());
    }
  }
  std::vector<uint16_t> rows;
  if (batch.has_multiplicity()) batch.ForEachRow([&](uint16_t row) { rows.push_back(row); });
  CopyMultiplicity(batch, rows, gathered.get());
  return gathered;
}

void CopyMultiplicity(const Batch& from, absl::Span<const uint16_t> rows, Batch* to) {
  if (!from.has_multiplicity()) return;
  CHECK_EQ(rows.size(), to->row_count());
  to->MakeMultiplicity();
  for (size_t i = 0; i < rows.size(); ++i) to->multiplicity()[i] = from.MultiplicityAt(rows[i]);
}

Column* GatherColumn(Batch* batch, size_t slot) {
  const Column& shape = batch->SlotColumn(slot);
  Column* const copy = batch->AddColumn(shape.kind());
  if (shape.sources() != nullptr) copy->MakeEnds();
  if (shape.kind() == ColumnKind::kConstant) {
    copy->CopyCell(0, shape, 0);
    return copy;
  }
  batch->ForEachRow([&](uint16_t row) {
    uint16_t at = row;
    const Column& column = batch->Resolve(slot, &at);
    copy->ShareCell(row, column, at);
  });
  return copy;
}

void OwnText(Batch* batch) {
  if (batch->parent()) OwnText(batch->parent().get());
  for (size_t i = 0; i < batch->column_count(); ++i) {
    Column* const column = batch->column(i);
    if (!column->is_borrowing()) continue;
    batch->ForEachRow([&](uint16_t row) { column->OwnText(row); });
    column->ClearBorrowed();
  }
}

}  // namespace tidemark::query
