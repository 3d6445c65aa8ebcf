// SPDX-License-Identifier: Apache-2.0
// Operations over whole columns of known types. Each kernel gives a column with the results of the
// rows that are open, or nullptr when it has no form for these operands: then Apply does it row by
// row. Both give the same values and the same errors.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "query/batch/column.h"
#include "query/eval/code.h"
#include "query/eval/row_set.h"

namespace tidemark::query::eval {

// What kernels need of a run.
// Owner: the run. Threads: one.
class KernelHost {
 public:
  virtual ~KernelHost() = default;

  // Lives until the run is over.
  virtual Column* NewColumn(ColumnKind kind) = 0;
  // The operation raises for a row; its result is null.
  virtual void Raise(uint16_t row, absl::Status status) = 0;
};

// A column of which one type of word is known, or a constant of it.
struct Lane {
  graph::ValueType type = graph::ValueType::kNull;
  const uint64_t* words = nullptr;
  size_t stride = 1;                    // 0: one word for all rows
  const uint64_t* null_bits = nullptr;  // a bit per row, or
  const uint8_t* tags = nullptr;        // a type per row; neither: no nulls

  bool has_nulls() const { return null_bits != nullptr || tags != nullptr; }
  bool IsNull(size_t row) const {
    if (null_bits != nullptr) return (null_bits[row / 64] >> (row % 64) & 1) != 0;
    return tags != nullptr && tags[row] == static_cast<uint8_t>(graph::ValueType::kNull);
  }
  uint64_t WordAt(size_t row) const { return words[row * stride]; }
};
// Nothing for columns of several types, and for values. `constant` has room for the word of a
// constant and lives as long as the lane.
std::optional<Lane> LaneOf(const Column& column, uint64_t* constant);

// The words of two operands.
struct Lanes {
  const Lane& a;
  const Lane& b;
};

// The operands of a binary operation.
struct OperandPair {
  const Column& a;
  const Column& b;
  RowSet rows;
};
const Column* ComputeComparison(OperationKind kind, const OperandPair& operands, KernelHost* host);
const Column* ComputeArithmetic(const Operation& operation, const OperandPair& operands,
                                KernelHost* host);
const Column* ComputeTextTest(OperationKind kind, const OperandPair& operands, KernelHost* host);

const Column* ComputeNegation(const Operation& operation, const Column& operand, RowSet rows,
                              KernelHost* host);
const Column* ComputeNot(const Column& operand, RowSet rows, KernelHost* host);
const Column* ComputeIsNull(bool is_negated, const Column& operand, RowSet rows, KernelHost* host);

// The kernel that fits, if any.
const Column* ComputeTyped(const Operation& operation, absl::Span<const Column* const> arguments,
                           RowSet rows, KernelHost* host);

}  // namespace tidemark::query::eval
