// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/change_items.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/element_table.h"
#include "query/functions/failures.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::BatchRef;
using query::plan::ChangeItem;
using ItemKind = query::plan::ChangeKind;

namespace {

// To set a property.
constexpr int64_t kUnitsPerProperty = 8;
// What is encoded in the background: it takes about 0.1 ms.
constexpr size_t kHeavyValueBytes = 256 << 10;

bool IsElement(const Value& value) {
  return value.type() == ValueType::kVertex || value.type() == ValueType::kEdge;
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

// Shared with the job.
struct ChangeItems::Encoding {
  Value value;
  absl::StatusOr<std::string> encoded = std::string();
  std::atomic<bool> is_done{false};
};

ChangeItems::ChangeItems(const std::vector<ChangeItem>* items, RunContext* context)
    : items_(*items), context_(context) {
  for (size_t i = 0; i < items->size(); ++i) {
    if (i == 0 || (*items)[i].sees_before) group_begins_.push_back(i);
  }
}

ChangeItems::~ChangeItems() = default;

absl::Status ChangeItems::Apply(const BatchRef& row, std::vector<GraphChange>* changes) {
  for (size_t group = 0; group < group_count(); ++group) {
    Start(group, row);
    may_break_ = false;
    ASSIGN_OR_RETURN(const bool is_done, Continue(changes));
    CHECK(is_done);
  }
  return absl::OkStatus();
}

void ChangeItems::Start(size_t group, BatchRef row) {
  CHECK(!is_started());
  row_ = std::move(row);
  may_break_ = true;
  next_item_ = group_begins_[group];
  end_item_ = group + 1 < group_count() ? group_begins_[group + 1] : items_.size();
  part_ = Part::kDone;
  next_applied_ = 0;
}

// All right sides are computed before anything is set: SET n.x = n.y, n.y = n.x swaps.
absl::StatusOr<bool> ChangeItems::Continue(std::vector<GraphChange>* changes) {
  CHECK(is_started());
  ASSIGN_OR_RETURN(const bool is_computed, ComputeItems());
  if (!is_computed) return false;
  for (; next_applied_ < computed_.size(); ++next_applied_) {
    ASSIGN_OR_RETURN(const bool is_applied, ApplyItem(computed_[next_applied_], changes));
    if (!is_applied) return false;
  }
  computed_.clear();
  row_.reset();
  return true;
}

absl::StatusOr<bool> ChangeItems::ComputeItems() {
  while (true) {
    if (part_ != Part::kDone) {
      ASSIGN_OR_RETURN(const bool is_computed, ComputeItem(&computed_.back()));
      if (!is_computed) return false;
      part_ = Part::kDone;
      if (computed_.back().target.is_null()) computed_.pop_back();
    }
    if (next_item_ == end_item_) return true;
    computed_.emplace_back().item = &items_[next_item_++];
    part_ = Part::kTarget;
  }
}

absl::StatusOr<bool> ChangeItems::ComputeItem(Computed* one) {
  const ChangeItem& item = *one->item;
  if (part_ == Part::kTarget) {
    ASSIGN_OR_RETURN(const bool is_done, Evaluate(item.target, &one->target));
    if (!is_done) return false;
    if (one->target.is_null()) return true;
    if (!IsElement(one->target)) return query::TypeMismatch("NODE or RELATIONSHIP", one->target);
    part_ = Part::kValue;
  }
  if (part_ == Part::kValue) {
    if (item.value.has_value()) {
      ASSIGN_OR_RETURN(const bool is_done, Evaluate(*item.value, &one->value));
      if (!is_done) return false;
    }
    part_ = Part::kKey;
  }
  if (item.key_value.has_value()) {
    ASSIGN_OR_RETURN(const bool is_done, Evaluate(*item.key_value, &one->key));
    if (!is_done) return false;
  }
  // What an element has counts as it is now.
  if (IsElement(one->value)) {
    ASSIGN_OR_RETURN(one->value, context_->elements->Properties(one->value));
  }
  return true;
}

absl::StatusOr<bool> ChangeItems::Evaluate(const query::eval::Program& program, Value* result) {
  if (!may_break_) {
    ASSIGN_OR_RETURN(*result, EvaluateRow(program, *row_, context_));
    return true;
  }
  if (evaluator_ == nullptr) {
    evaluator_ = std::make_unique<query::eval::Evaluator>(&program, context_->environment);
    evaluator_->Start(row_->get());
  }
  ASSIGN_OR_RETURN(const bool is_done, evaluator_->Continue(&context_->units));
  if (!is_done) return false;
  *result = evaluator_->ResultAt(0);
  evaluator_ = nullptr;
  return true;
}

absl::StatusOr<bool> ChangeItems::ApplyItem(const Computed& one,
                                            std::vector<GraphChange>* changes) {
  const ChangeItem& item = *one.item;
  switch (item.kind) {
    case ItemKind::kSetLabels:
    case ItemKind::kRemoveLabels:
      RETURN_IF_ERROR(SetLabels(item, one.target, changes));
      return true;
    case ItemKind::kSetProperty:
      return SetProperty(one.target, item.key, one.value, changes);
    case ItemKind::kSetDynamicProperty:
      if (one.key.type() != ValueType::kString) return query::TypeMismatch("STRING", one.key);
      return SetProperty(one.target, std::string(one.key.string()), one.value, changes);
    default:
      return SetAll(one, changes);
  }
}

absl::StatusOr<bool> ChangeItems::Encode(const Value& value, std::string* encoded) {
  query::eval::Background* const background = context_->environment->background;
  if (encoding_ == nullptr) {
    if (!may_break_ || background == nullptr || value.memory_bytes() < kHeavyValueBytes) {
      ASSIGN_OR_RETURN(*encoded, EncodeProperty(value));
      return true;
    }
    encoding_ = std::make_shared<Encoding>();
    encoding_->value = value;
    background->Run([encoding = encoding_] {
      encoding->encoded = EncodeProperty(encoding->value);
      encoding->value = Value();
      encoding->is_done.store(true, std::memory_order_release);
    });
  }
  if (!encoding_->is_done.load(std::memory_order_acquire)) {
    context_->environment->waits_for_call = true;
    return false;
  }
  const std::shared_ptr<Encoding> done = std::exchange(encoding_, nullptr);
  ASSIGN_OR_RETURN(*encoded, std::move(done->encoded));
  return true;
}

absl::StatusOr<bool> ChangeItems::SetProperty(const Value& target, const std::string& key,
                                              const Value& value,
                                              std::vector<GraphChange>* changes) {
  context_->units -= kUnitsPerProperty;
  std::string encoded;
  ASSIGN_OR_RETURN(const bool is_encoded, Encode(value, &encoded));
  if (!is_encoded) return false;
  ASSIGN_OR_RETURN(const bool is_change,
                   context_->elements->SetProperty(target, key, {value, encoded}));
  // A property that is not there cannot be removed; one that is set to its value counts.
  if (!is_change) return true;
  ++context_->counters->properties_set;
  auto& properties = PropertyChangeOf(target, changes)->properties;
  const auto same = std::find_if(properties.begin(), properties.end(),
                                 [&](const auto& other) { return other.first == key; });
  if (same != properties.end()) {
    same->second = std::move(encoded);
  } else {
    properties.emplace_back(key, std::move(encoded));
  }
  return true;
}

absl::StatusOr<bool> ChangeItems::SetAll(const Computed& one, std::vector<GraphChange>* changes) {
  if (!has_entries_) {
    const Value& map = one.value;
    if (map.type() != ValueType::kMap) return query::TypeMismatch("MAP", map);
    entries_.clear();
    if (one.item->kind == ItemKind::kReplaceProperties) {
      ASSIGN_OR_RETURN(const Value before, context_->elements->Properties(one.target));
      for (const auto& [key, old] : before.map()) {
        if (map.Get(key).is_null()) entries_.emplace_back(key, Value());
      }
    }
    entries_.insert(entries_.end(), map.map().begin(), map.map().end());
    next_entry_ = 0;
    has_entries_ = true;
  }
  for (; next_entry_ < entries_.size(); ++next_entry_) {
    if (may_break_ && context_->units <= 0) return false;
    const auto& [key, value] = entries_[next_entry_];
    ASSIGN_OR_RETURN(const bool is_set, SetProperty(one.target, key, value, changes));
    if (!is_set) return false;
  }
  has_entries_ = false;
  return true;
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

}  // namespace tidemark::exec
