// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/scan_page.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/cursor_coding.h"
#include "exec/operators/expand.h"

namespace tidemark::exec {

using query::plan::PageSource;

namespace {

constexpr size_t kMaxPageStep = 256;
// Of something anywhere in memory.
constexpr int64_t kUnitsPerScan = 32;
constexpr int64_t kUnitsPerPageRow = 8;
constexpr size_t kPageRowBytes = 24;  // of a row without labels and properties, about
constexpr size_t kLabelBytes = 4;

// Slots of the input.
constexpr uint32_t kPositionSlot = 0;
constexpr uint32_t kLimitSlot = 1;
constexpr uint32_t kVertexSlot = 2;
constexpr uint32_t kFirstKeySlot = 2;
constexpr uint32_t kLastKeySlot = 3;

}  // namespace

ScanPage::ScanPage(const query::plan::Operator& plan, RunContext* context)
    : ForEachRow(plan, context) {
  for (const uint32_t id : page().types) types_.push_back(TypeId(id));
}

absl::Status ScanPage::OpenRow(uint16_t row) {
  ASSIGN_OR_RETURN(cursor_, DecodeCursor(rows().ValueAt(kPositionSlot, row).bytes()));
  const int64_t limit = rows().CellAt(kLimitSlot, row).integer();
  max_row_count_ = static_cast<uint32_t>(std::clamp<int64_t>(limit, 1, kMaxPageRowCount));
  row_count_ = 0;
  bytes_ = 0;
  if (page().source == PageSource::kNeighbours) {
    ASSIGN_OR_RETURN(vertex_, VertexOf(rows().CellAt(kVertexSlot, row)));
  } else if (page().source == PageSource::kIndex) {
    RETURN_IF_ERROR(context().shard->CheckLookup(context().view, IndexId(page().name)));
    first_key_ = rows().ValueAt(kFirstKeySlot, row).bytes();
    last_key_ = rows().ValueAt(kLastKeySlot, row).bytes();
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> ScanPage::Fill() {
  if (cursor_.done || is_full()) {
    found_.push_back({.position = cursor_.done ? std::string() : EncodeCursor(cursor_)});
    AddRows(1);
    return true;
  }
  const size_t first = found_.size();
  const size_t max_count = std::min<size_t>({room(), kMaxPageStep, max_row_count_ - row_count_});
  const storage::Shard::Cursor before = cursor_;
  RETURN_IF_ERROR(Scan(max_count));
  const bool has_looked_at_much = found_.size() - first < max_count && !cursor_.done;
  RETURN_IF_ERROR(CutBehindFull(before, first));
  const size_t count = found_.size() - first;
  row_count_ += static_cast<uint32_t>(count);
  context().units -= kUnitsPerScan + static_cast<int64_t>(count) * kUnitsPerPageRow;
  if (has_looked_at_much) context().units = 0;  // to find little
  AddRows(count);
  return false;
}

absl::Status ScanPage::Scan(size_t max_count) {
  switch (page().source) {
    case PageSource::kVertices:
    case PageSource::kIndex:
      return ScanVertices(max_count);
    case PageSource::kEdges:
      ScanEdges(max_count);
      break;
    case PageSource::kNeighbours:
      ScanNeighbours(max_count);
      break;
  }
  return absl::OkStatus();
}

absl::Status ScanPage::ScanVertices(size_t max_count) {
  storage::Shard& shard = *context().shard;
  vertices_.clear();
  if (page().source == PageSource::kVertices) {
    shard.ScanLabel(context().view, LabelId(page().name), max_count, &cursor_, &vertices_);
  } else {
    RETURN_IF_ERROR(shard.ScanIndex(context().view,
                                    {IndexId(page().name), first_key_, last_key_, max_count},
                                    &cursor_, &vertices_));
  }
  for (const VertexId vertex : vertices_) found_.push_back({.vertex = vertex});
  return absl::OkStatus();
}

void ScanPage::ScanEdges(size_t max_count) {
  ends_.clear();
  context().shard->ScanEdgeType(context().view, TypeId(page().name), max_count, &cursor_, &ends_);
  for (const storage::EdgeEnds& ends : ends_) {
    found_.push_back({.ref = {ends.edge, ends.source, ends.target, ends.type}});
  }
}

void ScanPage::ScanNeighbours(size_t max_count) {
  neighbours_.clear();
  const storage::Expansion expansion{vertex_, ToStorage(page().direction), types_, max_count};
  const bool exists = vertex_.valid() && context().shard->Owns(vertex_.slot()) &&
                      context().shard->Expand(context().view, expansion, &cursor_, &neighbours_);
  if (!exists) cursor_.done = true;
  for (const storage::Neighbour& n : neighbours_) {
    const graph::EdgeRef edge{n.edge, n.outgoing ? vertex_ : n.vertex,
                              n.outgoing ? n.vertex : vertex_, n.type};
    found_.push_back({.vertex = n.vertex, .ref = edge, .is_outgoing = n.outgoing});
  }
}

size_t ScanPage::BytesOf(const Found& found) const {
  if (!page().counts_properties || page().source == PageSource::kNeighbours) return kPageRowBytes;
  storage::Shard& shard = *context().shard;
  if (found.ref.edge.valid()) {
    const auto edge = shard.GetEdge(context().view, found.ref.edge);
    return kPageRowBytes + (edge.has_value() ? edge->properties.size() : 0);
  }
  const auto vertex = shard.GetVertex(context().view, found.vertex);
  if (!vertex.has_value()) return kPageRowBytes;
  return kPageRowBytes + vertex->labels.size() * kLabelBytes + vertex->properties.size();
}

absl::Status ScanPage::CutBehindFull(const storage::Shard::Cursor& before, size_t first) {
  for (size_t i = first; i < found_.size(); ++i) {
    bytes_ += BytesOf(found_[i]);
    if (bytes_ < kMaxPageBytes || i + 1 == found_.size()) continue;
    // The cursor must stand behind the last row that stays.
    found_.resize(first);
    cursor_ = before;
    // A call may find fewer than it may take though there are more.
    for (const size_t end = i + 1; found_.size() < end && !cursor_.done;) {
      RETURN_IF_ERROR(Scan(end - found_.size()));
      CHECK_LE(found_.size(), end);
    }
    break;
  }
  return absl::OkStatus();
}

void ScanPage::MakeColumns(query::Batch* output) {
  query::Column* const vertices = output->AddColumn(query::ColumnKind::kVertex);
  query::Column* const edges = output->AddColumn(query::ColumnKind::kEdge);
  query::Column* const outgoing = output->AddColumn(query::ColumnKind::kBoolean);
  query::Column* const positions = output->AddColumn(query::ColumnKind::kValue);
  edges->MakeEnds();
  for (size_t row = 0; row < found_.size(); ++row) {
    const Found& found = found_[row];
    if (found.vertex.valid()) {
      vertices->SetWord(row, found.vertex.value());
    } else {
      vertices->SetNull(row);
    }
    if (found.ref.edge.valid()) {
      edges->SetEdge(row, found.ref);
    } else {
      edges->SetNull(row);
    }
    outgoing->SetWord(row, found.is_outgoing ? 1 : 0);
    if (found.position.has_value()) {
      positions->values()[row] = graph::Value::Bytes(*found.position);
    }
  }
  found_.clear();
}

}  // namespace tidemark::exec
