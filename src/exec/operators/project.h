// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>

#include "exec/operators/operator.h"
#include "query/eval/evaluator.h"

namespace tidemark::exec {

// Adds a column to its input's batches for each expression.
// Owner, threads, errors: as of every Operator.
class Project final : public Operator {
 public:
  Project(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  absl::StatusOr<bool> Evaluate();

  std::deque<query::eval::Evaluator> evaluators_;
  query::BatchRef batch_;  // under work
  size_t next_ = 0;        // the evaluator at work
  bool is_started_ = false;
};

}  // namespace tidemark::exec
