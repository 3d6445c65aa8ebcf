// SPDX-License-Identifier: Apache-2.0
#include "exec/query_run.h"

#include <utility>

namespace tidemark::exec {

QueryRun::QueryRun(const query::plan::Plan& plan, QueryInput input, const QueryHost& host)
    : input_(std::move(input)), account_(host.memory, host.query_limit_bytes) {
  environment_.statement = input_.statement;
  environment_.parameters = input_.parameters;
  environment_.transaction_micros = input_.transaction_micros;
  environment_.statement_micros = input_.statement_micros;
  environment_.seed = input_.seed;
  environment_.memory = &account_;
  environment_.pool = host.pool;
  context_ = {host.pool, &account_, &environment_, 0};
  root_ = MakeOperator(*plan.home.root, &context_);
}

absl::StatusOr<Pulled> QueryRun::Pull(int64_t* units, query::BatchRef* batch) {
  context_.units = *units;
  absl::StatusOr<Pulled> pulled = root_->Pull(batch);
  *units = context_.units;
  return pulled;
}

}  // namespace tidemark::exec
