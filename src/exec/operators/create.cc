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
  NoteStates(changes);
  CountCreated(changes, &counters());
  call_.Start(std::move(changes));
  return absl::OkStatus();
}

// Of one batch of rows: of many it would be much to keep.
void Create::NoteStates(const std::vector<GraphChange>& changes) {
  const size_t width = pattern().elements.size();
  const size_t first_slot = rows()[next_batch_]->slot_count();
  if (rows().size() != 1) return;
  for (size_t row = 0; row < changes.size() / width; ++row) {
    for (const query::plan::GivenElement& one : given()) {
      states_.push_back(StateOf(changes[row * width + (one.element - first_slot)]));
    }
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
  RETURN_IF_ERROR(AddGiven(next_batch_, [this](size_t row, size_t number) {
    return states_.empty() ? State() : std::move(states_[row * given().size() + number]);
  }));
  states_.clear();
  values_.clear();
  next_row_ = 0;
  ++next_batch_;
  return absl::OkStatus();
}

}  // namespace tidemark::exec
