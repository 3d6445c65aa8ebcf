// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "query/batch/batch.h"
#include "query/batch/slab_arena.h"
#include "query/eval/background_call.h"
#include "query/eval/function_environment.h"
#include "query/eval/kernels.h"
#include "query/eval/program.h"
#include "query/eval/row_machine.h"
#include "query/eval/row_set.h"

namespace tidemark::query::eval {

// What an AND, OR, XOR, CASE or coalesce() is at while its parts are evaluated.
struct Frame {
  bool is_logic = false;
  RowSet outer;                // the rows that were open when it began
  std::vector<uint16_t> open;  // those that still are
  Column* result = nullptr;
  // Of logic.
  bound::LogicOperator op = bound::LogicOperator::kAnd;
  std::vector<uint8_t> marks;  // by row
  absl::flat_hash_map<uint16_t, RowError> errors;
  // Of CASE and coalesce().
  std::vector<uint16_t> aside;
  std::vector<uint16_t> taken;
  bool is_inside = false;  // the rows aside are evaluated, and
  size_t open_count = 0;   // so many of `open` wait
};
// An operand of logic raises for a row.
void AddError(Frame* logic, uint16_t row, RowError error);

// The instructions of a program, over one batch after another. The inside of an Evaluator.
// Owner: an Evaluator. Threads: one at a time.
class Run final : public KernelHost {
 public:
  Run(const Program* program, Environment* environment);
  ~Run() override { Reset(); }

  void Start(Batch* batch);
  absl::StatusOr<bool> Continue(int64_t* units);
  void Reset();

  // From now on nothing is done in the background.
  void set_calls_at_once() {
    background_ = nullptr;
    machine_.set_calls_at_once();
  }

  Batch* batch() const { return batch_; }
  bool is_done() const { return batch_ != nullptr && next_step_ == code_.instructions.size(); }
  const Column& result() const { return *registers_[code_.result]; }
  // The error of a condition that is neither boolean nor null.
  absl::Status NotBoolean(const graph::Value& value) const;

  Column* NewColumn(ColumnKind kind) override;
  void Raise(uint16_t row, absl::Status status) override;

 private:
  // The status with its place in the text.
  absl::Status Placed(const RowError& error) const;
  // Charges what the columns in the arena take.
  absl::Status ChargeColumns();
  void LoadRegisters();
  const Column* LoadSlot(uint32_t slot);
  const Column* NewConstant(const graph::Value& value);
  // Each is false when the units are used up before it is done.
  bool Execute(const Instruction& step, int64_t* units);
  bool Compute(const Instruction& step, int64_t* units);
  bool ComputeRows(const Instruction& step, int64_t* units);
  bool ComputeConstant(const Instruction& step, int64_t* units);
  // Applies an operation to operands_. Nothing while it is done in the background.
  std::optional<ValueOr> Call(const Operation& operation, int64_t* units);
  bool RunRows(const Instruction& step, int64_t* units);

  // run_frames.cc
  void Push(const Instruction& step);
  void TakeOperand(const Column& operand);
  template <typename Read>
  void FoldOperand(const Column& operand, Read read);
  void EndLogic(const Instruction& step);
  void When(const Column& condition);
  void Enter();
  void Take(const Column& from);
  void TakeNotNull(const Column& from);
  void CopyResults(const Column& from, RowSet rows);
  void Promote(Frame* frame);
  void EndCase(const Instruction& step);
  Frame& frame() { return *frames_[depth_ - 1]; }
  void RaiseAt(uint16_t row, RowError error);

  const Program& program_;
  const Code& code_;
  Environment& environment_;
  FunctionEnvironment functions_;
  RowMachine machine_;

  Batch* batch_ = nullptr;
  std::optional<SlabArena> arena_;
  std::vector<Column*> columns_;  // in the arena
  size_t charged_bytes_ = 0;      // for them
  std::vector<uint16_t> selected_;
  std::vector<const Column*> registers_;
  const Column* nothing_ = nullptr;  // null in every row
  RowSet open_;
  size_t next_step_ = 0;
  // Inside of a step that goes row by row.
  size_t next_row_ = 0;
  bool is_in_row_ = false;
  size_t row_used_bytes_ = 0;
  Column* output_ = nullptr;
  std::vector<graph::Value> operands_;
  Background* background_;
  BackgroundCall call_;
  bool is_constant_call_ = false;
  Source source_;  // of the step
  std::vector<std::unique_ptr<Frame>> frames_;
  size_t depth_ = 0;  // how many of them are in use
  std::optional<RowError> failure_;
};

}  // namespace tidemark::query::eval
