// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/unwind.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"
#include "query/functions/failures.h"
#include "query/text/error.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::Column;
using query::ColumnKind;

void ElementSource::SetList(Value value) {
  position_ = 0;
  if (value.is_null()) {
    left_ = 0;
  } else if (value.type() == ValueType::kList) {
    left_ = value.list().size();
    list_ = std::move(value);
  } else {
    left_ = 1;
    list_ = Value::List({std::move(value)});
  }
}

void ElementSource::SetRange(int64_t first, int64_t last, int64_t step) {
  list_ = Value::Null();
  next_ = first;
  step_ = step;
  const bool is_empty = step > 0 ? first > last : first < last;
  const uint64_t distance = step > 0 ? static_cast<uint64_t>(last) - static_cast<uint64_t>(first)
                                     : static_cast<uint64_t>(first) - static_cast<uint64_t>(last);
  const uint64_t stride = step > 0 ? static_cast<uint64_t>(step) : ~static_cast<uint64_t>(step) + 1;
  // All 2^64 integers are one more than can be counted; nobody will take the last.
  left_ = is_empty ? 0 : std::max(distance / stride + 1, distance / stride);
}

Value ElementSource::Take() {
  --left_;
  if (!list_.is_null()) return list_.list()[position_++];
  const Value value = Value::Integer(next_);
  next_ = static_cast<int64_t>(static_cast<uint64_t>(next_) + static_cast<uint64_t>(step_));
  return value;
}

Unwind::Unwind(const query::plan::Operator& plan, RunContext* context) : Operator(plan, context) {
  for (const auto& program : query::plan::As<query::plan::Unwind>(plan).programs) {
    evaluators_.emplace_back(&program, context->environment);
  }
}

absl::StatusOr<Pulled> Unwind::Next(query::BatchRef* batch) {
  while (elements_.size() < query::kMaxBatchRows) {
    if (source_.empty() && (!input_batch_ || evaluated_ < evaluators_.size() ||
                            next_row_ == input_batch_->selected_count())) {
      if (!elements_.empty()) break;  // rows of another input batch go into another output
      ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
      if (pulled != Pulled::kBatch) return pulled;
    }
    if (!TakeUnits(1)) return Pulled::kPause;
    RETURN_IF_ERROR(Fill());
  }
  *batch = MakeOutput();
  Release();
  RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
  return Pulled::kBatch;
}

absl::StatusOr<Pulled> Unwind::PullInput() {
  const bool is_evaluating = input_batch_ && evaluated_ < evaluators_.size();
  if (!is_evaluating) {
    for (query::eval::Evaluator& evaluator : evaluators_) evaluator.Reset();
    input_batch_ = query::BatchRef();
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch_));
    if (pulled != Pulled::kBatch) return pulled;
    if (input_batch_->depth() == query::kMaxParentDepth) {
      input_batch_ = query::Gather(context().pool, *input_batch_);
    }
    evaluated_ = 0;
    next_row_ = 0;
  }
  ASSIGN_OR_RETURN(const bool done, EvaluateLists());
  return done ? Pulled::kBatch : Pulled::kPause;
}

absl::StatusOr<bool> Unwind::EvaluateLists() {
  for (; evaluated_ < evaluators_.size(); ++evaluated_) {
    query::eval::Evaluator& evaluator = evaluators_[evaluated_];
    if (!is_started_) evaluator.Start(input_batch_.get());
    is_started_ = true;
    ASSIGN_OR_RETURN(const bool done, evaluator.Continue(&context().units));
    if (!done) return false;
    is_started_ = false;
  }
  return true;
}

// One more row of the input, or as many elements of the open one as go into the batch.
absl::Status Unwind::Fill() {
  if (source_.empty()) {
    open_row_ = input_batch_->RowAt(next_row_++);
    return OpenRow(open_row_);
  }
  while (!source_.empty() && elements_.size() < query::kMaxBatchRows) {
    parent_rows_.push_back(open_row_);
    elements_.push_back(source_.Take());
    --context().units;
  }
  return absl::OkStatus();
}

absl::Status Unwind::OpenRow(uint16_t row) {
  if (evaluators_.size() > 1) return OpenRange(row);
  source_.SetList(evaluators_[0].ResultAt(row));
  return absl::OkStatus();
}

// As range() itself would answer.
absl::Status Unwind::OpenRange(uint16_t row) {
  int64_t bounds[] = {0, 0, 1};
  for (size_t i = 0; i < evaluators_.size(); ++i) {
    const Value value = evaluators_[i].ResultAt(row);
    if (value.type() != ValueType::kInteger) {
      return ErrorHere(query::ErrorId::kInvalidRangeArgument, query::DescribeValue(value));
    }
    bounds[i] = value.integer();
  }
  if (bounds[2] == 0) {
    return ErrorHere(query::ErrorId::kNumberOutOfRange, "The step of range() cannot be 0");
  }
  source_.SetRange(bounds[0], bounds[1], bounds[2]);
  return absl::OkStatus();
}

absl::Status Unwind::ErrorHere(query::ErrorId id, std::string_view argument) {
  const uint32_t offset = query::plan::As<query::plan::Unwind>(plan()).offset;
  return ToStatus(query::MakeError(id, context().environment->statement, offset, {argument}));
}

query::BatchRef Unwind::MakeOutput() {
  const size_t count = elements_.size();
  query::BatchRef output = Batch::MakeChild(context().pool, input_batch_, count);
  output->set_row_count(count);
  std::copy_n(parent_rows_.begin(), count, output->parent_rows());
  const bool all_integers = std::all_of(elements_.begin(), elements_.end(), [](const Value& value) {
    return value.type() == ValueType::kInteger;
  });
  Column* const column =
      output->AddColumn(all_integers ? ColumnKind::kInteger : ColumnKind::kValue);
  for (size_t row = 0; row < count; ++row) {
    if (all_integers) {
      column->SetWord(row, static_cast<uint64_t>(elements_[row].integer()));
    } else {
      column->values()[row] = std::move(elements_[row]);
    }
  }
  elements_.clear();
  parent_rows_.clear();
  return output;
}

}  // namespace tidemark::exec
