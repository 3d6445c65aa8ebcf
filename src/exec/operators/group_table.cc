// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/group_table.h"

#include "base/check.h"
#include "graph/value_order.h"
#include "query/batch/row_hash.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::Cell;
using query::RowRef;

namespace {

constexpr uint32_t kNone = ~uint32_t{0};
// A table of a million groups moves a few thousand entries when one of its parts grows.
constexpr size_t kPartCount = 256;
// Fewer are in one part, which grows a few times instead of each of the parts.
constexpr size_t kMaxUndividedGroups = 2048;

// Equivalent values of these types are the same; of the others one may stand for both.
bool IsItsOwnRepresentative(ValueType a, ValueType b) {
  return a == b && (a == ValueType::kInteger || a == ValueType::kString || a == ValueType::kNull ||
                    a == ValueType::kBoolean || a == ValueType::kVertex || a == ValueType::kEdge);
}

}  // namespace

GroupTable::GroupTable(query::SlabPool* pool, absl::Span<const uint32_t> key_slots)
    : pool_(pool), key_slots_(key_slots), parts_(1) {}

GroupTable::Found GroupTable::FindOrAdd(const RowRef& row) {
  const uint64_t hash = HashRow(row, key_slots_);
  const auto newest = static_cast<uint32_t>(group_count_);
  if (group_count_ == kMaxUndividedGroups && parts_.size() == 1) Divide();
  const auto [place, is_first] = Place(hash, newest);
  if (!is_first) {
    for (uint32_t group = *place; group != kNone; group = older_[group]) {
      if (!IsSame(group, row)) continue;
      Represent(group, row);
      return {group, false};
    }
  }
  CHECK_LT(newest, kNone);
  older_.push_back(is_first ? kNone : *place);
  *place = newest;
  Add(row);
  return {newest, true};
}

// The newest group of a hash; `group` when it has none, and true.
std::pair<uint32_t*, bool> GroupTable::Place(uint64_t hash, uint32_t group) {
  const auto [it, is_first] = parts_[(hash >> 48) % parts_.size()].try_emplace(hash, group);
  return {&it->second, is_first};
}

void GroupTable::Divide() {
  const absl::flat_hash_map<uint64_t, uint32_t> whole = std::move(parts_[0]);
  parts_.clear();
  parts_.resize(kPartCount);
  for (const auto& [hash, group] : whole) *Place(hash, group).first = group;
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

void GroupTable::Add(const RowRef& row) {
  if (group_count_ % query::kMaxBatchRows == 0) {
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
  ++group_count_;
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

size_t GroupTable::BytesPerGroup() const {
  // An entry of the map at its usual load, and the number of the older group.
  return 2 * (sizeof(uint64_t) + sizeof(uint32_t) + 5) + sizeof(uint32_t);
}

const Value& GroupTable::KeyOf(size_t group, size_t key) const {
  return batches_[group / query::kMaxBatchRows]
      ->column(key)
      ->values()[group % query::kMaxBatchRows];
}

}  // namespace tidemark::exec
