// SPDX-License-Identifier: Apache-2.0
#include "query/batch/row_hash.h"

#include "graph/value_order.h"

namespace tidemark::query {

using graph::ValueType;

namespace {

// The order of the columns counts, and a zero is not lost.
uint64_t Combine(uint64_t state, uint64_t hash) {
  return (state ^ hash) * 0x9e3779b97f4a7c15 + (state >> 32);
}

}  // namespace

uint64_t HashCell(const Cell& cell) {
  switch (cell.type) {
    case ValueType::kNull:
      return graph::HashNull();
    case ValueType::kBoolean:
      return graph::HashBoolean(cell.word != 0);
    case ValueType::kInteger:
      return graph::HashInteger(cell.integer());
    case ValueType::kFloat:
      return graph::HashFloat(cell.real());
    case ValueType::kVertex:
      return graph::HashVertex(VertexId(cell.word));
    case ValueType::kEdge:
      return graph::HashEdge(cell.edge());
    case ValueType::kString:
      return graph::HashText(cell.text());
    default:
      return cell.form == Cell::Form::kValue ? graph::HashValue(cell.value())
                                             : graph::HashValue(ValueOf(cell));
  }
}

uint64_t HashRow(const RowRef& row, absl::Span<const uint32_t> slots) {
  uint64_t state = 0;
  for (const uint32_t slot : slots) {
    state = Combine(state, HashCell(row.batch->CellAt(slot, row.row)));
  }
  return state;
}

void HashColumn(const Batch& batch, uint32_t slot, absl::Span<uint64_t> hashes) {
  CHECK_EQ(hashes.size(), batch.selected_count());
  size_t i = 0;
  batch.ForEachRow([&](uint16_t row) {
    hashes[i] = Combine(hashes[i], HashCell(batch.CellAt(slot, row)));
    ++i;
  });
}

bool EquivalentCells(const Cell& a, const Cell& b) { return CompareCells(a, b) == 0; }

bool EquivalentRows(const RowRef& a, const RowRef& b, absl::Span<const uint32_t> slots) {
  for (const uint32_t slot : slots) {
    if (!EquivalentCells(a.batch->CellAt(slot, a.row), b.batch->CellAt(slot, b.row))) {
      return false;
    }
  }
  return true;
}

}  // namespace tidemark::query
