// SPDX-License-Identifier: Apache-2.0
#include <string_view>

#include "base/text_search.h"
#include "query/eval/kernels.h"

namespace tidemark::query::eval {

using graph::ValueType;

namespace {

// A longer constant is compared row by row, which counts its bytes.
constexpr size_t kMaxConstantBytes = 1'024;

// Whether every cell of the column is a string or null, without a look at each.
bool HasOnlyText(const Column& column) {
  if (column.kind() == ColumnKind::kConstant) {
    const graph::Value& value = column.values()[0];
    return value.type() == ValueType::kString && value.string().size() <= kMaxConstantBytes;
  }
  uint64_t unused = 0;
  const std::optional<Lane> lane = LaneOf(column, &unused);
  return lane.has_value() && lane->type == ValueType::kString;
}

template <typename Test>
const Column* TestTexts(const OperandPair& operands, KernelHost* host, Test test) {
  Column* const result = host->NewColumn(ColumnKind::kBoolean);
  operands.rows.ForEach([&](uint16_t row) {
    const Cell a = operands.a.CellAt(row);
    const Cell b = operands.b.CellAt(row);
    if (a.type == ValueType::kNull || b.type == ValueType::kNull) {
      result->SetNull(row);
    } else {
      result->SetWord(row, test(a.text(), b.text()) ? 1 : 0);
    }
  });
  return result;
}

}  // namespace

const Column* ComputeTextTest(OperationKind kind, const OperandPair& operands, KernelHost* host) {
  if (!HasOnlyText(operands.a) || !HasOnlyText(operands.b)) return nullptr;
  using Text = std::string_view;
  switch (kind) {
    case OperationKind::kEqual:
      return TestTexts(operands, host, [](Text a, Text b) { return a == b; });
    case OperationKind::kNotEqual:
      return TestTexts(operands, host, [](Text a, Text b) { return a != b; });
    case OperationKind::kLess:
      return TestTexts(operands, host, [](Text a, Text b) { return a < b; });
    case OperationKind::kLessOrEqual:
      return TestTexts(operands, host, [](Text a, Text b) { return a <= b; });
    case OperationKind::kGreater:
      return TestTexts(operands, host, [](Text a, Text b) { return a > b; });
    case OperationKind::kGreaterOrEqual:
      return TestTexts(operands, host, [](Text a, Text b) { return a >= b; });
    case OperationKind::kStartsWith:
      return TestTexts(operands, host, [](Text a, Text b) { return a.starts_with(b); });
    case OperationKind::kEndsWith:
      return TestTexts(operands, host, [](Text a, Text b) { return a.ends_with(b); });
    default:
      return TestTexts(operands, host, [](Text a, Text b) { return FindText(a, b) != Text::npos; });
  }
}

}  // namespace tidemark::query::eval
