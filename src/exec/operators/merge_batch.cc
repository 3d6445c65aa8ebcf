// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/merge_batch.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "base/coding.h"
#include "base/status.h"
#include "exec/operators/rows.h"
#include "graph/index_key.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;
using query::Batch;
using query::BatchRef;
using query::plan::ChangeItem;
using ItemKind = query::plan::ChangeKind;

namespace {

template <typename T>
bool Contains(const std::vector<T>& values, const T& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

// Whether no item can make an element fit the pattern, or no longer fit it.
bool LeavesPatternAlone(const std::vector<ChangeItem>& items,
                        const query::plan::NewElement& element) {
  const auto has_key = [&](const std::string& key) {
    return std::any_of(element.properties.entries.begin(), element.properties.entries.end(),
                       [&](const auto& entry) { return entry.first == key; });
  };
  return std::all_of(items.begin(), items.end(), [&](const ChangeItem& item) {
    switch (item.kind) {
      case ItemKind::kSetProperty:
        return !has_key(item.key);
      case ItemKind::kSetLabels:
      case ItemKind::kRemoveLabels:
        return std::none_of(item.labels.begin(), item.labels.end(), [&](const std::string& label) {
          return Contains(element.labels, label);
        });
      default:
        return false;
    }
  });
}

BatchRef WithValues(query::SlabPool* pool, const Batch& batch, uint16_t row,
                    const std::vector<Value>& values) {
  BatchRef copy = CopyRow(pool, batch, row);
  for (const Value& value : values) {
    copy->AddColumn(query::ColumnKind::kValue)->values()[0] = value;
  }
  return copy;
}

}  // namespace

bool MergeBatch::Fits(const query::plan::Merge& merge) {
  if (merge.pattern.elements.size() != 1) return false;
  const query::plan::NewElement& element = merge.pattern.elements[0];
  if (element.properties.map.has_value()) return false;
  return LeavesPatternAlone(merge.on_create, element) &&
         LeavesPatternAlone(merge.on_match, element);
}

std::optional<std::string> MergeBatch::KeyOf(uint16_t row) const {
  std::string key;
  for (const auto& [name, slot] : element().properties.entries) {
    Value value = rows_->ValueAt(slot, row);
    const bool is_number = value.type() == ValueType::kInteger || value.type() == ValueType::kFloat;
    const bool is_plain =
        is_number || value.type() == ValueType::kBoolean || value.type() == ValueType::kString;
    if (!is_plain) return std::nullopt;
    // Equal numbers have one key, but for the sign of zero.
    if (value.type() == ValueType::kFloat && value.real() == 0) value = Value::Integer(0);
    if (!graph::AppendIndexKey(value, &key).ok()) return std::nullopt;
  }
  return key;
}

absl::StatusOr<bool> MergeBatch::Open(const BatchRef& rows) {
  rows_ = rows;
  groups_.clear();
  group_of_row_.clear();
  absl::flat_hash_map<std::string, size_t> by_key;
  for (size_t i = 0; i < rows_->row_count(); ++i) {
    const auto row = static_cast<uint16_t>(i);
    // A value that is null or NaN is an error, whether the pattern is there or not.
    std::vector<GraphChange> making;
    RETURN_IF_ERROR(parts_.maker.Add(*rows_, row, &making));
    std::optional<std::string> key = KeyOf(row);
    if (!key.has_value()) return false;
    if (element().is_edge) {
      const VertexId source = making[0].vertex.id;
      const VertexId target = making[0].target.id;
      // An edge that may run either way is found from both of its ends.
      AppendFixed64(&*key, std::min(source, target).value());
      AppendFixed64(&*key, std::max(source, target).value());
    }
    const auto [group, is_new] = by_key.try_emplace(*std::move(key), groups_.size());
    if (is_new) {
      groups_.push_back({row, std::move(making), {}, false});
    } else if (making[0].vertex.id != groups_[group->second].making[0].vertex.id) {
      return false;
    }
    group_of_row_.push_back(group->second);
  }
  std::vector<uint16_t> firsts;
  for (const Group& group : groups_) firsts.push_back(group.first_row);
  inner_ = MakeFragment(*parts_.merge.inner.root,
                        CopyRows(parts_.context->pool, *rows_, firsts, parts_.merge.arguments),
                        parts_.context);
  phase_ = Phase::kFind;
  next_row_ = 0;
  return true;
}

absl::StatusOr<Pulled> MergeBatch::Continue() {
  while (true) {
    switch (phase_) {
      case Phase::kFind: {
        ASSIGN_OR_RETURN(const Pulled pulled, Find());
        if (pulled != Pulled::kEnd) return pulled;
        StartMaking();
        phase_ = Phase::kMake;
        break;
      }
      case Phase::kMake: {
        if (parts_.call.is_started()) {
          std::vector<CreatedElement> created;
          ASSIGN_OR_RETURN(const Pulled pulled, parts_.call.Continue(&created));
          if (pulled != Pulled::kEnd) return pulled;
          RETURN_IF_ERROR(TakeMade(created));
        }
        StartLookUp();
        phase_ = Phase::kLookUp;
        break;
      }
      case Phase::kLookUp: {
        ASSIGN_OR_RETURN(const Pulled looked, parts_.fetch.Continue());
        if (looked != Pulled::kEnd) return looked;
        phase_ = Phase::kChange;
        break;
      }
      case Phase::kChange: {
        if (parts_.call.is_started()) {
          std::vector<CreatedElement> created;
          ASSIGN_OR_RETURN(const Pulled pulled, parts_.call.Continue(&created));
          if (pulled != Pulled::kEnd) return pulled;
        }
        if (next_row_ == rows_->row_count()) return Pulled::kEnd;
        if (parts_.context->units <= 0) return Pulled::kPause;
        RETURN_IF_ERROR(ChangeSome());
        break;
      }
    }
  }
}

absl::StatusOr<Pulled> MergeBatch::Find() {
  const std::vector<uint32_t>& returned = parts_.merge.returned;
  while (true) {
    BatchRef batch;
    ASSIGN_OR_RETURN(const Pulled pulled, inner_->Pull(&batch));
    if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
    if (pulled == Pulled::kEnd) break;
    batch->ForEachRow([&](uint16_t row) {
      Group& group = groups_[batch->CellAt(returned[0], row).word];
      std::vector<Value>& values = group.found.emplace_back();
      for (size_t i = 1; i < returned.size(); ++i)
        values.push_back(batch->ValueAt(returned[i], row));
    });
  }
  inner_.reset();
  return Pulled::kEnd;
}

void MergeBatch::StartMaking() {
  std::vector<GraphChange> changes;
  for (Group& group : groups_) {
    group.is_made = group.found.empty();
    if (!group.is_made) continue;
    std::move(group.making.begin(), group.making.end(), std::back_inserter(changes));
  }
  CountCreated(changes, parts_.context->counters);
  if (!changes.empty()) parts_.call.Start(std::move(changes));
}

absl::Status MergeBatch::TakeMade(const std::vector<CreatedElement>& created) {
  size_t next = 0;
  for (Group& group : groups_) {
    if (!group.is_made) continue;
    ASSIGN_OR_RETURN(std::vector<Value> values,
                     parts_.maker.ValuesOf(created, next++, *rows_, group.first_row));
    group.found.push_back(std::move(values));
  }
  return absl::OkStatus();
}

// The first row of a group has made it, the others have found it.
ChangeItems* MergeBatch::ItemsOf(size_t row) const {
  const Group& group = groups_[group_of_row_[row]];
  const bool makes = group.is_made && group.first_row == row;
  const bool has_items = !(makes ? parts_.merge.on_create : parts_.merge.on_match).empty();
  return has_items ? &(makes ? parts_.on_create : parts_.on_match) : nullptr;
}

void MergeBatch::StartLookUp() {
  ElementSet elements;
  for (size_t row = 0; row < rows_->row_count(); ++row) {
    if (ItemsOf(row) == nullptr) continue;
    for (const std::vector<Value>& values : FoundBy(row)) {
      for (const Value& value : values) elements.Add(value);
    }
    for (uint32_t slot = 0; slot < rows_->slot_count(); ++slot) {
      elements.Add(rows_->ValueAt(slot, static_cast<uint16_t>(row)));
    }
  }
  parts_.context->elements->Clear();
  parts_.fetch.Start(std::move(elements));
}

absl::Status MergeBatch::ChangeSome() {
  std::vector<GraphChange> changes;
  for (; next_row_ < rows_->row_count() && changes.size() < kMaxChangeCount / 2; ++next_row_) {
    if (parts_.context->units <= 0) break;
    ChangeItems* const items = ItemsOf(next_row_);
    if (items == nullptr) continue;
    for (const std::vector<Value>& values : FoundBy(next_row_)) {
      RETURN_IF_ERROR(items->Apply(
          WithValues(parts_.context->pool, *rows_, static_cast<uint16_t>(next_row_), values),
          &changes));
    }
  }
  if (!changes.empty()) parts_.call.Start(std::move(changes));
  return absl::OkStatus();
}

}  // namespace tidemark::exec
