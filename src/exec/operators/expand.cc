// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/expand.h"

#include <algorithm>

#include "base/status.h"
#include "exec/operators/scan_vertices.h"

namespace tidemark::exec {

using query::plan::Direction;

namespace {

constexpr size_t kMaxExpandStep = 256;

}  // namespace

storage::Direction ToStorage(Direction direction) {
  switch (direction) {
    case Direction::kOut:
      return storage::Direction::kOut;
    case Direction::kIn:
      return storage::Direction::kIn;
    case Direction::kEither:
      return storage::Direction::kAny;
  }
  return storage::Direction::kAny;
}

bool ToTypes(const std::vector<uint32_t>& ids, std::vector<TypeId>* types) {
  for (const uint32_t id : ids) {
    if (id != 0) types->push_back(TypeId(id));
  }
  return ids.empty() || !types->empty();
}

void EdgesAt(const query::Batch& batch, uint16_t row, absl::Span<const uint32_t> slots,
             std::vector<EdgeId>* edges) {
  edges->clear();
  for (const uint32_t slot : slots) {
    const query::Cell cell = batch.CellAt(slot, row);
    if (cell.type == graph::ValueType::kEdge) edges->push_back(cell.edge());
  }
}

Expand::Expand(const query::plan::Operator& plan, RunContext* context) : ForEachRow(plan, context) {
  finds_nothing_ = !ToTypes(expand().types, &types_);
}

absl::Status Expand::OpenRow(uint16_t row) {
  cursor_ = {};
  to_.reset();
  ASSIGN_OR_RETURN(from_, VertexOf(rows().CellAt(expand().from, row)));
  EdgesAt(rows(), row, expand().other_edges, &others_);
  if (expand().to.has_value()) {
    ASSIGN_OR_RETURN(to_, VertexOf(rows().CellAt(*expand().to, row)));
    if (!to_->valid()) from_ = VertexId();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> Expand::Fill() {
  if (finds_nothing_ || !from_.valid()) return true;
  found_.clear();
  const storage::Expansion expansion{from_, ToStorage(expand().direction), types_,
                                     std::min(room(), kMaxExpandStep)};
  if (!context().shard->Expand(context().view, expansion, &cursor_, &found_)) return true;
  context().units -= static_cast<int64_t>(found_.size()) + 4;
  size_t added = 0;
  for (const storage::Neighbour& neighbour : found_) {
    // In either direction a loop is met from both of its ends, and counts once.
    const bool is_again = expand().direction == Direction::kEither && neighbour.vertex == from_ &&
                          !neighbour.outgoing;
    if (is_again || (to_.has_value() && neighbour.vertex != *to_)) continue;
    if (std::find(others_.begin(), others_.end(), neighbour.edge) != others_.end()) continue;
    const VertexId source = neighbour.outgoing ? from_ : neighbour.vertex;
    const VertexId target = neighbour.outgoing ? neighbour.vertex : from_;
    if (expand().gives_edge) edges_.push_back({neighbour.edge, source, target, neighbour.type});
    if (!to_.has_value()) ends_.push_back(neighbour.vertex);
    ++added;
  }
  AddRows(added);
  return cursor_.done;
}

void Expand::MakeColumns(query::Batch* output) {
  if (expand().gives_edge) {
    query::Column* const column = output->AddColumn(query::ColumnKind::kEdge);
    if (expand().gives_ends) column->MakeEnds();
    for (size_t row = 0; row < edges_.size(); ++row) column->SetEdge(row, edges_[row]);
    edges_.clear();
  }
  if (!expand().to.has_value()) AddVertexColumn(ends_, output);
  ends_.clear();
}

}  // namespace tidemark::exec
