// SPDX-License-Identifier: Apache-2.0
#include "query/eval/row_machine.h"

#include <iterator>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "query/eval/apply.h"
#include "query/functions/aggregate.h"
#include "query/functions/failures.h"
#include "query/functions/operators.h"

namespace tidemark::query::eval {

using bound::LogicOperator;
using graph::Value;
using graph::ValueType;

RowMachine::RowMachine(const Code* code, FunctionEnvironment* functions)
    : code_(*code),
      functions_(*functions),
      locals_(code->local_count),
      background_(functions->environment()->background) {}

void RowMachine::Start(uint32_t begin, uint32_t end) {
  pc_ = begin;
  end_ = end;
  stack_.clear();
  scopes_.clear();
  loops_.clear();
}

Value RowMachine::TakeResult() {
  DCHECK(stack_.size() == 1);
  return Pop();
}

Value RowMachine::Pop() {
  Value value = std::move(stack_.back());
  stack_.pop_back();
  return value;
}

RowMachine::State RowMachine::Continue(absl::Span<const Column* const> registers, uint16_t row,
                                       int64_t* units) {
  while (pc_ < end_ || call_.is_open()) {
    if (*units <= 0) return State::kRunning;
    if (call_.is_open() && !call_.is_done()) {
      functions_.environment()->waits_for_call = true;
      return State::kRunning;
    }
    absl::Status status;
    if (call_.is_open()) {
      status = FinishCall();
    } else {
      const RowInstruction& step = code_.rows[pc_++];
      raising_ = step.source;
      status = Execute(step, registers, row, units);
    }
    *units -= 1 + functions_.TakeUnits();
    if (!status.ok() && !Unwind({std::move(status), raising_})) return State::kFailed;
  }
  return State::kDone;
}

bool RowMachine::Unwind(RowError error) {
  if (scopes_.empty()) {
    error_ = std::move(error);
    return false;
  }
  LogicScope& scope = scopes_.back();
  if (scope.error.status.ok()) scope.error = std::move(error);
  stack_.resize(scope.stack_size);
  loops_.resize(scope.loop_count);
  pc_ = scope.next;
  return true;
}

absl::Status RowMachine::Execute(const RowInstruction& step,
                                 absl::Span<const Column* const> registers, uint16_t row,
                                 int64_t* units) {
  switch (step.kind) {
    case RowInstructionKind::kPushRegister:
      stack_.push_back(registers[step.a]->ValueAt(row));
      return absl::OkStatus();
    case RowInstructionKind::kPushLocal:
      stack_.push_back(locals_[step.a]);
      return absl::OkStatus();
    case RowInstructionKind::kStoreLocal:
      StoreLocal(step.a, Pop());
      return absl::OkStatus();
    case RowInstructionKind::kApply:
      return ApplyTop(step, units);
    case RowInstructionKind::kJump:
      pc_ = step.a;
      return absl::OkStatus();
    case RowInstructionKind::kJumpIfTrue:
      return JumpOn(step, true);
    case RowInstructionKind::kJumpUnlessTrue:
      return JumpOn(step, false);
    case RowInstructionKind::kJumpIfNotNull:
      if (!stack_.back().is_null()) {
        pc_ = step.a;
      } else {
        stack_.pop_back();
      }
      return absl::OkStatus();
    case RowInstructionKind::kBeginLogic:
      scopes_.push_back({.op = step.logic});
      return absl::OkStatus();
    case RowInstructionKind::kTryOperand:
      scopes_.back().next = step.a;
      scopes_.back().stack_size = stack_.size();
      scopes_.back().loop_count = loops_.size();
      return absl::OkStatus();
    case RowInstructionKind::kOperand:
      return TakeOperand(step);
    case RowInstructionKind::kEndLogic:
      return EndLogic();
    case RowInstructionKind::kBeginLoop:
      return BeginLoop(step);
    case RowInstructionKind::kNext:
      return Next(step);
    case RowInstructionKind::kKeep:
      return Keep();
    case RowInstructionKind::kTally:
      break;
  }
  return Tally();
}

absl::Status RowMachine::ApplyTop(const RowInstruction& step, int64_t* units) {
  const Operation& operation = code_.operations[step.a];
  const size_t first = stack_.size() - step.b;
  const auto operands = absl::MakeConstSpan(stack_).subspan(first);
  if (background_ != nullptr && IsHeavy(operation, operands)) {
    const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(first);
    call_.Start(operation, {std::make_move_iterator(begin), std::make_move_iterator(stack_.end())},
                functions_.environment());
    stack_.resize(first);
    return absl::OkStatus();
  }
  *units -= CostOf(operation, operands);
  ASSIGN_OR_RETURN(Value result, Apply(operation, operands, &functions_));
  stack_.resize(first);
  stack_.push_back(std::move(result));
  return absl::OkStatus();
}

absl::Status RowMachine::FinishCall() {
  ASSIGN_OR_RETURN(Value result, call_.Take(&functions_));
  stack_.push_back(std::move(result));
  return absl::OkStatus();
}

void RowMachine::StoreLocal(uint32_t local, Value value) { locals_[local] = std::move(value); }

absl::Status RowMachine::JumpOn(const RowInstruction& step, bool wanted) {
  ASSIGN_OR_RETURN(const bool is_true, IsTrue(Pop()));
  if (is_true == wanted) pc_ = step.a;
  return absl::OkStatus();
}

absl::Status RowMachine::TakeOperand(const RowInstruction& step) {
  LogicScope& scope = scopes_.back();
  const Value operand = Pop();
  if (operand.is_null()) {
    scope.is_unknown = true;
    return absl::OkStatus();
  }
  if (operand.type() != ValueType::kBoolean) return TypeMismatch("BOOLEAN", operand);
  if (scope.op == LogicOperator::kXor) {
    scope.is_odd = scope.is_odd != operand.boolean();
  } else if (operand.boolean() == (scope.op == LogicOperator::kOr)) {
    scope.is_decided = true;
    pc_ = step.a;
  }
  return absl::OkStatus();
}

absl::Status RowMachine::EndLogic() {
  LogicScope scope = std::move(scopes_.back());
  scopes_.pop_back();
  const bool is_or = scope.op == LogicOperator::kOr;
  if (scope.is_decided) {
    stack_.push_back(Value::Boolean(is_or));
    return absl::OkStatus();
  }
  if (!scope.error.status.ok()) {
    raising_ = scope.error.source;
    return std::move(scope.error.status);
  }
  if (scope.is_unknown) {
    stack_.emplace_back();
  } else {
    stack_.push_back(Value::Boolean(scope.op == LogicOperator::kXor ? scope.is_odd : !is_or));
  }
  return absl::OkStatus();
}

absl::Status RowMachine::BeginLoop(const RowInstruction& step) {
  Value list = Pop();
  const bool is_reduce = step.loop == LoopKind::kReduce;
  if (is_reduce) locals_[step.b] = Pop();
  if (list.is_null()) {
    stack_.emplace_back();
    pc_ = step.a;
    return absl::OkStatus();
  }
  if (list.type() != ValueType::kList) return TypeMismatch("LIST<ANY>", list);
  Loop loop{.kind = step.loop, .exit = step.a, .accumulator = is_reduce ? step.b : 0};
  loop.list = std::move(list);
  loop.used_bytes = functions_.used_bytes();
  loops_.push_back(std::move(loop));
  return absl::OkStatus();
}

// Of what the last turn made only what the loop keeps lives on.
void RowMachine::Settle(Loop* loop) {
  const size_t lasting = loop->used_bytes + loop->kept_bytes;
  if (functions_.used_bytes() == lasting) return;
  functions_.Settle(lasting);
  if (loop->kind != LoopKind::kReduce) return;
  functions_.Settle(lasting + locals_[loop->accumulator].memory_bytes());
}

absl::Status RowMachine::Next(const RowInstruction& step) {
  Loop& loop = loops_.back();
  Settle(&loop);
  if (loop.next < loop.list.list().size()) {
    locals_[step.b] = loop.list.list()[loop.next++];
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(Value result, ResultOf(&loop));
  Leave(std::move(result));
  return absl::OkStatus();
}

absl::StatusOr<Value> RowMachine::ResultOf(Loop* loop) {
  const auto unless_unknown = [loop](bool result) {
    return loop->is_unknown ? Value() : Value::Boolean(result);
  };
  switch (loop->kind) {
    case LoopKind::kComprehension:
      return graph::MakeList(std::move(loop->kept));
    case LoopKind::kReduce:
      return std::move(locals_[loop->accumulator]);
    case LoopKind::kAny:
      return unless_unknown(false);
    case LoopKind::kSingle:
      return unless_unknown(loop->true_count == 1);
    default:
      return unless_unknown(true);
  }
}

void RowMachine::Leave(Value result) {
  pc_ = loops_.back().exit;
  loops_.pop_back();
  stack_.push_back(std::move(result));
}

absl::Status RowMachine::Keep() {
  Loop& loop = loops_.back();
  Value element = Pop();
  // What a turn made is kept with it; what it only took from elsewhere is there anyway.
  const bool has_made = functions_.used_bytes() != loop.used_bytes + loop.kept_bytes;
  const size_t bytes = has_made ? sizeof(Value) + element.memory_bytes() : sizeof(Value);
  RETURN_IF_ERROR(CheckListSize(loop.kept.size() + 1));
  functions_.Settle(loop.used_bytes + loop.kept_bytes);
  RETURN_IF_ERROR(functions_.Reserve(bytes));
  loop.kept_bytes += bytes;
  loop.kept.push_back(std::move(element));
  return absl::OkStatus();
}

absl::Status RowMachine::Tally() {
  Loop& loop = loops_.back();
  const Value value = Pop();
  if (value.is_null()) {
    loop.is_unknown = true;
    return absl::OkStatus();
  }
  if (value.type() != ValueType::kBoolean) return TypeMismatch("BOOLEAN", value);
  if (!value.boolean()) {
    if (loop.kind == LoopKind::kAll) Leave(Value::Boolean(false));
    return absl::OkStatus();
  }
  ++loop.true_count;
  if (loop.kind == LoopKind::kAny) {
    Leave(Value::Boolean(true));
  } else if (loop.kind == LoopKind::kNone ||
             (loop.kind == LoopKind::kSingle && loop.true_count > 1)) {
    Leave(Value::Boolean(false));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::query::eval
