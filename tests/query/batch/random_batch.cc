// SPDX-License-Identifier: Apache-2.0
#include "tests/query/batch/random_batch.h"

#include <algorithm>
#include <string>

#include "graph/value_coding.h"

namespace tidemark::query {

using graph::Value;

ColumnKind RandomBatches::AnyKind() { return static_cast<ColumnKind>(1 + values_.Below(9)); }

void RandomBatches::SetAny(Column* column, size_t row) {
  const bool is_null = values_.Below(5) == 0;
  if (is_null) return column->SetNull(row);
  switch (column->kind()) {
    case ColumnKind::kVertex:
      return column->SetValue(row, Value::Of(values_.AnyVertex()));
    case ColumnKind::kEdge:
      return column->SetEdge(row, values_.AnyEdge());
    case ColumnKind::kInteger:
      return column->SetValue(row, Value::Integer(values_.Integer()));
    case ColumnKind::kFloat:
      return column->SetValue(row, Value::Float(values_.Float()));
    case ColumnKind::kBoolean:
      return column->SetValue(row, Value::Boolean(values_.Below(2) == 0));
    case ColumnKind::kString:
      return column->SetText(row, values_.Text());
    case ColumnKind::kTagged:
      return column->SetValue(row, values_.Property());
    default:
      return column->SetValue(row, values_.Any(2));
  }
}

void RandomBatches::FillColumn(Column* column, size_t rows) {
  if (column->kind() == ColumnKind::kEdge) column->MakeEnds();
  const size_t cells = column->kind() == ColumnKind::kConstant ? 1 : rows;
  for (size_t row = 0; row < cells; ++row) SetAny(column, row);
}

void RandomBatches::Fill(Batch* batch, size_t rows) {
  batch->set_row_count(rows);
  const size_t columns = values_.Below(4);
  for (size_t i = 0; i < columns; ++i) FillColumn(batch->AddColumn(AnyKind()), rows);
  if (values_.Below(3) == 0) {
    batch->MakeMultiplicity();
    for (size_t row = 0; row < rows; ++row) batch->multiplicity()[row] = values_.Below(4);
  }
}

void RandomBatches::Narrow(Batch* batch) {
  if (values_.Below(2) == 0) return;
  const uint64_t share = 1 + values_.Below(4);
  batch->Filter([&](uint16_t) { return values_.Below(4) < share; });
  if (values_.Below(4) == 0) batch->Truncate(values_.Below(batch->selected_count() + 1));
}

BatchRef RandomBatches::Any() {
  const auto count = [&] { return std::min<size_t>(values_.Below(20), kMaxBatchRows); };
  BatchRef batch = Batch::Make(pool_, kMaxBatchRows);
  Fill(batch.get(), count());
  Narrow(batch.get());
  while (values_.Below(2) == 0 && batch->depth() < kMaxParentDepth) {
    const bool is_empty = batch->row_count() == 0;
    BatchRef child = Batch::MakeChild(pool_, batch);
    Fill(child.get(), is_empty ? 0 : count());
    for (size_t row = 0; row < child->row_count(); ++row) {
      child->parent_rows()[row] = static_cast<uint16_t>(values_.Below(batch->row_count()));
    }
    Narrow(child.get());
    batch = child;
  }
  return batch;
}

BatchRef RandomBatches::OfEveryKind(size_t rows) {
  BatchRef batch = Batch::Make(pool_, rows);
  batch->set_row_count(rows);
  for (int kind = 1; kind <= 9; ++kind) {
    FillColumn(batch->AddColumn(static_cast<ColumnKind>(kind)), rows);
  }
  return batch;
}

std::vector<ModelRow> RowsOf(const Batch& batch) {
  std::vector<ModelRow> rows;
  batch.ForEachRow([&](uint16_t row) {
    ModelRow values;
    for (size_t slot = 0; slot < batch.slot_count(); ++slot) {
      values.push_back(batch.ValueAt(slot, row));
    }
    rows.push_back(std::move(values));
  });
  return rows;
}

bool SameRows(const std::vector<ModelRow>& a, const std::vector<ModelRow>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ModelRow& x, const ModelRow& y) {
                      return std::equal(x.begin(), x.end(), y.begin(), y.end(),
                                        [](const Value& v, const Value& w) {
                                          return graph::EncodeValue(v) == graph::EncodeValue(w);
                                        });
                    });
}

std::vector<uint64_t> MultiplicitiesOf(const Batch& batch) {
  std::vector<uint64_t> all;
  batch.ForEachRow([&](uint16_t row) { all.push_back(batch.MultiplicityAt(row)); });
  return all;
}

}  // namespace tidemark::query
