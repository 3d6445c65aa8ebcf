// SPDX-License-Identifier: Apache-2.0
#include "exec/operation_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/cursor_coding.h"

namespace tidemark::exec {
namespace {

constexpr size_t kChunkRowCount = 256;
constexpr int64_t kUnitsPerLookup =
    32;  // of something anywhere in memory; about half a microsecond
constexpr int64_t kUnitsPerRow = 16;
constexpr size_t kRowBytes = 24;  // of a row without labels and properties, about
constexpr size_t kLabelBytes = 4;

size_t RowLimit(const Operation& operation) {
  return operation.limit == 0 ? kMaxRowCount : std::min(operation.limit, kMaxRowCount);
}

size_t RowCount(const OperationResult& result) {
  return result.vertices.size() + result.edges.size() + result.neighbours.size();
}

}  // namespace

OperationReader::OperationReader(storage::Shard* shard, storage::View view)
    : shard_(shard), view_(view) {
  CHECK(shard != nullptr);
}

absl::StatusOr<bool> OperationReader::Run(const Operation& operation, int64_t* units,
                                          OperationResult* result) {
  CHECK(!IsWrite(operation.kind)) << KindName(operation.kind);
  CHECK(!under_way_ || operation.kind == kind_) << KindName(operation.kind);
  switch (operation.kind) {
    case OperationKind::kGetVertex:
      *units -= kUnitsPerLookup;
      AppendVertex(operation.vertex, /*ids_only=*/false, result);
      return true;
    case OperationKind::kGetEdge:
      *units -= kUnitsPerLookup;
      AppendEdge(operation.edge, result);
      return true;
    case OperationKind::kFindKey:
      *units -= kUnitsPerLookup;
      RETURN_IF_ERROR(shard_->CheckLookup(view_, operation.index));
      result->vertex =
          shard_->FindKey(view_, operation.index, operation.bytes).value_or(VertexId());
      return true;
    default:
      return Scan(operation, units, result);
  }
}

bool OperationReader::IsFull(const Operation& operation, const OperationResult& result) const {
  return RowCount(result) >= RowLimit(operation) || result_bytes_ >= kMaxResultBytes;
}

absl::StatusOr<bool> OperationReader::Scan(const Operation& operation, int64_t* units,
                                           OperationResult* result) {
  if (!under_way_) {
    if (operation.kind == OperationKind::kScanIndex) {
      RETURN_IF_ERROR(shard_->CheckLookup(view_, operation.index));
    }
    ASSIGN_OR_RETURN(cursor_, DecodeCursor(operation.cursor));
    result_bytes_ = 0;
    kind_ = operation.kind;
    under_way_ = true;
  }
  while (!cursor_.done && !IsFull(operation, *result)) {
    if (*units <= 0) return false;
    const size_t max_count = std::min(kChunkRowCount, RowLimit(operation) - RowCount(*result));
    const size_t before = RowCount(*result);
    if (operation.kind == OperationKind::kScanType) {
      ScanEdges(operation, max_count, result);
    } else if (operation.kind == OperationKind::kExpand) {
      Expand(operation, max_count, result);
    } else {
      RETURN_IF_ERROR(ScanVertices(operation, max_count, result));
    }
    const size_t found = RowCount(*result) - before;
    CHECK_LE(found, max_count);
    *units -= kUnitsPerLookup + static_cast<int64_t>(found) * kUnitsPerRow;
    // It has looked at much to find little.
    if (found < max_count && !cursor_.done) *units = 0;
  }
  if (!cursor_.done) result->cursor = EncodeCursor(cursor_);
  under_way_ = false;
  return true;
}

absl::Status OperationReader::NextVertices(const Operation& operation, size_t max_count) {
  ids_.clear();
  if (operation.kind == OperationKind::kScanLabel) {
    shard_->ScanLabel(view_, operation.label, max_count, &cursor_, &ids_);
    return absl::OkStatus();
  }
  return shard_->ScanIndex(view_, {operation.index, operation.bytes, operation.last_key, max_count},
                           &cursor_, &ids_);
}

absl::Status OperationReader::ScanVertices(const Operation& operation, size_t max_count,
                                           OperationResult* result) {
  const storage::Shard::Cursor before = cursor_;
  RETURN_IF_ERROR(NextVertices(operation, max_count));
  for (size_t i = 0; i < ids_.size(); ++i) {
    AppendVertex(ids_[i], operation.ids_only, result);
    if (i + 1 < ids_.size() && IsFull(operation, *result)) {
      cursor_ = before;
      return SkipVertices(operation, i + 1);
    }
  }
  return absl::OkStatus();
}

absl::Status OperationReader::SkipVertices(const Operation& operation, size_t count) {
  // A call may find fewer than it may take though there are more.
  while (count > 0 && !cursor_.done) {
    RETURN_IF_ERROR(NextVertices(operation, count));
    CHECK_LE(ids_.size(), count);
    count -= ids_.size();
  }
  return absl::OkStatus();
}

void OperationReader::ScanEdges(const Operation& operation, size_t max_count,
                                OperationResult* result) {
  const storage::Shard::Cursor before = cursor_;
  NextEdges(operation, max_count);
  for (size_t i = 0; i < ends_.size(); ++i) {
    AppendEdge(ends_[i].edge, result);
    if (i + 1 < ends_.size() && IsFull(operation, *result)) {
      cursor_ = before;
      return SkipEdges(operation, i + 1);
    }
  }
}

void OperationReader::NextEdges(const Operation& operation, size_t max_count) {
  ends_.clear();
  shard_->ScanEdgeType(view_, operation.type, max_count, &cursor_, &ends_);
}

void OperationReader::SkipEdges(const Operation& operation, size_t count) {
  while (count > 0 && !cursor_.done) {
    NextEdges(operation, count);
    CHECK_LE(ends_.size(), count);
    count -= ends_.size();
  }
}

void OperationReader::Expand(const Operation& operation, size_t max_count,
                             OperationResult* result) {
  neighbours_.clear();
  const bool exists =
      shard_->Expand(view_, {operation.vertex, operation.direction, operation.types, max_count},
                     &cursor_, &neighbours_);
  if (!exists) cursor_.done = true;
  for (const storage::Neighbour& n : neighbours_) {
    result->neighbours.push_back({n.vertex, n.edge, n.type, n.outgoing});
  }
  result_bytes_ += neighbours_.size() * kRowBytes;
}

void OperationReader::AppendVertex(VertexId id, bool ids_only, OperationResult* result) {
  result_bytes_ += kRowBytes;
  if (ids_only) {
    result->vertices.push_back({id, {}, {}});
    return;
  }
  std::optional<storage::VertexView> vertex = shard_->GetVertex(view_, id);
  if (!vertex.has_value()) return;
  result_bytes_ += vertex->labels.size() * kLabelBytes + vertex->properties.size();
  result->vertices.push_back({id, std::move(vertex->labels), std::string(vertex->properties)});
}

void OperationReader::AppendEdge(EdgeId id, OperationResult* result) {
  const std::optional<storage::EdgeView> edge = shard_->GetEdge(view_, id);
  if (!edge.has_value()) return;
  result_bytes_ += kRowBytes + edge->properties.size();
  const storage::EdgeEnds& ends = edge->ends;
  result->edges.push_back({id, ends.source, ends.target, ends.type, std::string(edge->properties)});
}

}  // namespace tidemark::exec
