// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "query/batch/batch.h"
#include "query/eval/environment.h"
#include "query/eval/program.h"

namespace tidemark::query::eval {

class Run;

// Runs a program over one batch after another, over the rows that count. A run stops when its units
// are used up and goes on later, in the middle of a row too, so that no step of a node is long.
// Owner: an operator. Threads: one at a time. Errors: query::Error with the place of the part of
// the expression that raised; after one the evaluator is idle. Limits: Environment::memory.
class Evaluator {
 public:
  // REQUIRES: both live as long as the evaluator.
  Evaluator(const Program* program, Environment* environment);
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;
  ~Evaluator();

  // REQUIRES: the batch stays as it is until the run is done and its result is taken.
  void Start(Batch* batch);
  // True when done; false when it wants to go on. Takes from `units` what it used: about 12 ns
  // each. REQUIRES: started.
  absl::StatusOr<bool> Continue(int64_t* units);
  // Without a break, for programs that are known to be short; nothing is done in the background.
  absl::Status Finish(int64_t* units);

  // What came out, one of these. REQUIRES: done.
  // Adds a column to the batch, of the kind that fits; slot_count() - 1 is its slot.
  Column* AddResult();
  // Keeps the rows for which it is true. Another type than boolean or null is an error.
  absl::Status KeepTrue();
  // The value of one row that counts.
  graph::Value ResultAt(uint16_t row) const;
  // Drops what is left of the run; also in the middle of it.
  void Reset();

 private:
  std::unique_ptr<Run> run_;
};

// Without a break; for programs that are known to be short, and for tests.
absl::StatusOr<Column*> Evaluate(const Program& program, Batch* batch, Environment* environment);
absl::Status Filter(const Program& program, Batch* batch, Environment* environment);
// The value of a program that reads no slot, such as SKIP, LIMIT and arguments of commands.
ValueOr EvaluateOnce(const Program& program, Environment* environment);

}  // namespace tidemark::query::eval
