// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/operators/operator.h"

namespace tidemark::exec {

// Gives the rows of one input after the other.
// Owner, threads, errors: as of every Operator.
class Union final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  size_t next_input_ = 0;
};

}  // namespace tidemark::exec
