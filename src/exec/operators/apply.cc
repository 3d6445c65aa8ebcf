// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/apply.h"

#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;
using query::BatchRef;
using query::Column;
using query::ColumnKind;
using query::plan::ApplyKind;

absl::StatusOr<Pulled> Apply::Next(BatchRef* batch) {
  while (true) {
    if (inner_ == nullptr) {
      ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
      if (pulled != Pulled::kBatch) return pulled;
    }
    BatchRef inner;
    ASSIGN_OR_RETURN(const Pulled pulled, inner_->Pull(&inner));
    if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
    if (pulled == Pulled::kEnd) {
      inner_.reset();
      const bool has_more = Finish(batch);
      outer_ = BatchRef();
      lists_hold_.Clear();
      if (has_more) return Pulled::kBatch;
      continue;
    }
    RETURN_IF_ERROR(Count(*inner));
    if (!joins()) continue;
    *batch = Join(*inner);
    Release();
    RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
    return Pulled::kBatch;
  }
}

absl::StatusOr<Pulled> Apply::PullInput() {
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&outer_));
  if (pulled != Pulled::kBatch) return pulled;
  if (outer_->depth() == query::kMaxParentDepth) outer_ = Gather(context().pool, *outer_);
  counts_.assign(outer_->selected_count(), 0);
  lists_.clear();
  lists_.resize(apply().apply == ApplyKind::kCollect ? outer_->selected_count() : 0);
  inner_ = MakeFragment(*apply().inner.root, CopySlots(context().pool, *outer_, apply().arguments),
                        &context());
  return Pulled::kBatch;
}

absl::Status Apply::Count(const Batch& inner) {
  size_t bytes = 0;
  inner.ForEachRow([&](uint16_t row) {
    const auto number = static_cast<size_t>(inner.CellAt(apply().returned[0], row).integer());
    counts_[number] += inner.MultiplicityAt(row);
    if (lists_.empty()) return;
    const Value value = inner.ValueAt(apply().returned[1], row);
    bytes += EstimateBytes(value) + sizeof(Value);
    lists_[number].Append(value);
  });
  return bytes == 0 ? absl::OkStatus() : lists_hold_.Add(context().account, bytes);
}

BatchRef Apply::Join(const Batch& inner) {
  const BatchRef rows = CopySlots(context().pool, inner, apply().returned);
  const size_t count = rows->row_count();
  BatchRef output = Batch::MakeChild(context().pool, outer_, count);
  output->set_row_count(count);
  for (size_t row = 0; row < count; ++row) {
    output->parent_rows()[row] = outer_->RowAt(rows->column(0)->words()[row]);
  }
  AddCopies(*rows, /*first_column=*/1, output.get());
  return output;
}

bool Apply::Finish(BatchRef* batch) {
  if (apply().apply == ApplyKind::kJoin) return false;
  if (apply().apply != ApplyKind::kOptional) {
    AddResult();
    *batch = outer_;
    return true;
  }
  std::vector<uint16_t> alone;
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) alone.push_back(outer_->RowAt(i));
  }
  if (alone.empty()) return false;
  *batch = Batch::MakeChild(context().pool, outer_, alone.size());
  (*batch)->set_row_count(alone.size());
  for (size_t row = 0; row < alone.size(); ++row) (*batch)->parent_rows()[row] = alone[row];
  // A tagged column is null where it was not set.
  for (size_t i = 1; i < apply().returned.size(); ++i) (*batch)->AddColumn(ColumnKind::kTagged);
  return true;
}

void Apply::AddResult() {
  switch (apply().apply) {
    case ApplyKind::kExists: {
      Column* const column = outer_->AddColumn(ColumnKind::kBoolean);
      for (size_t i = 0; i < counts_.size(); ++i) {
        column->SetWord(outer_->RowAt(i), counts_[i] > 0 ? 1 : 0);
      }
      return;
    }
    case ApplyKind::kCount: {
      Column* const column = outer_->AddColumn(ColumnKind::kInteger);
      for (size_t i = 0; i < counts_.size(); ++i) column->SetWord(outer_->RowAt(i), counts_[i]);
      return;
    }
    default: {
      Column* const column = outer_->AddColumn(ColumnKind::kValue);
      for (size_t i = 0; i < lists_.size(); ++i) {
        column->values()[outer_->RowAt(i)] = Value::List(lists_[i].ToVector());
      }
      return;
    }
  }
}

}  // namespace tidemark::exec
