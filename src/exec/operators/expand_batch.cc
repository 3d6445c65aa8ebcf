// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/expand_batch.h"

#include <algorithm>

#include "base/status.h"
#include "exec/operators/expand.h"
#include "exec/operators/for_each_row.h"
#include "exec/operators/rows.h"
#include "exec/operators/scan_vertices.h"

namespace tidemark::exec {
namespace {

// A vertex whose record and edges are fetched ahead, and neighbours that are copied in runs.
constexpr int64_t kUnitsPerSource = 3;
constexpr int64_t kNeighboursPerUnit = 2;

}  // namespace

ExpandBatch::ExpandBatch(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context) {
  finds_nothing_ = !ToTypes(expand().types, &types_);
  found_.wants_edges = expand().gives_edge || !expand().other_edges.empty();
}

absl::StatusOr<Pulled> ExpandBatch::Next(query::BatchRef* batch) {
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    if (!input_batch_) {
      ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
      if (pulled != Pulled::kBatch) return pulled;
    }
    if (!finds_nothing_) Fill();
    const bool is_done = finds_nothing_ || cursor_.next == from_.size();
    if (parent_rows_.size() < query::kMaxBatchRows && !is_done) continue;
    const bool has_rows = !parent_rows_.empty();
    if (has_rows) RETURN_IF_ERROR(MakeOutput(batch));
    if (is_done) input_batch_ = query::BatchRef();
    if (has_rows) return Pulled::kBatch;
  }
}

absl::StatusOr<Pulled> ExpandBatch::PullInput() {
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch_));
  if (pulled != Pulled::kBatch) return pulled;
  if (input_batch_->depth() == query::kMaxParentDepth) {
    input_batch_ = query::Gather(context().pool, *input_batch_, expand().unread);
  }
  cursor_ = {};
  RETURN_IF_ERROR(
      VerticesOf(*input_batch_, expand().from, {0, input_batch_->selected_count()}, &from_));
  return Pulled::kBatch;
}

void ExpandBatch::Fill() {
  const size_t first = cursor_.next;
  found_.vertices.clear();
  found_.edges.clear();
  found_.ends.clear();
  const storage::BatchExpansion expansion{from_, ToStorage(expand().direction), types_,
                                          query::kMaxBatchRows - parent_rows_.size()};
  context().shard->ExpandBatch(context().view, expansion, &cursor_, &found_);
  context().units -= static_cast<int64_t>(cursor_.next - first + 1) * kUnitsPerSource +
                     static_cast<int64_t>(found_.vertices.size()) / kNeighboursPerUnit;
  size_t begin = 0;
  for (size_t i = 0; i < found_.ends.size(); ++i) {
    Take(first + i, begin, found_.ends[i]);
    begin = found_.ends[i];
  }
  // Those of a vertex that has more.
  if (begin < found_.vertices.size()) Take(cursor_.next, begin, found_.vertices.size());
}

void ExpandBatch::Take(size_t number, size_t begin, size_t end) {
  const uint16_t row = input_batch_->RowAt(number);
  const size_t before = ends_.size();
  if (!expand().other_edges.empty()) {
    EdgesAt(*input_batch_, row, expand().other_edges, &others_);
    for (size_t i = begin; i < end; ++i) {
      const EdgeId edge = found_.edges[i];
      if (std::find(others_.begin(), others_.end(), edge) != others_.end()) continue;
      ends_.push_back(found_.vertices[i]);
      if (expand().gives_edge) edges_.push_back(edge);
    }
  } else {
    ends_.insert(ends_.end(), found_.vertices.begin() + static_cast<std::ptrdiff_t>(begin),
                 found_.vertices.begin() + static_cast<std::ptrdiff_t>(end));
    if (expand().gives_edge) {
      edges_.insert(edges_.end(), found_.edges.begin() + static_cast<std::ptrdiff_t>(begin),
                    found_.edges.begin() + static_cast<std::ptrdiff_t>(end));
    }
  }
  parent_rows_.insert(parent_rows_.end(), ends_.size() - before, row);
}

absl::Status ExpandBatch::MakeOutput(query::BatchRef* batch) {
  const size_t count = parent_rows_.size();
  *batch = query::Batch::MakeChild(context().pool, input_batch_, count);
  (*batch)->set_row_count(count);
  std::copy_n(parent_rows_.begin(), count, (*batch)->parent_rows());
  if (expand().gives_edge) {
    query::Column* const column = (*batch)->AddColumn(query::ColumnKind::kEdge);
    for (size_t row = 0; row < count; ++row) column->SetWord(row, edges_[row].value());
  }
  AddVertexColumn(ends_, batch->get());
  parent_rows_.clear();
  edges_.clear();
  ends_.clear();
  Release();
  return Hold(BatchBytes(**batch));
}

}  // namespace tidemark::exec
