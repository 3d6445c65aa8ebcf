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

// A record and its properties, most often not in a cache; of many vertices their memory is fetched
// ahead.
constexpr int64_t kUnitsPerEdge = 8;
constexpr int64_t kUnitsPerVertex = 3;
constexpr size_t kVerticesAtOnce = 64;

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
    if (fetch().keys[i] != 0) places_.push_back(i);
  }
  std::sort(places_.begin(), places_.end(),
            [this](size_t a, size_t b) { return fetch().keys[a] < fetch().keys[b]; });
  for (const size_t place : places_) keys_.emplace_back(fetch().keys[place]);
  found_.resize(keys_.size());
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
  while (next_row_ < batch_->selected_count()) {
    if (context().units <= 0) return Pulled::kPause;
    if (fetched_bytes_ >= query::kFullBatchBytes) Split();
    if (next_row_ == batch_->selected_count()) break;
    if (!fetch().is_edge) {
      RETURN_IF_ERROR(FetchVertices());
      continue;
    }
    context().units -= kUnitsPerEdge;
    RETURN_IF_ERROR(FetchEdge(batch_->RowAt(next_row_++)));
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

absl::Status Fetch::FetchVertices() {
  const size_t count = std::min(batch_->selected_count() - next_row_, kVerticesAtOnce);
  context().units -= static_cast<int64_t>(count) * kUnitsPerVertex;
  RETURN_IF_ERROR(VerticesOf(*batch_, fetch().element, {next_row_, count}, &vertices_));
  context().shard->GetVertices(context().view, vertices_, &images_);
  for (size_t i = 0; i < count && fetched_bytes_ < query::kFullBatchBytes; ++i) {
    const uint16_t row = batch_->RowAt(next_row_++);
    if (!vertices_[i].valid()) continue;
    if (!images_[i].exists()) {
      RETURN_IF_ERROR(Absent());
      continue;
    }
    TakeProperties(row, images_[i].properties);
    if (fetch().wants_labels) {
      columns_[fetch().keys.size()]->values()[row] = ToList(*images_[i].labels);
    }
  }
  return absl::OkStatus();
}

absl::Status Fetch::FetchEdge(uint16_t row) {
  ASSIGN_OR_RETURN(const EdgeId edge, EdgeOf(batch_->CellAt(fetch().element, row)));
  if (!edge.valid()) return absl::OkStatus();
  const std::optional<storage::EdgeView> view = context().shard->GetEdge(context().view, edge);
  if (!view.has_value()) return Absent();
  TakeProperties(row, view->properties);
  return absl::OkStatus();
}

void Fetch::TakeProperties(uint16_t row, std::string_view properties) {
  if (fetch().wants_all) {
    columns_.back()->values()[row] = graph::Value::Bytes(properties);
    fetched_bytes_ += properties.size();
  }
  if (keys_.empty()) return;
  graph::FindProperties(properties, keys_, found_.data());
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (found_[i] != nullptr)
      fetched_bytes_ += columns_[places_[i]]->StoreEncodedAt(row, found_[i]);
  }
}

absl::Status Fetch::Absent() {
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
    const size_t count = (*batch)->selected_count();
    context().units -= static_cast<int64_t>(count) * kUnitsPerVertex;
    RETURN_IF_ERROR(VerticesOf(**batch, slot, {0, count}, &vertices_));
    context().shard->GetVertices(context().view, vertices_, &images_);
    size_t next = 0;
    (*batch)->Filter([&](uint16_t) {
      const storage::VertexImage& image = images_[next++];
      return !finds_nothing_ && image.exists() && HasLabels(*image.labels, labels_);
    });
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

}  // namespace tidemark::exec
