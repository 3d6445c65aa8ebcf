// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/seek_edge.h"

#include <algorithm>
#include <optional>

#include "base/status.h"
#include "exec/operators/scan_vertices.h"

namespace tidemark::exec {

using query::plan::Direction;

namespace {

// A record that is most often not in a cache.
constexpr int64_t kUnitsPerSeek = 16;

}  // namespace

SeekEdge::SeekEdge(const query::plan::Operator& plan, RunContext* context)
    : ForEachRow(plan, context), ids_(seek().equal, context->environment) {}

absl::Status SeekEdge::OpenBatch() { return ids_.Open(&rows(), &context().units); }

absl::Status SeekEdge::OpenRow(uint16_t row) {
  id_ = EdgeId(ids_.IdAt(row));
  return absl::OkStatus();
}

absl::StatusOr<bool> SeekEdge::Fill() {
  // The other way of an edge without direction stands in the same batch.
  if (room() < 2) return false;
  context().units -= kUnitsPerSeek;
  if (!id_.valid() || !context().shard->Owns(id_.slot())) return true;
  const std::optional<storage::EdgeView> edge = context().shard->GetEdge(context().view, id_);
  if (!edge.has_value() || !HasType(edge->ends.type)) return true;
  const VertexId source = edge->ends.source;
  const VertexId target = edge->ends.target;
  const graph::EdgeRef found{id_, source, target, edge->ends.type};
  if (seek().direction != Direction::kIn) Add(found, source, target);
  const bool is_other = seek().direction == Direction::kEither && source != target;
  if (seek().direction == Direction::kIn || is_other) Add(found, target, source);
  return true;
}

bool SeekEdge::HasType(TypeId type) const {
  const std::vector<uint32_t>& types = seek().types;
  return types.empty() || std::find(types.begin(), types.end(), type.value()) != types.end();
}

void SeekEdge::Add(const graph::EdgeRef& edge, VertexId left, VertexId right) {
  edges_.push_back(edge);
  lefts_.push_back(left);
  rights_.push_back(right);
  AddRows(1);
}

void SeekEdge::MakeColumns(query::Batch* output) {
  query::Column* const column = output->AddColumn(query::ColumnKind::kEdge);
  column->MakeEnds();
  for (size_t row = 0; row < edges_.size(); ++row) column->SetEdge(row, edges_[row]);
  AddVertexColumn(lefts_, output);
  AddVertexColumn(rights_, output);
  edges_.clear();
  lefts_.clear();
  rights_.clear();
}

}  // namespace tidemark::exec
