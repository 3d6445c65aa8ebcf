// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/page.h"

#include <algorithm>

#include "base/status.h"
#include "query/eval/evaluator.h"
#include "query/functions/failures.h"

namespace tidemark::exec {

using query::ErrorId;

absl::StatusOr<uint64_t> EvaluateRowCount(const query::eval::Program& program,
                                          std::string_view clause,
                                          query::eval::Environment* environment) {
  ASSIGN_OR_RETURN(const graph::Value value, query::eval::EvaluateOnce(program, environment));
  if (value.type() != graph::ValueType::kInteger) return query::TypeMismatch("INTEGER", value);
  if (value.integer() < 0) {
    return query::Failure(ErrorId::kNegativeIntegerArgumentAtRuntime,
                          {clause, query::DescribeValue(value)});
  }
  return static_cast<uint64_t>(value.integer());
}

absl::StatusOr<Pulled> Skip::Next(query::BatchRef* batch) {
  if (!left_.has_value()) {
    const auto& count = query::plan::As<query::plan::Skip>(plan()).count;
    ASSIGN_OR_RETURN(left_, EvaluateRowCount(count, "SKIP", context().environment));
  }
  while (true) {
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
    if (pulled != Pulled::kBatch || *left_ == 0) return pulled;
    const uint64_t skipped = std::min<uint64_t>(*left_, (*batch)->selected_count());
    *left_ -= skipped;
    uint64_t seen = 0;
    (*batch)->Filter([&](uint16_t) { return seen++ >= skipped; });
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

absl::StatusOr<Pulled> Limit::Next(query::BatchRef* batch) {
  if (!left_.has_value()) {
    const auto& count = query::plan::As<query::plan::Limit>(plan()).count;
    ASSIGN_OR_RETURN(left_, EvaluateRowCount(count, "LIMIT", context().environment));
  }
  if (*left_ == 0) {
    // What changes the graph does so with its first row, and no LIMIT keeps it from that.
    if (has_pulled_ || !ChangesGraph(plan())) return Pulled::kEnd;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
    has_pulled_ = pulled == Pulled::kBatch;
    return has_pulled_ ? Pulled::kEnd : pulled;
  }
  has_pulled_ = true;
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
  if (pulled != Pulled::kBatch) return pulled;
  if ((*batch)->selected_count() > *left_) (*batch)->Truncate(*left_);
  *left_ -= (*batch)->selected_count();
  return Pulled::kBatch;
}

}  // namespace tidemark::exec
