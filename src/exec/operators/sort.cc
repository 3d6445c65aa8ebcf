// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/sort.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/operators/page.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using query::Batch;
using query::BatchRef;
using query::RowRef;

namespace {

// To move a row, in units.
constexpr int64_t kUnitsPerMovedRow = 4;
// Comparisons for a merged row.
constexpr int64_t kComparisonsPerRow = 4;
constexpr int64_t kLeastMergedRows = 4;
// Of few wanted rows so many runs are kept before they become one.
constexpr size_t kMaxShortRuns = 16;

}  // namespace

Sort::Sort(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context), plan_(query::plan::As<query::plan::Sort>(plan)) {
  stored_ = plan_.kept;
  for (const query::SortKey& key : plan_.keys) {
    keys_.push_back({static_cast<uint32_t>(stored_.size()), key.descending});
    stored_.push_back(key.slot);
  }
}

absl::StatusOr<Pulled> Sort::Next(BatchRef* batch) {
  if (!is_open_) RETURN_IF_ERROR(FindWanted());
  is_open_ = true;
  if (wanted_ == uint64_t{0} && !ChangesGraph(plan())) return Pulled::kEnd;
  if (!has_all_rows_) {
    ASSIGN_OR_RETURN(const Pulled pulled, TakeRows());
    if (pulled != Pulled::kEnd) return pulled;
    has_all_rows_ = true;
  }
  if (!StartMerge(&context().units)) return Pulled::kPause;
  if (heap_.empty() || wanted_ == uint64_t{0}) return Pulled::kEnd;
  const size_t count = MergedCount();
  if (!TakeUnits(UnitsPerRow() * static_cast<int64_t>(count))) return Pulled::kPause;
  *batch = Merge(count);
  if (wanted_.has_value()) *wanted_ -= (*batch)->row_count();
  Release();
  RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
  return Pulled::kBatch;
}

int64_t Sort::UnitsPerRow() const {
  return kUnitsPerMovedRow + kComparisonsPerRow * comparison_units_;
}

// As many rows as there are units for: what a row takes grows with the number of runs.
size_t Sort::MergedCount() const {
  const int64_t paid = context().units / UnitsPerRow();
  const auto count = static_cast<uint64_t>(std::max(paid, kLeastMergedRows));
  return std::min({count, uint64_t{query::kMaxBatchRows}, wanted_.value_or(UINT64_MAX)});
}

absl::Status Sort::FindWanted() {
  if (!plan_.limit.has_value()) return absl::OkStatus();
  uint64_t skip = 0;
  if (plan_.skip.has_value()) {
    ASSIGN_OR_RETURN(skip, EvaluateRowCount(*plan_.skip, "SKIP", context().environment));
  }
  ASSIGN_OR_RETURN(wanted_, EvaluateRowCount(*plan_.limit, "LIMIT", context().environment));
  if (*wanted_ != 0) *wanted_ += skip;  // two int64_t do not overflow
  return absl::OkStatus();
}

absl::StatusOr<Pulled> Sort::TakeRows() {
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    if (!opened_) {
      BatchRef batch;
      ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch));
      if (pulled != Pulled::kBatch) return pulled;
      TakeUnits(kUnitsPerMovedRow * static_cast<int64_t>(batch->selected_count()));
      OpenRun(CopySlots(context().pool, *batch, stored_));
    }
    if (!sorter_->SortSome(&context().units)) return Pulled::kPause;
    RETURN_IF_ERROR(AddRun());
    const bool wants_few = wanted_.has_value() && *wanted_ <= query::kMaxBatchRows;
    if (wants_few && runs_.size() >= kMaxShortRuns) RETURN_IF_ERROR(Shrink());
  }
}

void Sort::OpenRun(BatchRef rows) {
  opened_ = std::move(rows);
  sorter_.emplace(opened_.get(), keys_);
  comparison_units_ = std::max(comparison_units_, sorter_->comparison_units());
}

absl::Status Sort::AddRun() {
  Run run;
  run.rows = std::move(opened_);
  run.order = sorter_->TakeOrder();
  sorter_.reset();
  const size_t bytes = BatchBytes(*run.rows) + sizeof(Run) + run.order.size() * sizeof(uint16_t);
  RETURN_IF_ERROR(kept_.Add(context().account, bytes));
  runs_.push_back(std::move(run));
  return absl::OkStatus();
}

absl::Status Sort::Shrink() {
  int64_t units = std::numeric_limits<int64_t>::max();
  StartMerge(&units);
  OpenRun(Merge(*wanted_));
  runs_.clear();
  heap_.clear();
  next_run_ = 0;
  kept_.Clear();
  CHECK(sorter_->SortSome(&units));
  context().units -= std::numeric_limits<int64_t>::max() - units;
  return AddRun();
}

bool Sort::StartMerge(int64_t* units) {
  for (; next_run_ < runs_.size(); ++next_run_) {
    if (*units <= 0) return false;
    *units -= kComparisonsPerRow * comparison_units_;
    heap_.push_back(next_run_);
    std::push_heap(heap_.begin(), heap_.end(),
                   [this](size_t a, size_t b) { return IsBefore(b, a); });
  }
  return true;
}

bool Sort::IsBefore(size_t run, size_t other) const {
  const int order = CompareRows(runs_[run].front(), runs_[other].front(), keys_);
  return order != 0 ? order < 0 : run < other;
}

BatchRef Sort::Merge(size_t count) {
  const auto is_after = [this](size_t a, size_t b) { return IsBefore(b, a); };
  BatchRef merged = Batch::Make(context().pool, count);
  for (size_t i = 0; i < stored_.size(); ++i) merged->AddColumn(query::ColumnKind::kValue);
  while (merged->row_count() < count && !heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), is_after);
    Run& run = runs_[heap_.back()];
    const RowRef from = run.front();
    const uint16_t row = merged->AddRow();
    for (size_t slot = 0; slot < stored_.size(); ++slot) {
      merged->column(slot)->values()[row] = from.batch->ValueAt(slot, from.row);
    }
    ++run.next;
    if (run.empty()) {
      run.rows = BatchRef();
      heap_.pop_back();
    } else {
      std::push_heap(heap_.begin(), heap_.end(), is_after);
    }
  }
  return merged;
}

}  // namespace tidemark::exec
