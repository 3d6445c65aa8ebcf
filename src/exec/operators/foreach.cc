// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/foreach.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;
using query::BatchRef;

namespace {

// What it takes to make the operators of a fragment and to drop them.
constexpr int64_t kFragmentUnits = 64;

}  // namespace

absl::StatusOr<Pulled> Foreach::Change() {
  while (next_batch_ < rows().size()) {
    if (context().units <= 0) return Pulled::kPause;
    if (inner_ == nullptr) Open();
    BatchRef batch;
    ASSIGN_OR_RETURN(const Pulled pulled, inner_->Pull(&batch));
    if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
    if (pulled == Pulled::kEnd) {
      FinishRow();
    } else if (foreach ().gives_inner_rows) {
      TakeRows(*batch);
    }
  }
  if (foreach ().gives_inner_rows) rows() = std::move(outputs_);
  return Pulled::kEnd;
}

void Foreach::Open() {
  const Batch& batch = *rows()[next_batch_];
  const std::vector<uint32_t>& arguments = foreach ().arguments;
  const auto row = static_cast<uint16_t>(next_row_);
  BatchRef input = CopyRows(context().pool, batch, absl::MakeConstSpan(&row, 1), arguments);
  context().units -= kFragmentUnits + static_cast<int64_t>(arguments.size());
  inner_ = MakeFragment(*foreach ().inner.root, std::move(input), &context());
}

void Foreach::TakeRows(const Batch& batch) {
  batch.ForEachRow([&](uint16_t row) {
    std::vector<Value>& values = values_.emplace_back();
    for (const uint32_t slot : foreach ().returned) values.push_back(batch.ValueAt(slot, row));
    parents_.push_back(static_cast<uint16_t>(next_row_));
  });
}

void Foreach::FinishRow() {
  inner_.reset();
  if (++next_row_ < rows()[next_batch_]->row_count()) return;
  if (foreach ().gives_inner_rows) FinishBatch();
  next_row_ = 0;
  ++next_batch_;
}

void Foreach::FinishBatch() {
  AddChildren(context().pool, rows()[next_batch_], parents_, values_, &outputs_);
  parents_.clear();
  values_.clear();
}

}  // namespace tidemark::exec
