// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/set.h"

#include <algorithm>
#include <utility>

#include "base/status.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::BatchRef;

namespace {

// What the changes of one call may have together: they are there beside the table.
constexpr size_t kMaxChangeBytes = size_t{1} << 20;
// To put an element into a table.
constexpr int64_t kUnitsPerElement = 4;

size_t BytesOf(const GraphChange& change) {
  size_t bytes = 0;
  for (const auto& [key, encoded] : change.properties) bytes += key.size() + encoded.size();
  return bytes;
}

}  // namespace

Set::Set(const query::plan::Operator& plan, RunContext* context)
    : Update(plan, context), items_(&set().items, context), fetch_(plan, context), call_(context) {}

absl::StatusOr<Pulled> Set::Change() {
  if (!has_looked_up_) {
    ASSIGN_OR_RETURN(const Pulled looked, LookUp());
    if (looked != Pulled::kEnd) return looked;
    has_looked_up_ = true;
  }
  while (true) {
    if (call_.is_started()) {
      std::vector<CreatedElement> created;
      ASSIGN_OR_RETURN(const Pulled pulled, call_.Continue(&created));
      if (pulled != Pulled::kEnd) return pulled;
    }
    ASSIGN_OR_RETURN(const bool is_prepared, PrepareSome());
    if (!is_prepared) return Pulled::kPause;
    if (changes_.empty()) break;
    change_bytes_ = 0;
    call_.Start(std::exchange(changes_, {}));
  }
  RETURN_IF_ERROR(GiveStates());
  context().elements->Clear();
  return Pulled::kEnd;
}

// All elements that the items may look at or change.
absl::StatusOr<Pulled> Set::LookUp() {
  if (!is_fetching_) {
    if (looked_at_ == 0 && looked_at_rows_ == 0) context().elements->Clear();
    while (looked_at_ < rows().size()) {
      const size_t values = set().looked_up.size() + 2 * set().whole.size();
      const size_t count = std::min(kTakenRowCount, rows()[looked_at_]->row_count());
      const auto units = static_cast<int64_t>(count * (1 + values));
      if (!TakeUnits(units * kUnitsPerElement)) return Pulled::kPause;
      RETURN_IF_ERROR(LookAtSome());
    }
    is_fetching_ = true;
    fetch_.Start(std::exchange(elements_, {}));
  }
  return fetch_.Continue();
}

// Takes what some rows know of their elements; the others must be asked for.
absl::Status Set::LookAtSome() {
  const Batch& batch = *rows()[looked_at_];
  const size_t end = std::min(looked_at_rows_ + kTakenRowCount, batch.row_count());
  RETURN_IF_ERROR(TakeWhole(batch, looked_at_rows_, set().whole, context().elements));
  for (const uint32_t slot : set().looked_up) {
    for (size_t row = looked_at_rows_; row < end; ++row) {
      elements_.Add(batch.ValueAt(slot, static_cast<uint16_t>(row)));
    }
  }
  looked_at_rows_ = end;
  if (end < batch.row_count()) return absl::OkStatus();
  if (!set().whole.empty()) RETURN_IF_ERROR(KeepSlots(looked_at_, set().row_slots));
  ++looked_at_;
  looked_at_rows_ = 0;
  return absl::OkStatus();
}

// Of one batch of rows: of many it would be much to keep.
absl::Status Set::GiveStates() {
  const ElementTable& table = *context().elements;
  const bool is_small = rows().size() == 1;
  const auto state_of = [&](size_t row, size_t number) -> State {
    if (!is_small) return {};
    const Value element = rows()[0]->ValueAt(given()[number].element, static_cast<uint16_t>(row));
    if (element.type() == ValueType::kVertex) {
      const auto state = table.StateOf(element.vertex());
      return state.has_value() ? State{ToLabelList(state->labels), Value::Bytes(state->properties)}
                               : State();
    }
    if (element.type() != ValueType::kEdge) return {};
    const auto state = table.StateOf(element.edge());
    return state.has_value() ? State{Value::Bytes(state->properties)} : State();
  };
  for (size_t i = 0; i < rows().size(); ++i) {
    RETURN_IF_ERROR(AddGiven(i, state_of));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Set::PrepareSome() {
  while (!rows().empty() && next_group_ < items_.group_count() && has_room()) {
    if (context().units <= 0) return false;
    ASSIGN_OR_RETURN(const bool is_prepared, PrepareRow());
    if (!is_prepared) return false;
    GoToNextRow();
  }
  return true;
}

absl::StatusOr<bool> Set::PrepareRow() {
  if (!items_.is_started()) {
    BatchRef row = CopyRow(context().pool, *rows()[next_batch_], static_cast<uint16_t>(next_row_));
    context().units -= 1 + static_cast<int64_t>(row->slot_count());
    items_.Start(next_group_, std::move(row));
    // The first of the new changes may be one more of the element that came last.
    first_change_ = changes_.empty() ? 0 : changes_.size() - 1;
    if (!changes_.empty()) change_bytes_ -= BytesOf(changes_.back());
  }
  ASSIGN_OR_RETURN(const bool is_done, items_.Continue(&changes_));
  if (!is_done) return false;
  for (size_t i = first_change_; i < changes_.size(); ++i) change_bytes_ += BytesOf(changes_[i]);
  return true;
}

// A group gives a few changes at most for each row. What one element gets together is one change,
// however much it is.
bool Set::has_room() const {
  return changes_.size() <= 1 ||
         (changes_.size() < kMaxChangeCount / 2 && change_bytes_ < kMaxChangeBytes);
}

void Set::GoToNextRow() {
  if (++next_row_ < rows()[next_batch_]->row_count()) return;
  next_row_ = 0;
  if (++next_batch_ < rows().size()) return;
  next_batch_ = 0;
  ++next_group_;
}

}  // namespace tidemark::exec
