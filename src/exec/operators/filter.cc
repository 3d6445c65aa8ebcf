// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/filter.h"

#include <utility>

#include "base/status.h"

namespace tidemark::exec {

Filter::Filter(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context),
      evaluator_(&query::plan::As<query::plan::Filter>(plan).condition, context->environment) {}

absl::StatusOr<Pulled> Filter::Next(query::BatchRef* batch) {
  while (true) {
    if (!batch_) {
      ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch_));
      if (pulled != Pulled::kBatch) return pulled;
      evaluator_.Start(batch_.get());
    }
    ASSIGN_OR_RETURN(const bool done, evaluator_.Continue(&context().units));
    if (!done) return Pulled::kPause;
    RETURN_IF_ERROR(evaluator_.KeepTrue());
    evaluator_.Reset();
    *batch = std::exchange(batch_, query::BatchRef());
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

}  // namespace tidemark::exec
