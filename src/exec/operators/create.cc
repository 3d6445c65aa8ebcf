// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/create.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/element_table.h"
#include "graph/property_set.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;
using query::BatchRef;

namespace {

// To prepare the change of an element, and to take what has been made of it.
constexpr int64_t kUnitsPerNewElement = 8;
constexpr int64_t kUnitsPerMadeElement = 2;

}  // namespace

Create::Create(const query::plan::Operator& plan, RunContext* context)
    : Update(plan, context), maker_{pattern()}, call_(context) {}

absl::StatusOr<Pulled> Create::Change() {
  while (next_batch_ < rows().size()) {
    if (!has_created_) {
      if (!call_.is_started()) {
        ASSIGN_OR_RETURN(const bool is_prepared, PrepareSome());
        if (!is_prepared) return Pulled::kPause;
        CountCreated(changes_, &counters());
        call_.Start(std::exchange(changes_, {}));
      }
      ASSIGN_OR_RETURN(const Pulled pulled, call_.Continue(&created_));
      if (pulled != Pulled::kEnd) return pulled;
      has_created_ = true;
    }
    ASSIGN_OR_RETURN(const bool is_taken, TakeSome());
    if (!is_taken) return Pulled::kPause;
    has_created_ = false;
  }
  return Pulled::kEnd;
}

absl::StatusOr<bool> Create::PrepareSome() {
  const Batch& batch = *rows()[next_batch_];
  const size_t step = std::max<size_t>(kMaxChangeCount / pattern().elements.size(), 1);
  const size_t end = std::min(batch.row_count(), first_row_ + step);
  const auto units = kUnitsPerNewElement * static_cast<int64_t>(pattern().elements.size());
  for (; next_row_ < end; ++next_row_) {
    if (!TakeUnits(units)) return false;
    RETURN_IF_ERROR(maker_.Add(batch, static_cast<uint16_t>(next_row_), &changes_));
    NoteStates();
  }
  return true;
}

// Of one batch of rows: of many it would be much to keep.
void Create::NoteStates() {
  if (rows().size() != 1) return;
  const size_t first_change = changes_.size() - pattern().elements.size();
  const size_t first_slot = rows()[next_batch_]->slot_count();
  for (const query::plan::GivenElement& one : given()) {
    states_.push_back(StateOf(changes_[first_change + (one.element - first_slot)]));
  }
}

// Nothing when a name has no id yet.
Update::State Create::StateOf(const GraphChange& change) const {
  const catalog::NameTable& names = context().elements->names();
  std::vector<uint32_t> labels;
  for (const std::string& label : change.labels) {
    const auto id = names.Find(graph::NameKind::kLabel, label);
    if (!id.has_value()) return {};
    labels.push_back(*id);
  }
  std::sort(labels.begin(), labels.end());
  std::vector<std::pair<KeyId, std::string>> properties;
  for (const auto& [key, encoded] : change.properties) {
    const auto id = names.Find(graph::NameKind::kKey, key);
    if (!id.has_value()) return {};
    properties.emplace_back(KeyId(*id), encoded);
  }
  std::string packed;
  if (!graph::PackProperties(std::move(properties), &packed).ok()) return {};
  State state;
  if (change.kind == GraphChangeKind::kCreateVertex) state.push_back(ToLabelList(labels));
  state.push_back(Value::Bytes(packed));
  return state;
}

absl::StatusOr<bool> Create::TakeSome() {
  const Batch& batch = *rows()[next_batch_];
  const size_t element_count = pattern().elements.size();
  const auto units = kUnitsPerMadeElement * static_cast<int64_t>(element_count);
  while (values_.size() < next_row_) {
    if (!TakeUnits(units)) return false;
    const size_t row = values_.size();
    ASSIGN_OR_RETURN(std::vector<Value> values,
                     maker_.ValuesOf(created_, (row - first_row_) * element_count, batch,
                                     static_cast<uint16_t>(row)));
    values_.push_back(std::move(values));
  }
  created_.clear();
  first_row_ = next_row_;
  if (next_row_ == batch.row_count()) RETURN_IF_ERROR(AddColumns());
  return true;
}

absl::Status Create::AddColumns() {
  Batch& batch = *rows()[next_batch_];
  const size_t width = pattern().elements.size() + pattern().paths.size();
  for (size_t i = 0; i < width; ++i) {
    query::Column* const column = batch.AddColumn(query::ColumnKind::kValue);
    for (size_t row = 0; row < values_.size(); ++row) {
      column->values()[row] = std::move(values_[row][i]);
    }
  }
  RETURN_IF_ERROR(AddGiven(next_batch_, [this](size_t row, size_t number) {
    return states_.empty() ? State() : std::move(states_[row * given().size() + number]);
  }));
  states_.clear();
  values_.clear();
  first_row_ = 0;
  next_row_ = 0;
  ++next_batch_;
  return absl::OkStatus();
}

}  // namespace tidemark::exec
