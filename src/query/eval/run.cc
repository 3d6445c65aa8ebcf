// SPDX-License-Identifier: Apache-2.0
#include "query/eval/run.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "query/eval/apply.h"
#include "query/functions/aggregate.h"
#include "query/functions/failures.h"
#include "query/text/error.h"

namespace tidemark::query::eval {

using graph::Value;

namespace {

// How many rows a typed kernel does in a unit.
constexpr int64_t kKernelRowsPerUnit = 8;

// What the columns of a run may take without being charged: those of most expressions do. One of a
// hundred thousand terms takes a gigabyte.
constexpr size_t kUnchargedBytes = 4 * kSlabBytes;

// The type of columns for results that come row by row.
constexpr ColumnKind kAnyKind = ColumnKind::kValue;

}  // namespace

Run::Run(const Program* program, Environment* environment)
    : program_(*program),
      code_(program->code),
      environment_(*environment),
      functions_(environment),
      machine_(&code_, &functions_),
      registers_(code_.register_count),
      background_(environment->background) {}

void Run::Reset() {
  for (Column* column : columns_) column->~Column();
  columns_.clear();
  arena_.reset();
  if (charged_bytes_ > 0) environment_.memory->Release(std::exchange(charged_bytes_, 0));
  batch_ = nullptr;
  depth_ = 0;
  failure_.reset();
  call_.Drop();
  machine_.Drop();
  functions_.ReleaseAll();
}

Column* Run::NewColumn(ColumnKind kind) {
  const size_t rows = std::max<size_t>(batch_->row_count(), 1);
  auto* column = new (arena_->Allocate(sizeof(Column))) Column(&*arena_, kind, rows);
  columns_.push_back(column);
  return column;
}

const Column* Run::NewConstant(const Value& value) {
  Column* const column = NewColumn(ColumnKind::kConstant);
  column->SetValue(0, value);
  return column;
}

void Run::Start(Batch* batch) {
  Reset();
  batch_ = batch;
  arena_.emplace(environment_.pool);
  open_ = {nullptr, batch->row_count()};
  if (batch->has_selection()) {
    selected_.resize(batch->selected_count());
    for (size_t i = 0; i < selected_.size(); ++i) selected_[i] = batch->RowAt(i);
    open_ = {selected_.data(), selected_.size()};
  }
  nothing_ = NewConstant(Value());
  LoadRegisters();
  next_step_ = 0;
  next_row_ = 0;
  is_in_row_ = false;
}

void Run::LoadRegisters() {
  for (const Load& load : code_.loads) {
    switch (load.from) {
      case Load::From::kSlot:
        registers_[load.result] = LoadSlot(load.index);
        break;
      case Load::From::kConstant:
        registers_[load.result] = NewConstant(code_.constants[load.index]);
        break;
      case Load::From::kParameter:
        registers_[load.result] = NewConstant(environment_.parameters[load.index]);
        break;
    }
  }
}

const Column* Run::LoadSlot(uint32_t slot) {
  const Column& from = batch_->SlotColumn(slot);
  const bool is_own = slot >= batch_->slot_count() - batch_->column_count();
  if (is_own || from.kind() == ColumnKind::kConstant) return &from;
  Column* const column = NewColumn(from.kind());
  if (from.sources() != nullptr) column->MakeEnds();
  open_.ForEach([&](uint16_t row) {
    uint16_t from_row = row;
    const Column& resolved = batch_->Resolve(slot, &from_row);
    column->ShareCell(row, resolved, from_row);
  });
  return column;
}

absl::StatusOr<bool> Run::Continue(int64_t* units) {
  CHECK(batch_ != nullptr) << "a run that was not started goes on";
  while (next_step_ < code_.instructions.size()) {
    const Instruction& step = code_.instructions[next_step_];
    source_ = step.source;
    const bool is_done = Execute(step, units);
    *units -= functions_.TakeUnits();
    const absl::Status charged = ChargeColumns();
    if (!charged.ok() && !failure_.has_value()) failure_ = RowError{charged, source_};
    if (failure_.has_value()) {
      absl::Status status = Placed(*failure_);
      Reset();
      return status;
    }
    if (!is_done) return false;
    ++next_step_;
    next_row_ = 0;
    if (*units <= 0 && next_step_ < code_.instructions.size()) return false;
  }
  return true;
}

absl::Status Run::ChargeColumns() {
  const size_t bytes = arena_->memory_bytes();
  if (bytes <= kUnchargedBytes + charged_bytes_ || environment_.memory == nullptr) {
    return absl::OkStatus();
  }
  const size_t more = bytes - kUnchargedBytes - charged_bytes_;
  RETURN_IF_ERROR(environment_.memory->Reserve(more));
  charged_bytes_ += more;
  return absl::OkStatus();
}

absl::Status Run::Placed(const RowError& error) const {
  absl::Status status = error.status;
  // What is too deep or too large for a value at all.
  if (absl::IsResourceExhausted(status) && !ErrorOf(status).has_value()) {
    status = Failure(ErrorId::kValueTooLarge, {MessageOf(status)});
  }
  return AtPlace(status, environment_.statement, error.source.offset);
}

absl::Status Run::NotBoolean(const Value& value) const {
  return Placed({TypeMismatch("BOOLEAN", value), program_.source});
}

void Run::Raise(uint16_t row, absl::Status status) { RaiseAt(row, {std::move(status), source_}); }

void Run::RaiseAt(uint16_t row, RowError error) {
  for (size_t i = depth_; i > 0; --i) {
    Frame& logic = *frames_[i - 1];
    if (!logic.is_logic) continue;
    AddError(&logic, row, std::move(error));
    return;
  }
  if (!failure_.has_value()) failure_ = std::move(error);
}

bool Run::Execute(const Instruction& step, int64_t* units) {
  switch (step.kind) {
    case InstructionKind::kCompute:
      return Compute(step, units);
    case InstructionKind::kRunRows:
      return RunRows(step, units);
    default:
      break;
  }
  *units -= 1 + static_cast<int64_t>(open_.count) / kKernelRowsPerUnit;
  switch (step.kind) {
    case InstructionKind::kBeginLogic:
    case InstructionKind::kBeginCase:
      Push(step);
      break;
    case InstructionKind::kOperand:
      TakeOperand(*registers_[step.arguments[0]]);
      break;
    case InstructionKind::kEndLogic:
      EndLogic(step);
      break;
    case InstructionKind::kWhen:
      When(*registers_[step.arguments[0]]);
      break;
    case InstructionKind::kEnter:
      Enter();
      break;
    case InstructionKind::kTake:
      Take(*registers_[step.arguments[0]]);
      break;
    case InstructionKind::kTakeNotNull:
      TakeNotNull(*registers_[step.arguments[0]]);
      break;
    default:
      EndCase(step);
      break;
  }
  return true;
}

bool Run::Compute(const Instruction& step, int64_t* units) {
  if (open_.empty()) {
    registers_[step.result] = nothing_;
    return true;
  }
  if (call_.is_open() && is_constant_call_) return ComputeConstant(step, units);
  if (next_row_ > 0 || call_.is_open()) return ComputeRows(step, units);
  const Operation& operation = code_.operations[step.operation];
  absl::InlinedVector<const Column*, 4> arguments;
  bool is_constant = !operation.is_volatile;
  for (const RegisterId argument : step.arguments) {
    arguments.push_back(registers_[argument]);
    is_constant = is_constant && arguments.back()->kind() == ColumnKind::kConstant;
  }
  if (is_constant) return ComputeConstant(step, units);
  registers_[step.result] = ComputeTyped(operation, arguments, open_, this);
  if (registers_[step.result] != nullptr) {
    *units -= 1 + static_cast<int64_t>(open_.count) / kKernelRowsPerUnit;
    return true;
  }
  return ComputeRows(step, units);
}

std::optional<ValueOr> Run::Call(const Operation& operation, int64_t* units) {
  if (!call_.is_open()) {
    if (background_ == nullptr || !IsHeavy(operation, operands_)) {
      *units -= CostOf(operation, operands_);
      return Apply(operation, operands_, &functions_);
    }
    call_.Start(operation, std::move(operands_), &environment_);
  }
  if (call_.is_done()) return call_.Take(&functions_);
  environment_.waits_for_call = true;
  return std::nullopt;
}

bool Run::ComputeConstant(const Instruction& step, int64_t* units) {
  if (!call_.is_open()) {
    operands_.clear();
    for (const RegisterId argument : step.arguments) {
      operands_.push_back(registers_[argument]->values()[0]);
    }
  }
  const std::optional<ValueOr> value = Call(code_.operations[step.operation], units);
  is_constant_call_ = !value.has_value();
  if (!value.has_value()) return false;
  if (value->ok()) {
    registers_[step.result] = NewConstant(**value);
    return true;
  }
  registers_[step.result] = nothing_;
  open_.ForEach([&](uint16_t row) { Raise(row, value->status()); });
  return true;
}

bool Run::ComputeRows(const Instruction& step, int64_t* units) {
  const Operation& operation = code_.operations[step.operation];
  if (next_row_ == 0 && !call_.is_open()) {
    output_ = NewColumn(kAnyKind);
    registers_[step.result] = output_;
  }
  for (; next_row_ < open_.count; ++next_row_) {
    if (*units <= 0 && next_row_ > 0) return false;
    const uint16_t row = open_.At(next_row_);
    if (!call_.is_open()) {
      operands_.clear();
      for (const RegisterId argument : step.arguments) {
        operands_.push_back(registers_[argument]->ValueAt(row));
      }
    }
    const size_t used_before = functions_.used_bytes();
    std::optional<ValueOr> called = Call(operation, units);
    if (!called.has_value()) return false;
    ValueOr value = *std::move(called);
    *units -= functions_.TakeUnits();
    if (!value.ok()) {
      Raise(row, value.status());
      if (failure_.has_value()) return true;
      continue;
    }
    if (functions_.used_bytes() != used_before)
      functions_.Settle(used_before + value->memory_bytes());
    output_->values()[row] = *std::move(value);
  }
  return true;
}

bool Run::RunRows(const Instruction& step, int64_t* units) {
  if (next_row_ == 0 && !is_in_row_) {
    output_ = NewColumn(kAnyKind);
    registers_[step.result] = output_;
  }
  for (; next_row_ < open_.count; ++next_row_) {
    if (*units <= 0) return false;
    const uint16_t row = open_.At(next_row_);
    if (!is_in_row_) {
      machine_.Start(step.begin, step.end);
      row_used_bytes_ = functions_.used_bytes();
      is_in_row_ = true;
    }
    const RowMachine::State state = machine_.Continue(registers_, row, units);
    if (state == RowMachine::State::kRunning) return false;
    is_in_row_ = false;
    if (state == RowMachine::State::kFailed) {
      RaiseAt(row, machine_.TakeError());
      functions_.Settle(row_used_bytes_);
      if (failure_.has_value()) return true;
      continue;
    }
    Value value = machine_.TakeResult();
    if (functions_.used_bytes() != row_used_bytes_) {
      functions_.Settle(row_used_bytes_ + value.memory_bytes());
    }
    output_->values()[row] = std::move(value);
  }
  return true;
}

}  // namespace tidemark::query::eval
