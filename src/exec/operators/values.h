// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/operators/operator.h"

namespace tidemark::exec {

// Gives the one row without columns that a query begins with.
// Owner, threads, errors: as of every Operator.
class Values final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  bool done_ = false;
};

}  // namespace tidemark::exec
