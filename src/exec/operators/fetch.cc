// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/fetch.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "base/status.h"
#include "exec/operators/for_each_row.h"
#include "exec/operators/rows.h"
#include "exec/operators/scan_vertices.h"
#include "graph/property_set.h"
#include "query/functions/failures.h"
#include "query/text/error.h"

namespace tidemark::exec {

using query::Column;
using query::ColumnKind;

namespace {

// Of the work per element: a record and its properties, most often not in a cache.
constexpr int64_t kUnitsPerElement = 8;
// So many elements ahead their memory is asked for.
constexpr size_t kLookAhead = 8;

graph::Value ToList(const std::vector<LabelId>& labels) {
  std::vector<graph::Value> ids;
  ids.reserve(labels.size());
  for (const LabelId label : labels) ids.push_back(graph::Value::Integer(label.value()));
  return graph::Value::List(std::move(ids));
}

absl::StatusOr<EdgeId> EdgeOf(const query::Cell& cell) {
  if (cell.type == graph::ValueType::kNull) return EdgeId();
  if (cell.type != graph::ValueType::kEdge) {
    return query::TypeMismatch("RELATIONSHIP", ValueOf(cell));
  }
  return cell.edge();
}

}  // namespace

Fetch::Fetch(const query::plan::Operator& plan, RunContext* context) : Operator(plan, context) {
  for (size_t i = 0; i < fetch().keys.size(); ++i) {
    if (fetch().keys[i] != 0) keys_.push_back({KeyId(fetch().keys[i]), i});
  }
  std::sort(keys_.begin(), keys_.end(),
            [](const WantedKey& a, const WantedKey& b) { return a.key < b.key; });
}

absl::StatusOr<Pulled> Fetch::Next(query::BatchRef* batch) {
  if (!batch_) {
    batch_ = std::exchange(rest_, query::BatchRef());
    if (!batch_) {
      ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch_));
      if (pulled != Pulled::kBatch) return pulled;
    }
    next_row_ = 0;
    AddColumns();
  }
  for (; next_row_ < batch_->selected_count(); ++next_row_) {
    if (!TakeUnits(kUnitsPerElement)) return Pulled::kPause;
    if (fetched_bytes_ >= query::kFullBatchBytes) Split();
    if (next_row_ == batch_->selected_count()) break;
    RETURN_IF_ERROR(FetchRow(batch_->RowAt(next_row_)));
  }
  Release();
  RETURN_IF_ERROR(Hold(BatchBytes(*batch_)));
  *batch = std::exchange(batch_, query::BatchRef());
  return Pulled::kBatch;
}

void Fetch::Split() {
  std::vector<uint16_t> rows;
  for (size_t i = next_row_; i < batch_->selected_count(); ++i) rows.push_back(batch_->RowAt(i));
  std::vector<uint32_t> slots(input_slots_);
  std::iota(slots.begin(), slots.end(), 0);
  rest_ = CopyRows(context().pool, *batch_, rows, slots);
  batch_->Truncate(next_row_);
}

void Fetch::AddColumns() {
  input_slots_ = batch_->slot_count();
  fetched_bytes_ = 0;
  columns_.clear();
  for (size_t i = 0; i < fetch().keys.size(); ++i) {
    columns_.push_back(batch_->AddColumn(ColumnKind::kTagged));
  }
  if (fetch().wants_labels) columns_.push_back(batch_->AddColumn(ColumnKind::kValue));
  if (fetch().wants_all) columns_.push_back(batch_->AddColumn(ColumnKind::kValue));
}

absl::Status Fetch::FetchRow(uint16_t row) {
  const query::Cell cell = batch_->CellAt(fetch().element, row);
  storage::Shard& shard = *context().shard;
  if (fetch().is_edge) {
    ASSIGN_OR_RETURN(const EdgeId edge, EdgeOf(cell));
    if (!edge.valid()) return absl::OkStatus();
    const std::optional<storage::EdgeView> view = shard.GetEdge(context().view, edge);
    if (!view.has_value()) return Absent(row);
    TakeProperties(row, view->properties);
    return absl::OkStatus();
  }
  if (next_row_ + kLookAhead < batch_->selected_count()) {
    const query::Cell ahead =
        batch_->CellAt(fetch().element, batch_->RowAt(next_row_ + kLookAhead));
    if (ahead.type == graph::ValueType::kVertex && ahead.form == query::Cell::Form::kWord) {
      shard.Prefetch(VertexId(ahead.word));
    }
  }
  ASSIGN_OR_RETURN(const VertexId vertex, VertexOf(cell));
  if (!vertex.valid()) return absl::OkStatus();
  const std::optional<storage::VertexView> view = shard.GetVertex(context().view, vertex);
  if (!view.has_value()) return Absent(row);
  TakeProperties(row, view->properties);
  if (fetch().wants_labels) {
    columns_[fetch().keys.size()]->values()[row] = ToList(view->labels);
  }
  return absl::OkStatus();
}

// Both the properties and the wanted keys ascend.
void Fetch::TakeProperties(uint16_t row, std::string_view properties) {
  if (fetch().wants_all) {
    columns_.back()->values()[row] = graph::Value::Bytes(properties);
    fetched_bytes_ += properties.size();
  }
  size_t next = 0;
  for (graph::PropertyCursor p(properties); p.valid() && next < keys_.size(); p.Advance()) {
    while (next < keys_.size() && keys_[next].key < p.key()) ++next;
    for (; next < keys_.size() && keys_[next].key == p.key(); ++next) {
      columns_[keys_[next].place]->StoreEncodedAt(row, p.encoded_value());
      fetched_bytes_ += p.encoded_value().size();
    }
  }
}

absl::Status Fetch::Absent(uint16_t) {
  if (fetch().takes_deleted) return absl::OkStatus();
  return ToStatus(query::MakeError(query::ErrorId::kDeletedEntityAccess,
                                   {fetch().is_edge ? "relationship" : "node"}));
}

FilterLabels::FilterLabels(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context) {
  finds_nothing_ = !ToLabels(query::plan::As<query::plan::FilterLabels>(plan).labels, &labels_);
}

absl::StatusOr<Pulled> FilterLabels::Next(query::BatchRef* batch) {
  const uint32_t slot = query::plan::As<query::plan::FilterLabels>(plan()).vertex;
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
    if (pulled != Pulled::kBatch) return pulled;
    context().units -= static_cast<int64_t>((*batch)->selected_count()) * kUnitsPerElement;
    absl::Status status;
    (*batch)->Filter([&](uint16_t row) {
      const absl::StatusOr<VertexId> vertex = VertexOf((*batch)->CellAt(slot, row));
      if (!vertex.ok()) status.Update(vertex.status());
      if (!vertex.ok() || !vertex->valid() || finds_nothing_) return false;
      const auto view = context().shard->GetVertex(context().view, *vertex);
      return view.has_value() && HasLabels(*view, labels_);
    });
    RETURN_IF_ERROR(status);
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

}  // namespace tidemark::exec
