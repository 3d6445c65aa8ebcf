// SPDX-License-Identifier: Apache-2.0
#include "query/eval/kernels.h"

namespace tidemark::query::eval {

using graph::ValueType;

const Column* ComputeNot(const Column& operand, RowSet rows, KernelHost* host) {
  uint64_t constant = 0;
  const std::optional<Lane> lane = LaneOf(operand, &constant);
  if (!lane.has_value() || lane->type != ValueType::kBoolean) return nullptr;
  Column* const result = host->NewColumn(ColumnKind::kBoolean);
  rows.ForEach([&](uint16_t row) {
    if (lane->IsNull(row)) {
      result->SetNull(row);
    } else {
      result->SetWord(row, lane->WordAt(row) ^ 1);
    }
  });
  return result;
}

const Column* ComputeIsNull(bool is_negated, const Column& operand, RowSet rows, KernelHost* host) {
  Column* const result = host->NewColumn(ColumnKind::kBoolean);
  rows.ForEach(
      [&](uint16_t row) { result->SetWord(row, operand.IsNull(row) != is_negated ? 1 : 0); });
  return result;
}

}  // namespace tidemark::query::eval
