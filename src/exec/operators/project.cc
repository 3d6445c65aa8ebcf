// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/project.h"

#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

Project::Project(const query::plan::Operator& plan, RunContext* context) : Operator(plan, context) {
  for (const auto& program : query::plan::As<query::plan::Project>(plan).programs) {
    evaluators_.emplace_back(&program, context->environment);
  }
}

absl::StatusOr<Pulled> Project::Next(query::BatchRef* batch) {
  if (!batch_) {
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch_));
    if (pulled != Pulled::kBatch) return pulled;
    Release();
    next_ = 0;
  }
  for (; next_ < evaluators_.size(); ++next_) {
    ASSIGN_OR_RETURN(const bool done, Evaluate());
    if (!done) return Pulled::kPause;
  }
  *batch = std::move(batch_);
  return Pulled::kBatch;
}

absl::StatusOr<bool> Project::Evaluate() {
  query::eval::Evaluator& evaluator = evaluators_[next_];
  if (!is_started_) evaluator.Start(batch_.get());
  is_started_ = true;
  ASSIGN_OR_RETURN(const bool done, evaluator.Continue(&context().units));
  if (!done) return false;
  is_started_ = false;
  const size_t bytes = batch_->memory_bytes();
  const query::Column& column = *evaluator.AddResult();
  evaluator.Reset();
  RETURN_IF_ERROR(Hold(batch_->memory_bytes() - bytes + ValueBytes(*batch_, column)));
  return true;
}

}  // namespace tidemark::exec
