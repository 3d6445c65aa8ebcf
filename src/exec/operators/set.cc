// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/set.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "graph/property_set.h"
#include "query/functions/failures.h"
#include "query/text/error.h"

namespace tidemark::exec {

using graph::NameKind;
using graph::Value;
using graph::ValueType;
using query::Batch;
using query::BatchRef;
using query::plan::ChangeItem;
using ItemKind = query::plan::ChangeKind;

namespace {

// What the changes of one call may have together: they are there beside the table.
constexpr size_t kMaxChangeBytes = size_t{1} << 20;
// To put an element into a table.
constexpr int64_t kUnitsPerElement = 4;

bool IsElement(const Value& value) {
  return value.type() == ValueType::kVertex || value.type() == ValueType::kEdge;
}

size_t BytesOf(const GraphChange& change) {
  size_t bytes = 0;
  for (const auto& [key, encoded] : change.properties) bytes += key.size() + encoded.size();
  return bytes;
}

// The change of the element's properties at the end of the list, made when there is none.
GraphChange* PropertyChangeOf(const Value& target, std::vector<GraphChange>* changes) {
  GraphChange change;
  if (target.type() == ValueType::kVertex) {
    change.kind = GraphChangeKind::kSetVertexProperties;
    change.vertex.id = target.vertex();
  } else {
    change.kind = GraphChangeKind::kSetEdgeProperties;
    change.edge = target.edge().edge;
  }
  if (changes->empty() || changes->back().kind != change.kind ||
      changes->back().vertex.id != change.vertex.id || changes->back().edge != change.edge) {
    changes->push_back(std::move(change));
  }
  return &changes->back();
}

}  // namespace

ChangeItems::ChangeItems(const std::vector<ChangeItem>* items, RunContext* context)
    : items_(*items), context_(context) {
  for (size_t i = 0; i < items->size(); ++i) {
    if (i == 0 || (*items)[i].sees_before) group_begins_.push_back(i);
  }
}

absl::Status ChangeItems::Apply(const BatchRef& row, std::vector<GraphChange>* changes) {
  for (size_t group = 0; group < group_count(); ++group) {
    RETURN_IF_ERROR(ApplyGroup(group, row, changes));
  }
  return absl::OkStatus();
}

// All right sides are computed before anything is set: SET n.x = n.y, n.y = n.x swaps.
absl::Status ChangeItems::ApplyGroup(size_t group, const BatchRef& row,
                                     std::vector<GraphChange>* changes) {
  std::vector<Computed> computed;
  const size_t end = group + 1 < group_count() ? group_begins_[group + 1] : items_.size();
  for (size_t i = group_begins_[group]; i < end; ++i) {
    const ChangeItem& item = items_[i];
    ASSIGN_OR_RETURN(Value target, EvaluateRow(item.target, row, context_));
    if (target.is_null()) continue;
    if (!IsElement(target)) return query::TypeMismatch("NODE or RELATIONSHIP", target);
    Computed& one = computed.emplace_back(Computed{&item, std::move(target), {}, {}});
    if (item.value.has_value()) {
      ASSIGN_OR_RETURN(one.value, EvaluateRow(*item.value, row, context_));
    }
    if (item.key_value.has_value()) {
      ASSIGN_OR_RETURN(one.key, EvaluateRow(*item.key_value, row, context_));
    }
    // What an element has counts as it is now.
    if (IsElement(one.value)) {
      ASSIGN_OR_RETURN(one.value, context_->elements->Properties(one.value));
    }
  }
  for (const Computed& one : computed) RETURN_IF_ERROR(ApplyItem(one, changes));
  return absl::OkStatus();
}

absl::Status ChangeItems::ApplyItem(const Computed& one, std::vector<GraphChange>* changes) {
  const ChangeItem& item = *one.item;
  switch (item.kind) {
    case ItemKind::kSetLabels:
    case ItemKind::kRemoveLabels:
      return SetLabels(item, one.target, changes);
    case ItemKind::kSetProperty:
      return SetProperty(one.target, item.key, one.value, changes);
    case ItemKind::kSetDynamicProperty:
      if (one.key.type() != ValueType::kString) return query::TypeMismatch("STRING", one.key);
      return SetProperty(one.target, std::string(one.key.string()), one.value, changes);
    default:
      return SetAll(one.target, one.value, item.kind == ItemKind::kReplaceProperties, changes);
  }
}

absl::Status ChangeItems::SetProperty(const Value& target, const std::string& key,
                                      const Value& value, std::vector<GraphChange>* changes) {
  ElementTable& table = *context_->elements;
  ASSIGN_OR_RETURN(std::string encoded, EncodeProperty(value));
  ASSIGN_OR_RETURN(const bool is_change, table.SetProperty(target, key, encoded));
  // A property that is not there cannot be removed; one that is set to its value counts.
  if (!is_change) return absl::OkStatus();
  ++context_->counters->properties_set;
  auto& properties = PropertyChangeOf(target, changes)->properties;
  const auto same = std::find_if(properties.begin(), properties.end(),
                                 [&](const auto& other) { return other.first == key; });
  if (same != properties.end()) {
    same->second = std::move(encoded);
  } else {
    properties.emplace_back(key, std::move(encoded));
  }
  return absl::OkStatus();
}

absl::Status ChangeItems::SetAll(const Value& target, const Value& map, bool replaces,
                                 std::vector<GraphChange>* changes) {
  ElementTable& table = *context_->elements;
  if (map.type() != ValueType::kMap) return query::TypeMismatch("MAP", map);
  if (replaces) {
    ASSIGN_OR_RETURN(const Value before, table.Properties(target));
    for (const auto& [key, old] : before.map()) {
      if (map.Get(key).is_null()) RETURN_IF_ERROR(SetProperty(target, key, Value(), changes));
    }
  }
  for (const auto& [key, entry] : map.map()) {
    RETURN_IF_ERROR(SetProperty(target, key, entry, changes));
  }
  return absl::OkStatus();
}

absl::Status ChangeItems::SetLabels(const ChangeItem& item, const Value& target,
                                    std::vector<GraphChange>* changes) {
  if (target.type() != ValueType::kVertex) return query::TypeMismatch("NODE", target);
  const bool adds = item.kind == ItemKind::kSetLabels;
  GraphChange change;
  change.kind = GraphChangeKind::kSetLabels;
  change.vertex.id = target.vertex();
  for (const std::string& label : item.labels) {
    ASSIGN_OR_RETURN(const bool is_change,
                     context_->elements->SetLabel(target.vertex(), label, adds));
    if (!is_change) continue;
    ++(adds ? context_->counters->labels_added : context_->counters->labels_removed);
    (adds ? change.labels : change.removed_labels).push_back(label);
  }
  if (!change.labels.empty() || !change.removed_labels.empty()) {
    changes->push_back(std::move(change));
  }
  return absl::OkStatus();
}

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
    const BatchRef row =
        CopyRow(context().pool, *rows()[next_batch_], static_cast<uint16_t>(next_row_));
    context().units -= 1 + static_cast<int64_t>(row->slot_count());
    // The first of the new changes may be one more of the element that came last.
    const size_t first = changes_.empty() ? 0 : changes_.size() - 1;
    if (!changes_.empty()) change_bytes_ -= BytesOf(changes_.back());
    RETURN_IF_ERROR(items_.ApplyGroup(next_group_, row, &changes_));
    for (size_t i = first; i < changes_.size(); ++i) change_bytes_ += BytesOf(changes_[i]);
    GoToNextRow();
  }
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
