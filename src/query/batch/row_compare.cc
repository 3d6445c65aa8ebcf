// SPDX-License-Identifier: Apache-2.0
#include "query/batch/row_compare.h"

#include "graph/value_order.h"

namespace tidemark::query {

using graph::ValueType;

namespace {

template <typename T>
int ThreeWay(const T& a, const T& b) {
  return a < b ? -1 : b < a ? 1 : 0;
}

bool IsNumber(ValueType type) { return type == ValueType::kInteger || type == ValueType::kFloat; }

// REQUIRES: two numbers.
int CompareNumbers(const Cell& a, const Cell& b) {
  const bool a_is_integer = a.type == ValueType::kInteger;
  const bool b_is_integer = b.type == ValueType::kInteger;
  if (a_is_integer && b_is_integer) return ThreeWay(a.integer(), b.integer());
  if (a_is_integer) return graph::CompareIntegerWithFloat(a.integer(), b.real());
  if (b_is_integer) return -graph::CompareIntegerWithFloat(b.integer(), a.real());
  return graph::CompareFloats(a.real(), b.real());
}

}  // namespace

int CompareCells(const Cell& a, const Cell& b) {
  if (IsNumber(a.type) && IsNumber(b.type)) return CompareNumbers(a, b);
  if (a.type != b.type) return graph::CompareTypes(a.type, b.type);
  switch (a.type) {
    case ValueType::kNull:
      return 0;
    case ValueType::kBoolean:
    case ValueType::kVertex:
      return ThreeWay(a.word, b.word);
    case ValueType::kEdge:
      return ThreeWay(a.edge(), b.edge());
    case ValueType::kString:
      return graph::CompareTexts(a.text(), b.text());
    default:
      return graph::Compare(ValueOf(a), ValueOf(b));
  }
}

int CompareRows(const RowRef& a, const RowRef& b, absl::Span<const SortKey> keys) {
  for (const SortKey& key : keys) {
    const int order =
        CompareCells(a.batch->CellAt(key.slot, a.row), b.batch->CellAt(key.slot, b.row));
    if (order != 0) return key.descending ? -order : order;
  }
  return 0;
}

}  // namespace tidemark::query
