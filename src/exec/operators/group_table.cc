// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/group_table.h"

#include <optional>

#include "graph/value_order.h"
#include "query/batch/row_hash.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::Cell;
using query::RowRef;

namespace {

// Equivalent values of these types are the same; of the others one may stand for both.
bool IsItsOwnRepresentative(ValueType a, ValueType b) {
  return a == b && (a == ValueType::kInteger || a == ValueType::kString || a == ValueType::kNull ||
                    a == ValueType::kBoolean || a == ValueType::kVertex || a == ValueType::kEdge);
}

}  // namespace

GroupTable::GroupTable(query::SlabPool* pool, absl::Span<const uint32_t> key_slots)
    : pool_(pool), key_slots_(key_slots) {}

GroupTable::Found GroupTable::FindOrAdd(const RowRef& row) {
  const size_t next = index_.size();
  const std::optional<uint32_t> known = index_.FindOrAdd(
      HashRow(row, key_slots_), [&](uint32_t group) { return IsSame(group, row); });
  if (known.has_value()) {
    Represent(*known, row);
    return {*known, false};
  }
  Add(next, row);
  return {next, true};
}

bool GroupTable::IsSame(size_t group, const RowRef& row) const {
  const Batch& batch = *batches_[group / query::kMaxBatchRows];
  const auto at = static_cast<uint16_t>(group % query::kMaxBatchRows);
  for (size_t key = 0; key < key_slots_.size(); ++key) {
    const Cell cell = row.batch->CellAt(key_slots_[key], row.row);
    if (!EquivalentCells(batch.column(key)->CellAt(at), cell)) return false;
  }
  return true;
}

void GroupTable::Add(size_t group, const RowRef& row) {
  if (group % query::kMaxBatchRows == 0) {
    batches_.push_back(Batch::Make(pool_, key_slots_.empty() ? 1 : query::kMaxBatchRows));
    for (size_t key = 0; key < key_slots_.size(); ++key) {
      batches_.back()->AddColumn(query::ColumnKind::kValue);
    }
  }
  Batch& batch = *batches_.back();
  const uint16_t at = batch.AddRow();
  for (size_t key = 0; key < key_slots_.size(); ++key) {
    batch.column(key)->values()[at] = row.batch->ValueAt(key_slots_[key], row.row);
  }
}

void GroupTable::Represent(size_t group, const RowRef& row) {
  Batch& batch = *batches_[group / query::kMaxBatchRows];
  for (size_t key = 0; key < key_slots_.size(); ++key) {
    Value& stored = batch.column(key)->values()[group % query::kMaxBatchRows];
    const Cell cell = row.batch->CellAt(key_slots_[key], row.row);
    if (IsItsOwnRepresentative(stored.type(), cell.type)) continue;
    stored = graph::Representative(stored, row.batch->ValueAt(key_slots_[key], row.row));
  }
}

const Value& GroupTable::KeyOf(size_t group, size_t key) const {
  return batches_[group / query::kMaxBatchRows]
      ->column(key)
      ->values()[group % query::kMaxBatchRows];
}

}  // namespace tidemark::exec
