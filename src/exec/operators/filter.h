// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/operators/operator.h"
#include "query/eval/evaluator.h"

namespace tidemark::exec {

// Keeps the rows for which the condition is true.
// Owner, threads, errors: as of every Operator.
class Filter final : public Operator {
 public:
  Filter(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  query::eval::Evaluator evaluator_;
  query::BatchRef batch_;  // under work
};

}  // namespace tidemark::exec
