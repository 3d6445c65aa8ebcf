// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/merge.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;
using query::BatchRef;

Merge::Merge(const query::plan::Operator& plan, RunContext* context)
    : Update(plan, context),
      maker_{merge().pattern, /*is_merge=*/true},
      on_create_(&merge().on_create, context),
      on_match_(&merge().on_match, context),
      fetch_(plan, context),
      call_(context),
      together_({merge(), context, maker_, on_create_, on_match_, fetch_, call_}) {}

absl::StatusOr<Pulled> Merge::Change() {
  while (next_batch_ < rows().size()) {
    ASSIGN_OR_RETURN(const Pulled pulled, ChangeBatch());
    if (pulled != Pulled::kEnd) return pulled;
    FinishBatch();
    way_ = Way::kUnknown;
  }
  rows() = std::move(outputs_);
  context().elements->Clear();
  return Pulled::kEnd;
}

absl::StatusOr<Pulled> Merge::ChangeBatch() {
  const BatchRef& batch = rows()[next_batch_];
  if (way_ == Way::kUnknown) {
    bool is_together = MergeBatch::Fits(merge());
    if (is_together) {
      ASSIGN_OR_RETURN(is_together, together_.Open(batch));
    }
    way_ = is_together ? Way::kTogether : Way::kOneByOne;
  }
  if (way_ == Way::kTogether) {
    ASSIGN_OR_RETURN(const Pulled pulled, together_.Continue());
    if (pulled != Pulled::kEnd) return pulled;
    for (size_t row = 0; row < batch->row_count(); ++row) TakeRow(row, together_.FoundBy(row));
    return Pulled::kEnd;
  }
  for (; next_row_ < batch->row_count(); ++next_row_) {
    if (context().units <= 0) return Pulled::kPause;
    ASSIGN_OR_RETURN(const Pulled pulled, StepRow());
    if (pulled != Pulled::kEnd) return pulled;
    TakeRow(next_row_, std::exchange(found_, {}));
    phase_ = Phase::kOpen;
  }
  return Pulled::kEnd;
}

void Merge::TakeRow(size_t row, std::vector<std::vector<Value>> found) {
  parents_.insert(parents_.end(), found.size(), static_cast<uint16_t>(row));
  std::move(found.begin(), found.end(), std::back_inserter(values_));
}

// All that is to be done for the open row; kEnd when it is done.
absl::StatusOr<Pulled> Merge::StepRow() {
  while (true) {
    switch (phase_) {
      case Phase::kOpen:
        RETURN_IF_ERROR(Open());
        phase_ = Phase::kMatch;
        break;
      case Phase::kMatch: {
        BatchRef batch;
        ASSIGN_OR_RETURN(const Pulled pulled, inner_->Pull(&batch));
        if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
        if (pulled == Pulled::kBatch) {
          batch->ForEachRow([&](uint16_t row) {
            std::vector<Value>& values = found_.emplace_back();
            for (size_t i = 1; i < merge().returned.size(); ++i) {
              values.push_back(batch->ValueAt(merge().returned[i], row));
            }
          });
          break;
        }
        inner_.reset();
        was_made_ = found_.empty();
        if (was_made_) Make();
        phase_ = Phase::kMake;
        break;
      }
      case Phase::kMake: {
        if (was_made_) {
          std::vector<CreatedElement> created;
          ASSIGN_OR_RETURN(const Pulled pulled, call_.Continue(&created));
          if (pulled != Pulled::kEnd) return pulled;
          ASSIGN_OR_RETURN(
              std::vector<Value> values,
              maker_.ValuesOf(created, 0, *rows()[next_batch_], static_cast<uint16_t>(next_row_)));
          found_.push_back(std::move(values));
        }
        const bool changes = !(was_made_ ? merge().on_create : merge().on_match).empty();
        if (!changes) return Pulled::kEnd;
        RETURN_IF_ERROR(LookUp());
        phase_ = Phase::kLookUp;
        break;
      }
      case Phase::kLookUp: {
        ASSIGN_OR_RETURN(const Pulled looked, fetch_.Continue());
        if (looked != Pulled::kEnd) return looked;
        RETURN_IF_ERROR(ChangeElements());
        if (!call_.is_started()) return Pulled::kEnd;
        phase_ = Phase::kChange;
        break;
      }
      case Phase::kChange: {
        std::vector<CreatedElement> created;
        return call_.Continue(&created);
      }
    }
  }
}

absl::Status Merge::Open() {
  row_ = {CopyRow(context().pool, *rows()[next_batch_], static_cast<uint16_t>(next_row_))};
  inner_ = MakeFragment(*merge().inner.root, CopySlots(context().pool, *row_[0], merge().arguments),
                        &context());
  // A key that is null or NaN is an error whether the pattern is there or not.
  making_.clear();
  return maker_.Add(*rows()[next_batch_], static_cast<uint16_t>(next_row_), &making_);
}

void Merge::Make() {
  CountCreated(making_, &counters());
  call_.Start(std::exchange(making_, {}));
}

BatchRef Merge::FoundRow(const std::vector<Value>& values) const {
  BatchRef row = CopyRow(context().pool, *row_[0], 0);
  for (const Value& value : values) {
    row->AddColumn(query::ColumnKind::kValue)->values()[0] = value;
  }
  return row;
}

absl::Status Merge::LookUp() {
  ElementSet elements;
  for (const std::vector<Value>& values : found_) {
    for (const Value& value : values) elements.Add(value);
  }
  for (uint32_t slot = 0; slot < row_[0]->slot_count(); ++slot) {
    elements.Add(row_[0]->ValueAt(slot, 0));
  }
  // Rows before may have changed them.
  context().elements->Clear();
  fetch_.Start(std::move(elements));
  return absl::OkStatus();
}

absl::Status Merge::ChangeElements() {
  std::vector<GraphChange> changes;
  for (const std::vector<Value>& values : found_) {
    RETURN_IF_ERROR((was_made_ ? on_create_ : on_match_).Apply(FoundRow(values), &changes));
  }
  if (!changes.empty()) call_.Start(std::move(changes));
  return absl::OkStatus();
}

void Merge::FinishBatch() {
  AddChildren(context().pool, rows()[next_batch_], parents_, values_, &outputs_);
  parents_.clear();
  values_.clear();
  next_row_ = 0;
  ++next_batch_;
}

}  // namespace tidemark::exec
