// SPDX-License-Identifier: Apache-2.0
#include "exec/query_run.h"

#include <utility>

namespace tidemark::exec {

QueryRun::QueryRun(const query::plan::Plan& plan, const QueryInput& input, const QueryHost& host,
                   const QueryPorts& ports)
    : account_(host.memory, host.query_limit_bytes), elements_(host.names, &account_) {
  environment_.statement = input.statement;
  environment_.parameters = input.parameters;
  environment_.transaction_micros = input.transaction_micros;
  environment_.statement_micros = input.statement_micros;
  environment_.seed = input.seed;
  environment_.graph = &elements_;
  environment_.memory = &account_;
  environment_.pool = host.pool;
  environment_.background = host.background;
  context_.pool = host.pool;
  context_.account = &account_;
  context_.environment = &environment_;
  context_.workers = ports.workers;
  context_.writer = ports.writer;
  context_.procedures = ports.procedures;
  context_.wake = ports.wake;
  context_.elements = &elements_;
  context_.counters = &counters_;
  context_.clock = host.clock;
  if (input.is_profiled) context_.profile = &profile_;
  root_ = MakeOperator(*plan.home.root, &context_);
}

absl::StatusOr<Pulled> QueryRun::Pull(int64_t* units, query::BatchRef* batch) {
  context_.units = *units;
  environment_.waits_for_call = false;
  absl::StatusOr<Pulled> pulled = root_->Pull(batch);
  *units = context_.units;
  return pulled;
}

}  // namespace tidemark::exec
