// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/pattern.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/operators/rows.h"

namespace tidemark::exec {

using graph::Value;
using graph::ValueType;

void AddEdges(const Value& value, std::vector<EdgeId>* edges) {
  if (value.type() == ValueType::kEdge) edges->push_back(value.edge().edge);
  if (value.type() != ValueType::kList) return;
  for (const Value& element : value.list()) AddEdges(element, edges);
}

absl::StatusOr<Pulled> DifferentEdges::Next(query::BatchRef* batch) {
  const auto& slots = query::plan::As<query::plan::DifferentEdges>(plan()).edges;
  std::vector<EdgeId> edges;
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
    if (pulled != Pulled::kBatch) return pulled;
    context().units -= static_cast<int64_t>((*batch)->selected_count());
    (*batch)->Filter([&](uint16_t row) {
      edges.clear();
      for (const uint32_t slot : slots) {
        const query::Cell cell = (*batch)->CellAt(slot, row);
        if (cell.type == ValueType::kEdge) {
          edges.push_back(cell.edge());
        } else if (cell.type == ValueType::kList) {
          AddEdges((*batch)->ValueAt(slot, row), &edges);
        }
      }
      std::sort(edges.begin(), edges.end());
      return std::adjacent_find(edges.begin(), edges.end()) == edges.end();
    });
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

absl::StatusOr<Pulled> MakePath::Next(query::BatchRef* batch) {
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(batch));
  if (pulled != Pulled::kBatch) return pulled;
  query::Column* const column = (*batch)->AddColumn(query::ColumnKind::kValue);
  (*batch)->ForEachRow([&](uint16_t row) { column->values()[row] = PathAt(**batch, row); });
  context().units -= static_cast<int64_t>((*batch)->selected_count()) * 4;
  Release();
  RETURN_IF_ERROR(Hold(ValueBytes(**batch, *column)));
  return Pulled::kBatch;
}

Value MakePath::PathAt(const query::Batch& batch, uint16_t row) const {
  const auto& shape = query::plan::As<query::plan::MakePath>(plan());
  graph::Path path;
  const Value first = batch.ValueAt(shape.vertices[0], row);
  if (first.type() != ValueType::kVertex) return Value();
  path.vertices.push_back(first.vertex());
  const auto walk = [&path](const graph::EdgeRef& edge) {
    const VertexId from = path.vertices.back();
    path.edges.push_back(edge);
    path.vertices.push_back(edge.source == from ? edge.target : edge.source);
  };
  for (size_t i = 0; i < shape.edges.size(); ++i) {
    const Value edges = batch.ValueAt(shape.edges[i], row);
    const size_t more = edges.type() == ValueType::kList ? edges.list().size() : 1;
    path.vertices.reserve(path.vertices.size() + more);
    path.edges.reserve(path.edges.size() + more);
    if (edges.type() == ValueType::kEdge) {
      walk(edges.edge());
    } else if (edges.type() == ValueType::kList) {
      for (const Value& edge : edges.list()) walk(edge.edge());
    } else {
      return Value();
    }
  }
  return Value::Of(std::move(path));
}

}  // namespace tidemark::exec
