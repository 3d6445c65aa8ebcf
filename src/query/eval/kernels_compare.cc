// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "graph/value_order.h"
#include "query/eval/kernels.h"

namespace tidemark::query::eval {

using graph::ValueType;

namespace {

double FloatOf(uint64_t word) { return std::bit_cast<double>(word); }
int64_t IntegerOf(uint64_t word) { return static_cast<int64_t>(word); }

// Calls `test` for the words of each open row; null when one of them is.
template <typename Test>
const Column* TestWords(const Lane& a, const Lane& b, RowSet rows, KernelHost* host, Test test) {
  Column* const result = host->NewColumn(ColumnKind::kBoolean);
  uint64_t* const out = result->words();
  rows.ForEach([&](uint16_t row) { out[row] = test(a.WordAt(row), b.WordAt(row)) ? 1 : 0; });
  if (!a.has_nulls() && !b.has_nulls()) return result;
  rows.ForEach([&](uint16_t row) {
    if (a.IsNull(row) || b.IsNull(row)) result->SetNull(row);
  });
  return result;
}

// The same with a constant on the right, which the compiler then keeps in a register.
template <typename Test>
const Column* TestAll(const Lane& a, const Lane& b, RowSet rows, KernelHost* host, Test test) {
  if (a.stride == 0 || b.stride != 0) return TestWords(a, b, rows, host, test);
  const uint64_t constant = *b.words;
  Column* const result = host->NewColumn(ColumnKind::kBoolean);
  uint64_t* const out = result->words();
  const uint64_t* const in = a.words;
  rows.ForEach([&](uint16_t row) { out[row] = test(in[row], constant) ? 1 : 0; });
  if (!a.has_nulls()) return result;
  rows.ForEach([&](uint16_t row) {
    if (a.IsNull(row)) result->SetNull(row);
  });
  return result;
}

// `load` makes of a word what the operators of C++ compare as Cypher does.
template <typename Load>
const Column* CompareWords(OperationKind kind, Lanes lanes, RowSet rows, KernelHost* host,
                           Load load) {
  const Lane& a = lanes.a;
  const Lane& b = lanes.b;
  const auto run = [&](auto compare) {
    return TestAll(a, b, rows, host,
                   [=](uint64_t x, uint64_t y) { return compare(load(x), load(y)); });
  };
  switch (kind) {
    case OperationKind::kEqual:
      return run([](auto x, auto y) { return x == y; });
    case OperationKind::kNotEqual:
      return run([](auto x, auto y) { return x != y; });
    case OperationKind::kLess:
      return run([](auto x, auto y) { return x < y; });
    case OperationKind::kLessOrEqual:
      return run([](auto x, auto y) { return x <= y; });
    case OperationKind::kGreater:
      return run([](auto x, auto y) { return x > y; });
    default:
      return run([](auto x, auto y) { return x >= y; });
  }
}

// x < y is y > x.
OperationKind Mirrored(OperationKind kind) {
  switch (kind) {
    case OperationKind::kLess:
      return OperationKind::kGreater;
    case OperationKind::kLessOrEqual:
      return OperationKind::kGreaterOrEqual;
    case OperationKind::kGreater:
      return OperationKind::kLess;
    case OperationKind::kGreaterOrEqual:
      return OperationKind::kLessOrEqual;
    default:
      return kind;
  }
}

bool Holds(OperationKind kind, int order) {
  switch (kind) {
    case OperationKind::kEqual:
      return order == 0;
    case OperationKind::kNotEqual:
      return order != 0;
    case OperationKind::kLess:
      return order < 0;
    case OperationKind::kLessOrEqual:
      return order <= 0;
    case OperationKind::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

// Integers and floats compare by their exact values; a float is not precise enough for both.
const Column* CompareMixed(OperationKind kind, const Lane& integers, const Lane& floats,
                           RowSet rows, KernelHost* host) {
  return TestAll(integers, floats, rows, host, [kind](uint64_t x, uint64_t y) {
    const double real = FloatOf(y);
    if (std::isnan(real)) return kind == OperationKind::kNotEqual;
    return Holds(kind, graph::CompareIntegerWithFloat(IntegerOf(x), real));
  });
}

}  // namespace

const Column* ComputeComparison(OperationKind kind, const OperandPair& operands, KernelHost* host) {
  uint64_t constants[2];
  const std::optional<Lane> a = LaneOf(operands.a, &constants[0]);
  const std::optional<Lane> b = LaneOf(operands.b, &constants[1]);
  if (!a.has_value() || !b.has_value()) return nullptr;
  const RowSet rows = operands.rows;
  if (a->type == ValueType::kInteger && b->type == ValueType::kFloat) {
    return CompareMixed(kind, *a, *b, rows, host);
  }
  if (a->type == ValueType::kFloat && b->type == ValueType::kInteger) {
    return CompareMixed(Mirrored(kind), *b, *a, rows, host);
  }
  if (a->type != b->type) return nullptr;
  switch (a->type) {
    case ValueType::kInteger:
      return CompareWords(kind, {*a, *b}, rows, host, IntegerOf);
    case ValueType::kFloat:
      return CompareWords(kind, {*a, *b}, rows, host, FloatOf);
    case ValueType::kBoolean:
    case ValueType::kVertex:
      return CompareWords(kind, {*a, *b}, rows, host, [](uint64_t word) { return word; });
    default:
      return nullptr;
  }
}

}  // namespace tidemark::query::eval
