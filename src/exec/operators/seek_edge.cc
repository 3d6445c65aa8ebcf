// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/seek_edge.h"

#include <optional>

namespace tidemark::exec {
namespace {

// A record that is most often not in a cache.
constexpr int64_t kUnitsPerSeek = 16;

}  // namespace

absl::Status SeekEdge::OpenRow(uint16_t row) {
  const query::Cell cell = rows().CellAt(query::plan::As<query::plan::SeekEdge>(plan()).id, row);
  id_ = EdgeId();
  if (cell.type != graph::ValueType::kInteger || cell.integer() <= 0) return absl::OkStatus();
  id_ = EdgeId(static_cast<uint64_t>(cell.integer()));
  return absl::OkStatus();
}

absl::StatusOr<bool> SeekEdge::Fill() {
  context().units -= kUnitsPerSeek;
  if (!id_.valid() || !context().shard->Owns(id_.slot())) return true;
  const std::optional<storage::EdgeView> edge = context().shard->GetEdge(context().view, id_);
  if (!edge.has_value()) return true;
  edges_.push_back({id_, edge->ends.source, edge->ends.target, edge->ends.type});
  AddRows(1);
  return true;
}

void SeekEdge::MakeColumns(query::Batch* output) {
  query::Column* const column = output->AddColumn(query::ColumnKind::kEdge);
  column->MakeEnds();
  for (size_t row = 0; row < edges_.size(); ++row) column->SetEdge(row, edges_[row]);
  edges_.clear();
}

}  // namespace tidemark::exec
