// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/scan_vertices.h"

#include <algorithm>
#include <optional>

namespace tidemark::exec {
namespace {

// A piece of a scan; so much work goes beyond the slice at most.
constexpr size_t kMaxScanStep = 256;

}  // namespace

bool HasLabels(const std::vector<LabelId>& of_vertex, const std::vector<LabelId>& labels) {
  return std::includes(of_vertex.begin(), of_vertex.end(), labels.begin(), labels.end());
}

bool ToLabels(const std::vector<uint32_t>& ids, std::vector<LabelId>* labels) {
  for (const uint32_t id : ids) {
    if (id == 0) return false;
    labels->push_back(LabelId(id));
  }
  std::sort(labels->begin(), labels->end());
  labels->erase(std::unique(labels->begin(), labels->end()), labels->end());
  return true;
}

void AddVertexColumn(const std::vector<VertexId>& vertices, query::Batch* batch) {
  query::Column* const column = batch->AddColumn(query::ColumnKind::kVertex);
  for (size_t row = 0; row < vertices.size(); ++row) column->SetWord(row, vertices[row].value());
}

ScanVertices::ScanVertices(const query::plan::Operator& plan, RunContext* context)
    : ForEachRow(plan, context) {
  finds_nothing_ = !ToLabels(query::plan::As<query::plan::ScanVertices>(plan).labels, &labels_);
}

absl::Status ScanVertices::OpenRow(uint16_t) {
  cursor_ = {};
  return absl::OkStatus();
}

absl::StatusOr<bool> ScanVertices::Fill() {
  if (finds_nothing_) return true;
  const size_t before = vertices_.size();
  storage::Shard& shard = *context().shard;
  const LabelId scanned = labels_.empty() ? LabelId() : labels_[0];
  shard.ScanLabel(context().view, scanned, std::min(room(), kMaxScanStep), &cursor_, &vertices_);
  context().units -= static_cast<int64_t>(vertices_.size() - before) + 1;
  if (labels_.size() > 1) {
    const auto lacks = [&](VertexId vertex) {
      const std::optional<storage::VertexView> view = shard.GetVertex(context().view, vertex);
      return !view.has_value() || !HasLabels(view->labels, labels_);
    };
    const auto begin = vertices_.begin() + static_cast<std::ptrdiff_t>(before);
    vertices_.erase(std::remove_if(begin, vertices_.end(), lacks), vertices_.end());
  }
  AddRows(vertices_.size() - before);
  return cursor_.done;
}

void ScanVertices::MakeColumns(query::Batch* output) {
  AddVertexColumn(vertices_, output);
  vertices_.clear();
}

}  // namespace tidemark::exec
