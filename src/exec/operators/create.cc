// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/create.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;
using query::BatchRef;

Create::Create(const query::plan::Operator& plan, RunContext* context)
    : Update(plan, context), maker_{pattern()}, call_(context) {}

absl::StatusOr<Pulled> Create::Change() {
  while (next_batch_ < rows().size()) {
    if (!call_.is_started()) RETURN_IF_ERROR(StartSome());
    std::vector<CreatedElement> created;
    ASSIGN_OR_RETURN(const Pulled pulled, call_.Continue(&created));
    if (pulled != Pulled::kEnd) return pulled;
    RETURN_IF_ERROR(AddColumns(created));
    if (context().units <= 0) return Pulled::kPause;
  }
  return Pulled::kEnd;
}

// The next rows of the batch.
absl::Status Create::StartSome() {
  const Batch& batch = *rows()[next_batch_];
  const size_t step = std::max<size_t>(kMaxChangeCount / pattern().elements.size(), 1);
  first_row_ = next_row_;
  const size_t end = std::min(batch.row_count(), next_row_ + step);
  std::vector<GraphChange> changes;
  for (; next_row_ < end; ++next_row_) {
    RETURN_IF_ERROR(maker_.Add(batch, static_cast<uint16_t>(next_row_), &changes));
  }
  CountCreated(changes, &counters());
  call_.Start(std::move(changes));
  return absl::OkStatus();
}

absl::Status Create::AddColumns(const std::vector<CreatedElement>& created) {
  Batch& batch = *rows()[next_batch_];
  values_.resize(batch.row_count());
  for (size_t row = first_row_; row < next_row_; ++row) {
    ASSIGN_OR_RETURN(values_[row],
                     maker_.ValuesOf(created, (row - first_row_) * pattern().elements.size(), batch,
                                     static_cast<uint16_t>(row)));
  }
  if (next_row_ < batch.row_count()) return absl::OkStatus();
  const size_t width = pattern().elements.size() + pattern().paths.size();
  for (size_t i = 0; i < width; ++i) {
    query::Column* const column = batch.AddColumn(query::ColumnKind::kValue);
    for (size_t row = 0; row < values_.size(); ++row) column->values()[row] = values_[row][i];
  }
  values_.clear();
  next_row_ = 0;
  ++next_batch_;
  return absl::OkStatus();
}

}  // namespace tidemark::exec
