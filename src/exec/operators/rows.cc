// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/rows.h"

#include <algorithm>
#include <type_traits>
#include <vector>

#include "query/functions/aggregate.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::Column;
using query::ColumnKind;

namespace {

// Of larger lists and maps as many are looked at, at even distances; of those inside of them a
// quarter of it, and so on.
constexpr size_t kMaxSample = 64;

size_t Estimate(const Value& value, size_t max_sample);

template <typename Element>
size_t EstimateElements(absl::Span<const Element> elements, size_t max_sample) {
  size_t bytes = 0;
  const size_t count = std::min(elements.size(), max_sample);
  const size_t inner_sample = std::max<size_t>(max_sample / 4, 1);
  for (size_t i = 0; i < count; ++i) {
    const Element& element = elements[i * elements.size() / count];
    if constexpr (std::is_same_v<Element, Value>) {
      bytes += Estimate(element, inner_sample);
    } else {
      bytes += sizeof(Element) + element.first.capacity() + Estimate(element.second, inner_sample);
    }
  }
  return count == 0 ? 0 : bytes * elements.size() / count;
}

size_t Estimate(const Value& value, size_t max_sample) {
  if (value.type() == ValueType::kList) {
    return 2 * sizeof(Value) + EstimateElements(value.list(), max_sample);
  }
  if (value.type() == ValueType::kMap) {
    return 2 * sizeof(Value) + EstimateElements(value.map(), max_sample);
  }
  return value.memory_bytes();
}

// Where shared content lies; nullptr for values that share nothing.
const void* ContentOf(const Value& value) {
  switch (value.type()) {
    case ValueType::kList:
      return value.list().data();
    case ValueType::kMap:
      return value.map().data();
    case ValueType::kString:
      return value.string().data();
    default:
      return nullptr;
  }
}

// `for_each(fn)` calls fn for each row to be copied.
template <typename ForEach>
void CopySlot(const Batch& from, uint32_t slot, ForEach for_each, Batch* to) {
  const Column& shape = from.SlotColumn(slot);
  Column* const copy = to->AddColumn(shape.kind());
  if (shape.sources() != nullptr) copy->MakeEnds();
  if (shape.kind() == ColumnKind::kConstant) return copy->CopyCell(0, shape, 0);
  size_t row = 0;
  for_each([&](uint16_t at) {
    const Column& column = from.Resolve(slot, &at);
    copy->CopyCell(row++, column, at);
  });
}

size_t CellBytes(const query::Cell& cell) {
  if (cell.form == query::Cell::Form::kWord) return sizeof cell.word;
  if (cell.type == ValueType::kString) return cell.text().size();
  return cell.form == query::Cell::Form::kValue
             ? EstimateBytes(cell.value())
             : graph::BytesOfTrusted(query::AddressOf(cell.word)).size();
}

}  // namespace

size_t EstimateBytes(const Value& value) { return Estimate(value, kMaxSample); }

size_t ValueBytes(const Batch& batch, const Column& column) {
  if (column.kind() == ColumnKind::kConstant) return EstimateBytes(column.values()[0]);
  if (column.kind() != ColumnKind::kValue) return 0;
  size_t bytes = 0;
  const void* last = nullptr;
  batch.ForEachRow([&](uint16_t row) {
    const Value& value = column.values()[row];
    const void* const content = ContentOf(value);
    if (content == nullptr || content != last) bytes += EstimateBytes(value);
    last = content;
  });
  return bytes;
}

query::BatchRef CopySlots(query::SlabPool* pool, const Batch& batch,
                          absl::Span<const uint32_t> slots) {
  query::BatchRef copy = Batch::Make(pool, batch.selected_count());
  copy->set_row_count(batch.selected_count());
  const auto for_each = [&](auto fn) { batch.ForEachRow(fn); };
  for (const uint32_t slot : slots) CopySlot(batch, slot, for_each, copy.get());
  std::vector<uint16_t> rows;
  if (batch.has_multiplicity()) batch.ForEachRow([&](uint16_t row) { rows.push_back(row); });
  CopyMultiplicity(batch, rows, copy.get());
  return copy;
}

query::BatchRef CopyRows(query::SlabPool* pool, const Batch& batch, absl::Span<const uint16_t> rows,
                         absl::Span<const uint32_t> slots) {
  query::BatchRef copy = Batch::Make(pool, rows.size());
  copy->set_row_count(rows.size());
  const auto for_each = [&](auto fn) {
    for (const uint16_t row : rows) fn(row);
  };
  for (const uint32_t slot : slots) CopySlot(batch, slot, for_each, copy.get());
  CopyMultiplicity(batch, rows, copy.get());
  return copy;
}

void AddCopies(const Batch& from, size_t first_column, Batch* to) {
  for (size_t i = first_column; i < from.column_count(); ++i) {
    const Column& column = *from.column(i);
    Column* const copy = to->AddColumn(column.kind());
    if (column.sources() != nullptr) copy->MakeEnds();
    const size_t cells = column.kind() == ColumnKind::kConstant ? 1 : from.row_count();
    for (size_t row = 0; row < cells; ++row) copy->CopyCell(row, column, row);
  }
}

size_t BatchBytes(const Batch& batch) {
  size_t bytes = batch.memory_bytes();
  for (size_t i = 0; i < batch.column_count(); ++i) bytes += ValueBytes(batch, *batch.column(i));
  return bytes;
}

std::vector<uint32_t> SlotsOfValues(const Batch& batch, absl::Span<const uint32_t> slots) {
  std::vector<uint32_t> of_values;
  for (const uint32_t slot : slots) {
    const ColumnKind kind = batch.SlotColumn(slot).kind();
    const bool has_values = kind == ColumnKind::kString || kind == ColumnKind::kTagged ||
                            kind == ColumnKind::kValue || kind == ColumnKind::kConstant;
    if (has_values) of_values.push_back(slot);
  }
  return of_values;
}

size_t RowBytes(const Batch& batch, absl::Span<const uint32_t> slots, uint16_t row) {
  size_t bytes = 0;
  for (const uint32_t slot : slots) bytes += CellBytes(batch.CellAt(slot, row));
  return bytes;
}

size_t RowsWithin(const Batch& batch, absl::Span<const uint32_t> slots, size_t first,
                  size_t max_bytes) {
  const size_t count = batch.selected_count() - first;
  std::vector<uint32_t> of_values = SlotsOfValues(batch, slots);
  // A constant goes once, whatever the rows are.
  std::erase_if(of_values, [&](uint32_t slot) {
    return batch.SlotColumn(slot).kind() == ColumnKind::kConstant;
  });
  if (count <= 1 || of_values.empty()) return count;
  size_t bytes = 0;
  for (size_t i = 0; i < count; ++i) {
    bytes += RowBytes(batch, of_values, batch.RowAt(first + i));
    if (bytes > max_bytes) return std::max<size_t>(i, 1);
  }
  return count;
}

}  // namespace tidemark::exec
