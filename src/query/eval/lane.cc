// SPDX-License-Identifier: Apache-2.0
#include <bit>

#include "query/eval/kernels.h"

namespace tidemark::query::eval {

using graph::Value;
using graph::ValueType;

namespace {

constexpr uint32_t BitOf(ValueType type) { return 1u << static_cast<int>(type); }

std::optional<Lane> LaneOfConstant(const Value& value, uint64_t* constant) {
  switch (value.type()) {
    case ValueType::kInteger:
      *constant = static_cast<uint64_t>(value.integer());
      break;
    case ValueType::kFloat:
      *constant = std::bit_cast<uint64_t>(value.real());
      break;
    case ValueType::kBoolean:
      *constant = value.boolean() ? 1 : 0;
      break;
    case ValueType::kVertex:
      *constant = value.vertex().value();
      break;
    default:
      return std::nullopt;
  }
  return Lane{.type = value.type(), .words = constant, .stride = 0};
}

// The one type of a tagged column; null when there is none or it has several.
ValueType TypeOfTagged(const Column& column) {
  const uint32_t types = column.types_seen() & ~BitOf(ValueType::kNull);
  if (std::popcount(types) != 1) return ValueType::kNull;
  return static_cast<ValueType>(std::countr_zero(types));
}

}  // namespace

std::optional<Lane> LaneOf(const Column& column, uint64_t* constant) {
  Lane lane;
  switch (column.kind()) {
    case ColumnKind::kInteger:
      lane.type = ValueType::kInteger;
      break;
    case ColumnKind::kFloat:
      lane.type = ValueType::kFloat;
      break;
    case ColumnKind::kBoolean:
      lane.type = ValueType::kBoolean;
      break;
    case ColumnKind::kVertex:
      lane.type = ValueType::kVertex;
      break;
    case ColumnKind::kString:
      lane.type = ValueType::kString;
      break;
    case ColumnKind::kTagged: {
      lane.type = TypeOfTagged(column);
      if (lane.type == ValueType::kNull) return std::nullopt;
      // Rows that were never set have no type and are null.
      lane.words = column.words();
      lane.tags = column.tags();
      return lane;
    }
    case ColumnKind::kConstant:
      return LaneOfConstant(column.values()[0], constant);
    case ColumnKind::kEdge:
    case ColumnKind::kValue:
      return std::nullopt;
  }
  lane.words = column.words();
  if (column.has_nulls()) lane.null_bits = column.null_bits();
  return lane;
}

const Column* ComputeTyped(const Operation& operation, absl::Span<const Column* const> arguments,
                           RowSet rows, KernelHost* host) {
  switch (operation.kind) {
    case OperationKind::kEqual:
    case OperationKind::kNotEqual:
    case OperationKind::kLess:
    case OperationKind::kLessOrEqual:
    case OperationKind::kGreater:
    case OperationKind::kGreaterOrEqual: {
      const OperandPair operands{*arguments[0], *arguments[1], rows};
      const Column* const column = ComputeComparison(operation.kind, operands, host);
      return column != nullptr ? column : ComputeTextTest(operation.kind, operands, host);
    }
    case OperationKind::kStartsWith:
    case OperationKind::kEndsWith:
    case OperationKind::kContains:
      return ComputeTextTest(operation.kind, {*arguments[0], *arguments[1], rows}, host);
    case OperationKind::kAdd:
    case OperationKind::kSubtract:
    case OperationKind::kMultiply:
    case OperationKind::kDivide:
    case OperationKind::kRemainder:
    case OperationKind::kPower:
      return ComputeArithmetic(operation, {*arguments[0], *arguments[1], rows}, host);
    case OperationKind::kNegate:
      return ComputeNegation(operation, *arguments[0], rows, host);
    case OperationKind::kNot:
      return ComputeNot(*arguments[0], rows, host);
    case OperationKind::kIsNull:
      return ComputeIsNull(operation.is_negated, *arguments[0], rows, host);
    default:
      return nullptr;
  }
}

}  // namespace tidemark::query::eval
