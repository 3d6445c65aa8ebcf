// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/foreach.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::BatchRef;

namespace {

// What it takes to make the operators of a fragment and to drop them.
constexpr int64_t kFragmentUnits = 64;

}  // namespace

absl::StatusOr<Pulled> Foreach::Change() {
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    if (inner_ != nullptr) {
      BatchRef ignored;
      ASSIGN_OR_RETURN(const Pulled pulled, inner_->Pull(&ignored));
      if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
      if (pulled == Pulled::kEnd) inner_.reset();
    } else if (!waiting_.empty()) {
      context().units -= kFragmentUnits;
      inner_ = MakeFragment(*foreach ().inner.root, std::move(waiting_.back()), &context());
      waiting_.pop_back();
    } else if (next_batch_ < rows().size()) {
      RETURN_IF_ERROR(OpenRow());
    } else {
      return Pulled::kEnd;
    }
  }
}

absl::Status Foreach::OpenRow() {
  const Batch& batch = *rows()[next_batch_];
  const auto row = static_cast<uint16_t>(next_row_);
  if (++next_row_ == batch.row_count()) {
    next_row_ = 0;
    ++next_batch_;
  }
  Value list = batch.ValueAt(foreach ().list, row);
  context().units -= 1;
  if (list.is_null()) return absl::OkStatus();
  if (list.type() != ValueType::kList) list = Value::List({std::move(list)});
  const absl::Span<const Value> elements = list.list();
  context().units -= static_cast<int64_t>(elements.size() * (1 + foreach ().arguments.size()));
  for (size_t first = 0; first < elements.size(); first += query::kMaxBatchRows) {
    const size_t count = std::min(elements.size() - first, query::kMaxBatchRows);
    BatchRef rows = Batch::Make(context().pool, count);
    rows->set_row_count(count);
    query::Column* const element = rows->AddColumn(query::ColumnKind::kValue);
    for (size_t i = 0; i < count; ++i) element->values()[i] = elements[first + i];
    for (const uint32_t slot : foreach ().arguments) {
      query::Column* const argument = rows->AddColumn(query::ColumnKind::kValue);
      for (size_t i = 0; i < count; ++i) argument->values()[i] = batch.ValueAt(slot, row);
    }
    waiting_.insert(waiting_.begin(), std::move(rows));
  }
  return absl::OkStatus();
}

}  // namespace tidemark::exec
