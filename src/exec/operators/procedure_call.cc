// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/procedure_call.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;

absl::StatusOr<Pulled> ProcedureCall::Next(query::BatchRef* batch) {
  while (next_result_ == results_.size()) {
    if (context().units <= 0) return Pulled::kPause;
    if (turn_ == nullptr) {
      ASSIGN_OR_RETURN(const Pulled opened, OpenRow());
      if (opened != Pulled::kBatch) return opened;
    }
    ASSIGN_OR_RETURN(const Pulled answered, TakeAnswer());
    if (answered != Pulled::kBatch) return answered;
  }
  *batch = MakeOutput();
  Release();
  RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
  return Pulled::kBatch;
}

absl::StatusOr<Pulled> ProcedureCall::OpenRow() {
  if (!input_batch_ || next_row_ == input_batch_->selected_count()) {
    input_batch_ = query::BatchRef();
    next_row_ = 0;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch_));
    if (pulled != Pulled::kBatch) return pulled;
    if (input_batch_->depth() == query::kMaxParentDepth) {
      input_batch_ = query::Gather(context().pool, *input_batch_);
    }
  }
  open_row_ = input_batch_->RowAt(next_row_++);
  std::vector<Value> arguments;
  for (const uint32_t slot : call().arguments) {
    arguments.push_back(input_batch_->ValueAt(slot, open_row_));
  }
  CHECK(context().procedures != nullptr);
  turn_ = std::make_shared<bool>(true);
  context().procedures->Call(
      call().name, std::move(arguments),
      [this, turn = std::weak_ptr<bool>(turn_)](absl::StatusOr<ProcedurePort::Rows> rows) {
        if (turn.expired()) return;
        answer_ = std::move(rows);
        if (std::exchange(waits_, false)) context().wake();
      });
  return Pulled::kBatch;
}

absl::StatusOr<Pulled> ProcedureCall::TakeAnswer() {
  if (!answer_.has_value()) {
    waits_ = true;
    return Pulled::kWait;
  }
  turn_.reset();
  absl::StatusOr<ProcedurePort::Rows> rows = *std::exchange(answer_, std::nullopt);
  RETURN_IF_ERROR(rows.status());
  results_ = *std::move(rows);
  next_result_ = 0;
  context().units -= static_cast<int64_t>(1 + results_.size());
  results_hold_.Clear();
  size_t bytes = 0;
  for (const std::vector<Value>& row : results_) bytes += row.size() * sizeof(Value);
  RETURN_IF_ERROR(results_hold_.Add(context().account, bytes));
  // OPTIONAL CALL: a row of nulls instead of none.
  if (results_.empty() && call().is_optional) results_.emplace_back();
  return Pulled::kBatch;
}

query::BatchRef ProcedureCall::MakeOutput() {
  const size_t count = std::min(results_.size() - next_result_, query::kMaxBatchRows);
  query::BatchRef output = Batch::MakeChild(context().pool, input_batch_, count);
  output->set_row_count(count);
  std::fill_n(output->parent_rows(), count, open_row_);
  for (const uint32_t from : call().columns) {
    query::Column* const column = output->AddColumn(query::ColumnKind::kValue);
    for (size_t row = 0; row < count; ++row) {
      std::vector<Value>& result = results_[next_result_ + row];
      if (from < result.size()) column->values()[row] = result[from];
    }
  }
  next_result_ += count;
  return output;
}

}  // namespace tidemark::exec
