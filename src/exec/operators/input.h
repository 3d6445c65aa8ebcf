// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/operators/operator.h"

namespace tidemark::exec {

// Gives, once, the rows that RunContext::input had when it was made.
// Owner, threads, errors: as of every Operator.
class Input final : public Operator {
 public:
  Input(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  query::BatchRef rows_;
};

}  // namespace tidemark::exec
