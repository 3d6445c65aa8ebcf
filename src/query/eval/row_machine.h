// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "query/batch/column.h"
#include "query/eval/background_call.h"
#include "query/eval/code.h"
#include "query/eval/function_environment.h"

namespace tidemark::query::eval {

// What raised, and where.
struct RowError {
  absl::Status status = {};
  Source source = {};
};

// Runs row instructions on a stack of values, in pieces. An operand of AND, OR and XOR that raises
// is remembered, and counts only when no other operand decides.
// Owner: a Run. Threads: one.
class RowMachine {
 public:
  enum class State : uint8_t { kRunning, kDone, kFailed };

  // REQUIRES: both live as long as this.
  RowMachine(const Code* code, FunctionEnvironment* functions);

  void Start(uint32_t begin, uint32_t end);
  // From now on nothing is done in the background.
  void set_calls_at_once() { background_ = nullptr; }
  // Forgets what is done there.
  void Drop() { call_.Drop(); }
  // REQUIRES: started and not done; the same row as before.
  State Continue(absl::Span<const Column* const> registers, uint16_t row, int64_t* units);
  // REQUIRES: done; failed.
  graph::Value TakeResult();
  RowError TakeError() { return std::move(error_); }

 private:
  struct LogicScope {
    bound::LogicOperator op;
    bool is_decided = false;
    bool is_unknown = false;
    bool is_odd = false;  // of XOR
    RowError error = {};
    uint32_t next = 0;  // where to go on when the operand raises
    size_t stack_size = 0;
    size_t loop_count = 0;
  };
  struct Loop {
    LoopKind kind;
    uint32_t exit = 0;
    uint32_t accumulator = 0;
    graph::Value list = {};
    size_t next = 0;
    std::vector<graph::Value> kept = {};
    size_t true_count = 0;
    bool is_unknown = false;
    size_t used_bytes = 0;  // before it began
    size_t kept_bytes = 0;
  };

  // Each returns what it raises.
  absl::Status Execute(const RowInstruction& step, absl::Span<const Column* const> registers,
                       uint16_t row, int64_t* units);
  absl::Status ApplyTop(const RowInstruction& step, int64_t* units);
  // Pushes what a call in the background has given. REQUIRES: done.
  absl::Status FinishCall();
  void StoreLocal(uint32_t local, graph::Value value);
  absl::Status JumpOn(const RowInstruction& step, bool wanted);
  absl::Status TakeOperand(const RowInstruction& step);
  absl::Status EndLogic();
  absl::Status BeginLoop(const RowInstruction& step);
  absl::Status Next(const RowInstruction& step);
  absl::Status Keep();
  absl::Status Tally();
  void Settle(Loop* loop);
  absl::StatusOr<graph::Value> ResultOf(Loop* loop);
  void Leave(graph::Value result);
  // False when nobody catches it.
  bool Unwind(RowError error);
  graph::Value Pop();

  const Code& code_;
  FunctionEnvironment& functions_;
  uint32_t pc_ = 0;
  uint32_t end_ = 0;
  std::vector<graph::Value> stack_;
  std::vector<graph::Value> locals_;
  std::vector<LogicScope> scopes_;
  std::vector<Loop> loops_;
  Background* background_;
  BackgroundCall call_;
  Source raising_;  // the step that is executed, or the operand whose error comes back
  RowError error_;
};

}  // namespace tidemark::query::eval
