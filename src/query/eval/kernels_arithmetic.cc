// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "base/check.h"
#include "query/eval/apply.h"
#include "query/eval/kernels.h"

namespace tidemark::query::eval {

using graph::ValueType;

namespace {

uint64_t WordOfFloat(double value) { return std::bit_cast<uint64_t>(value); }

// The generic operation says what is wrong with the row.
void RaiseAt(uint16_t row, const Operation& operation, const OperandPair& operands, Column* result,
             KernelHost* host) {
  const graph::Value values[] = {operands.a.ValueAt(row), operands.b.ValueAt(row)};
  const ValueOr raised = Apply(operation, values, nullptr);
  CHECK(!raised.ok()) << "a kernel refuses what the operation takes";
  result->SetNull(row);
  host->Raise(row, raised.status());
}

void SetNulls(const Lane& a, const Lane& b, RowSet rows, Column* result) {
  if (!a.has_nulls() && !b.has_nulls()) return;
  rows.ForEach([&](uint16_t row) {
    if (a.IsNull(row) || b.IsNull(row)) result->SetNull(row);
  });
}

// `compute(x, y, &result)` tells whether it raises.
template <typename Fn>
const Column* ComputeIntegers(const Operation& operation, const OperandPair& operands, Lanes lanes,
                              KernelHost* host, Fn compute) {
  const Lane& a = lanes.a;
  const Lane& b = lanes.b;
  Column* const result = host->NewColumn(ColumnKind::kInteger);
  uint64_t* const out = result->words();
  bool any_raises = false;
  operands.rows.ForEach([&](uint16_t row) {
    int64_t value = 0;
    any_raises |=
        compute(static_cast<int64_t>(a.WordAt(row)), static_cast<int64_t>(b.WordAt(row)), &value);
    out[row] = static_cast<uint64_t>(value);
  });
  SetNulls(a, b, operands.rows, result);
  if (!any_raises) return result;
  operands.rows.ForEach([&](uint16_t row) {
    int64_t value = 0;
    if (a.IsNull(row) || b.IsNull(row)) return;
    if (compute(static_cast<int64_t>(a.WordAt(row)), static_cast<int64_t>(b.WordAt(row)), &value)) {
      RaiseAt(row, operation, operands, result, host);
    }
  });
  return result;
}

double FloatAt(const Lane& lane, uint16_t row) {
  const uint64_t word = lane.WordAt(row);
  return lane.type == ValueType::kInteger ? static_cast<double>(static_cast<int64_t>(word))
                                          : std::bit_cast<double>(word);
}

template <typename Fn>
const Column* ComputeFloats(const Lane& a, const Lane& b, RowSet rows, KernelHost* host,
                            Fn compute) {
  Column* const result = host->NewColumn(ColumnKind::kFloat);
  uint64_t* const out = result->words();
  if (a.type == ValueType::kFloat && b.type == ValueType::kFloat) {
    rows.ForEach([&](uint16_t row) {
      out[row] = WordOfFloat(
          compute(std::bit_cast<double>(a.WordAt(row)), std::bit_cast<double>(b.WordAt(row))));
    });
  } else {
    rows.ForEach(
        [&](uint16_t row) { out[row] = WordOfFloat(compute(FloatAt(a, row), FloatAt(b, row))); });
  }
  SetNulls(a, b, rows, result);
  return result;
}

const Column* ComputeIntegerOperation(const Operation& operation, const OperandPair& operands,
                                      const Lane& a, const Lane& b, KernelHost* host) {
  const auto run = [&](auto compute) {
    return ComputeIntegers(operation, operands, {a, b}, host, compute);
  };
  switch (operation.kind) {
    case OperationKind::kAdd:
      return run([](int64_t x, int64_t y, int64_t* z) { return __builtin_add_overflow(x, y, z); });
    case OperationKind::kSubtract:
      return run([](int64_t x, int64_t y, int64_t* z) { return __builtin_sub_overflow(x, y, z); });
    case OperationKind::kMultiply:
      return run([](int64_t x, int64_t y, int64_t* z) { return __builtin_mul_overflow(x, y, z); });
    case OperationKind::kDivide:
      // The processor traps at zero, and at the one quotient that does not fit.
      return run([](int64_t x, int64_t y, int64_t* z) {
        if (y == 0 || (y == -1 && x == INT64_MIN)) return true;
        *z = x / y;
        return false;
      });
    default:
      return run([](int64_t x, int64_t y, int64_t* z) {
        if (y == 0) return true;
        *z = y == -1 ? 0 : x % y;
        return false;
      });
  }
}

const Column* ComputeFloatOperation(OperationKind kind, const Lane& a, const Lane& b, RowSet rows,
                                    KernelHost* host) {
  const auto run = [&](auto compute) { return ComputeFloats(a, b, rows, host, compute); };
  switch (kind) {
    case OperationKind::kAdd:
      return run([](double x, double y) { return x + y; });
    case OperationKind::kSubtract:
      return run([](double x, double y) { return x - y; });
    case OperationKind::kMultiply:
      return run([](double x, double y) { return x * y; });
    case OperationKind::kDivide:
      return run([](double x, double y) { return x / y; });
    case OperationKind::kRemainder:
      return run([](double x, double y) { return std::fmod(x, y); });
    default:
      return run([](double x, double y) { return std::pow(x, y); });
  }
}

bool IsNumber(ValueType type) { return type == ValueType::kInteger || type == ValueType::kFloat; }

}  // namespace

const Column* ComputeArithmetic(const Operation& operation, const OperandPair& operands,
                                KernelHost* host) {
  uint64_t constants[2];
  const std::optional<Lane> a = LaneOf(operands.a, &constants[0]);
  const std::optional<Lane> b = LaneOf(operands.b, &constants[1]);
  if (!a.has_value() || !b.has_value()) return nullptr;
  if (!IsNumber(a->type) || !IsNumber(b->type)) return nullptr;
  const bool are_integers = a->type == ValueType::kInteger && b->type == ValueType::kInteger;
  if (are_integers && operation.kind != OperationKind::kPower) {
    return ComputeIntegerOperation(operation, operands, *a, *b, host);
  }
  return ComputeFloatOperation(operation.kind, *a, *b, operands.rows, host);
}

const Column* ComputeNegation(const Operation& operation, const Column& operand, RowSet rows,
                              KernelHost* host) {
  uint64_t constant = 0;
  const std::optional<Lane> lane = LaneOf(operand, &constant);
  if (!lane.has_value()) return nullptr;
  const Lane none{.words = &constant, .stride = 0};
  if (lane->type == ValueType::kFloat) {
    return ComputeFloats(*lane, Lane{.type = ValueType::kFloat, .words = &constant, .stride = 0},
                         rows, host, [](double x, double) { return -x; });
  }
  if (lane->type != ValueType::kInteger) return nullptr;
  return ComputeIntegers(
      operation, {operand, operand, rows}, {*lane, none}, host,
      [](int64_t x, int64_t, int64_t* z) { return __builtin_sub_overflow(int64_t{0}, x, z); });
}

}  // namespace tidemark::query::eval
