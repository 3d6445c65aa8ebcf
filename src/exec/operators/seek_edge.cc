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
    : ForEachRow(plan, context), ids_(seek().equal, seek().is_list, context->environment) {}

absl::Status SeekEdge::OpenBatch() { return ids_.Open(&rows(), &context().units); }

absl::Status SeekEdge::OpenRow(uint16_t row) {
  other_way_.reset();
  return ids_.OpenRow(row);
}

absl::StatusOr<bool> SeekEdge::Fill() {
  if (other_way_.has_value()) {
    Add(*other_way_, other_way_->target, other_way_->source);
    other_way_.reset();
  } else if (!ids_.at_end()) {
    const EdgeId id(ids_.Next());
    if (id.valid() && context().shard->Owns(id.slot())) AddEdge(id);
  }
  return ids_.at_end() && !other_way_.has_value();
}

void SeekEdge::AddEdge(EdgeId id) {
  context().units -= kUnitsPerSeek;
  const std::optional<storage::EdgeView> edge = context().shard->GetEdge(context().view, id);
  if (!edge.has_value() || !HasType(edge->ends.type)) return;
  const graph::EdgeRef found{id, edge->ends.source, edge->ends.target, edge->ends.type};
  if (seek().direction == Direction::kIn) {
    Add(found, found.target, found.source);
  } else {
    Add(found, found.source, found.target);
  }
  // There may be room for one row only.
  if (seek().direction == Direction::kEither && found.source != found.target) other_way_ = found;
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
