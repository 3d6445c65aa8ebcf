// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "absl/types/span.h"
#include "graph/value.h"
#include "query/eval/code.h"
#include "query/eval/environment.h"
#include "query/eval/function_environment.h"

namespace tidemark::query::eval {

// Whether an operation on these operands takes longer than a step of a node may: it goes through
// megabytes of text or a long list, and depends on nothing but them.
bool IsHeavy(const Operation& operation, absl::Span<const graph::Value> operands);

// A call of a heavy operation in the background. What it makes is charged when it is taken; the
// call itself ends where the query would have no memory left. Owner: a Run or its RowMachine; when
// that goes, the call ends for itself. Threads: one, but the call.
class BackgroundCall {
 public:
  // REQUIRES: not open. The environment has a background and outlives this.
  void Start(const Operation& operation, std::vector<graph::Value> operands,
             Environment* environment);
  bool is_open() const { return state_ != nullptr; }
  bool is_done() const { return state_->is_done.load(std::memory_order_acquire); }
  // What came of it, or the error that there is no memory for it. REQUIRES: done. Then it is not
  // open any more.
  ValueOr Take(FunctionEnvironment* functions);
  void Drop() { state_ = nullptr; }

 private:
  // Shared with the job.
  struct State {
    Operation operation;
    std::vector<graph::Value> operands;
    size_t room_bytes = 0;
    int64_t statement_micros = 0;
    size_t made_bytes = 0;  // of what was asked for, granted or not
    ValueOr result = graph::Value();
    std::atomic<bool> is_done{false};
  };
  class CallEnvironment;

  std::shared_ptr<State> state_;
};

}  // namespace tidemark::query::eval
