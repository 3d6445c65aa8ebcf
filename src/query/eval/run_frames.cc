// SPDX-License-Identifier: Apache-2.0
// AND, OR, XOR, CASE and coalesce(): their parts see fewer and fewer rows.
#include <utility>

#include "base/check.h"
#include "query/eval/run.h"
#include "query/functions/failures.h"

namespace tidemark::query::eval {

using bound::LogicOperator;
using graph::Value;
using graph::ValueType;

namespace {

// What the operands of a row have been so far.
constexpr uint8_t kUnknown = 1;  // one is null
constexpr uint8_t kOdd = 2;      // an odd number is true
constexpr uint8_t kPending = 4;  // one before has raised
constexpr uint8_t kRaised = 8;   // the one at hand has raised

// An operand of a row.
enum class Truth : uint8_t { kFalse, kTrue, kNull, kOther };

Truth TruthAt(const Column& column, uint16_t row) {
  const Cell cell = column.CellAt(row);
  if (cell.type == ValueType::kNull) return Truth::kNull;
  if (cell.type != ValueType::kBoolean) return Truth::kOther;
  return cell.word != 0 ? Truth::kTrue : Truth::kFalse;
}

// The kind of a column that holds such cells; for anything but words a column of values.
ColumnKind KindFor(const Column& from) {
  switch (from.kind()) {
    case ColumnKind::kInteger:
    case ColumnKind::kFloat:
    case ColumnKind::kBoolean:
    case ColumnKind::kVertex:
      return from.kind();
    case ColumnKind::kConstant:
      switch (from.values()[0].type()) {
        case ValueType::kInteger:
          return ColumnKind::kInteger;
        case ValueType::kFloat:
          return ColumnKind::kFloat;
        case ValueType::kBoolean:
          return ColumnKind::kBoolean;
        default:
          return ColumnKind::kValue;
      }
    default:
      return ColumnKind::kValue;
  }
}

bool IsAllNull(const Column& column) {
  return column.kind() == ColumnKind::kConstant && column.values()[0].is_null();
}

}  // namespace

void AddError(Frame* logic, uint16_t row, RowError error) {
  logic->marks[row] |= kRaised;
  logic->errors.try_emplace(row, std::move(error));
}

void Run::Push(const Instruction& step) {
  if (depth_ == frames_.size()) frames_.push_back(std::make_unique<Frame>());
  Frame& frame = *frames_[depth_++];
  frame.is_logic = step.kind == InstructionKind::kBeginLogic;
  frame.op = step.logic;
  frame.outer = open_;
  frame.errors.clear();
  frame.aside.clear();
  frame.taken.clear();
  frame.is_inside = false;
  frame.open.resize(open_.count);
  frame.result = nullptr;
  if (!frame.is_logic) return;
  frame.marks.resize(batch_->row_count());
  open_.ForEach([&](uint16_t row) { frame.marks[row] = 0; });
  frame.result = NewColumn(ColumnKind::kBoolean);
}

template <typename Read>
void Run::FoldOperand(const Column& operand, Read truth_at) {
  Frame& logic = frame();
  const bool is_xor = logic.op == LogicOperator::kXor;
  const bool decider = logic.op == LogicOperator::kOr;
  size_t kept = 0;
  for (size_t i = 0; i < open_.count; ++i) {
    const uint16_t row = open_.At(i);
    uint8_t& mark = logic.marks[row];
    logic.open[kept++] = row;
    if ((mark & kRaised) != 0) {
      mark = (mark & ~kRaised) | kPending;
      continue;
    }
    const Truth truth = truth_at(row);
    if (truth == Truth::kNull) {
      mark |= kUnknown;
    } else if (truth == Truth::kOther) {
      mark |= kPending;
      logic.errors.try_emplace(row,
                               RowError{TypeMismatch("BOOLEAN", operand.ValueAt(row)), source_});
    } else if (is_xor) {
      mark ^= truth == Truth::kTrue ? kOdd : 0;
    } else if ((truth == Truth::kTrue) == decider) {
      logic.result->SetWord(row, decider ? 1 : 0);
      --kept;
    }
  }
  open_ = {logic.open.data(), kept};
}

void Run::TakeOperand(const Column& operand) {
  if (operand.kind() == ColumnKind::kBoolean && !operand.has_nulls()) {
    const uint64_t* const words = operand.words();
    return FoldOperand(
        operand, [words](uint16_t row) { return words[row] != 0 ? Truth::kTrue : Truth::kFalse; });
  }
  FoldOperand(operand, [&operand](uint16_t row) { return TruthAt(operand, row); });
}

void Run::EndLogic(const Instruction& step) {
  Frame& logic = frame();
  const RowSet undecided = open_;
  open_ = logic.outer;
  --depth_;
  registers_[step.result] = logic.result;
  const bool neutral = logic.op == LogicOperator::kAnd;
  undecided.ForEach([&](uint16_t row) {
    const uint8_t mark = logic.marks[row];
    if ((mark & kPending) != 0) {
      logic.result->SetNull(row);
      RaiseAt(row, std::move(logic.errors.find(row)->second));
    } else if ((mark & kUnknown) != 0) {
      logic.result->SetNull(row);
    } else {
      const bool is_true = logic.op == LogicOperator::kXor ? (mark & kOdd) != 0 : neutral;
      logic.result->SetWord(row, is_true ? 1 : 0);
    }
  });
}

void Run::When(const Column& condition) {
  Frame& frame = this->frame();
  size_t kept = 0;
  for (size_t i = 0; i < open_.count; ++i) {
    const uint16_t row = open_.At(i);
    const Truth truth = TruthAt(condition, row);
    if (truth == Truth::kTrue) {
      frame.aside.push_back(row);
      continue;
    }
    frame.open[kept++] = row;
    if (truth == Truth::kOther) Raise(row, TypeMismatch("BOOLEAN", condition.ValueAt(row)));
  }
  open_ = {frame.open.data(), kept};
}

void Run::Enter() {
  Frame& frame = this->frame();
  frame.open_count = open_.count;
  frame.is_inside = true;
  open_ = {frame.aside.data(), frame.aside.size()};
}

void Run::Take(const Column& from) {
  Frame& frame = this->frame();
  CopyResults(from, open_);
  if (!frame.is_inside) frame.open_count = 0;
  frame.is_inside = false;
  frame.aside.clear();
  open_ = {frame.open.data(), frame.open_count};
}

void Run::TakeNotNull(const Column& from) {
  Frame& frame = this->frame();
  size_t kept = 0;
  frame.aside.clear();
  for (size_t i = 0; i < open_.count; ++i) {
    const uint16_t row = open_.At(i);
    if (from.IsNull(row)) {
      frame.open[kept++] = row;
    } else {
      frame.aside.push_back(row);
    }
  }
  CopyResults(from, {frame.aside.data(), frame.aside.size()});
  open_ = {frame.open.data(), kept};
}

// Results of another kind than those before make all of them values.
void Run::Promote(Frame* frame) {
  Column* const values = NewColumn(ColumnKind::kValue);
  for (const uint16_t row : frame->taken) values->values()[row] = frame->result->ValueAt(row);
  frame->result = values;
}

void Run::CopyResults(const Column& from, RowSet rows) {
  if (rows.empty()) return;
  Frame& frame = this->frame();
  const bool all_null = IsAllNull(from);
  const ColumnKind kind = KindFor(from);
  if (frame.result == nullptr) {
    frame.result = NewColumn(kind);
  } else if (!all_null && frame.result->kind() != kind &&
             frame.result->kind() != ColumnKind::kValue) {
    Promote(&frame);
  }
  Column* const result = frame.result;
  rows.ForEach([&](uint16_t row) {
    frame.taken.push_back(row);
    if (result->kind() == from.kind() && from.kind() != ColumnKind::kConstant) {
      result->ShareCell(row, from, row);
    } else {
      result->SetValue(row, from.ValueAt(row));
    }
  });
}

void Run::EndCase(const Instruction& step) {
  Frame& frame = this->frame();
  const RowSet rest = open_;
  open_ = frame.outer;
  --depth_;
  if (frame.result == nullptr) {
    registers_[step.result] = nothing_;
    return;
  }
  rest.ForEach([&](uint16_t row) { frame.result->SetNull(row); });
  registers_[step.result] = frame.result;
}

}  // namespace tidemark::query::eval
