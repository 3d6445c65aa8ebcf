// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/expand_batch.h"

#include <algorithm>
#include <utility>

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

// The edges in a slot of the rows that count; an invalid id for null.
void EdgesOf(const query::Batch& batch, uint32_t slot, std::vector<EdgeId>* edges) {
  edges->clear();
  edges->reserve(batch.selected_count());
  const query::Column& column = batch.SlotColumn(slot);
  const bool has_words = column.kind() == query::ColumnKind::kEdge && !column.has_nulls();
  batch.ForEachRow([&](uint16_t row) {
    batch.Resolve(slot, &row);
    if (has_words) {
      edges->emplace_back(column.words()[row]);
    } else {
      const query::Cell cell = column.CellAt(row);
      const bool is_edge = cell.type == graph::ValueType::kEdge;
      edges->push_back(is_edge ? cell.edge() : EdgeId());
    }
  });
}

}  // namespace

ExpandBatch::ExpandBatch(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context),
      others_(expand().other_edges.size()),
      parent_rows_(query::kMaxBatchRows) {
  finds_nothing_ = !ToTypes(expand().types, &types_);
}

absl::StatusOr<Pulled> ExpandBatch::Next(query::BatchRef* batch) {
  while (true) {
    if (context().units <= 0) return Pulled::kPause;
    if (!input_batch_) {
      ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
      if (pulled != Pulled::kBatch) return pulled;
    }
    if (!finds_nothing_) Fill();
    const bool is_done = finds_nothing_ || (cursor_.next == from_.size() && !OpenRepeating());
    if (row_count_ < query::kMaxBatchRows && !is_done) continue;
    const bool has_rows = row_count_ > 0;
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
  numbers_.clear();
  for (size_t i = 0; i < others_.size(); ++i) {
    EdgesOf(*input_batch_, expand().other_edges[i], &others_[i]);
  }
  compares_ = !others_.empty();
  if (compares_ && !expand().gives_edge && expand().direction == query::plan::Direction::kOut) {
    PutRepeatingAside();
    compares_ = false;
  }
  found_.wants_edges = expand().gives_edge || compares_;
  return Pulled::kBatch;
}

// An edge lies in the slot of its source, so outgoing edges of another slot are different ones.
bool ExpandBatch::MayRepeat(VertexId from, EdgeId other) const {
  return other.valid() &&
         (expand().direction != query::plan::Direction::kOut || other.slot() == from.slot());
}

void ExpandBatch::PutRepeatingAside() {
  for (const std::vector<EdgeId>& others : others_) {
    for (size_t i = 0; i < from_.size(); ++i) {
      if (!from_[i].valid() || !MayRepeat(from_[i], others[i])) continue;
      repeating_.push_back({std::exchange(from_[i], VertexId()), i});
    }
  }
}

bool ExpandBatch::OpenRepeating() {
  if (repeating_.empty()) return false;
  cursor_ = {};
  from_.clear();
  for (const Source& source : repeating_) {
    from_.push_back(source.vertex);
    numbers_.push_back(source.number);
  }
  repeating_.clear();
  compares_ = true;
  found_.wants_edges = true;
  found_.edges.resize(row_count_);  // of the rows before nobody asks which they are
  return true;
}

void ExpandBatch::Fill() {
  const size_t first = cursor_.next;
  found_.ends.clear();
  const storage::BatchExpansion expansion{from_, ToStorage(expand().direction), types_,
                                          query::kMaxBatchRows - row_count_};
  size_t begin = row_count_;
  context().shard->ExpandBatch(context().view, expansion, &cursor_, &found_);
  context().units -= static_cast<int64_t>(cursor_.next - first + 1) * kUnitsPerSource +
                     static_cast<int64_t>(found_.vertices.size() - begin) / kNeighboursPerUnit;
  for (size_t i = 0; i < found_.ends.size(); ++i) {
    Take(first + i, begin, found_.ends[i]);
    begin = found_.ends[i];
  }
  // Those of a vertex that has more.
  if (begin < found_.vertices.size()) Take(cursor_.next, begin, found_.vertices.size());
  found_.vertices.resize(row_count_);
  if (found_.wants_edges) found_.edges.resize(row_count_);
}

void ExpandBatch::Take(size_t i, size_t begin, size_t end) {
  const size_t number = numbers_.empty() ? i : numbers_[i];
  others_of_row_.clear();
  if (compares_) {
    for (const std::vector<EdgeId>& others : others_) {
      if (MayRepeat(from_[i], others[number])) others_of_row_.push_back(others[number]);
    }
  }
  const size_t before = row_count_;
  if (others_of_row_.empty() && begin == row_count_) {
    row_count_ = end;
  } else {
    for (size_t at = begin; at < end; ++at) {
      found_.vertices[row_count_] = found_.vertices[at];
      if (found_.wants_edges) found_.edges[row_count_] = found_.edges[at];
      const bool is_again =
          !others_of_row_.empty() && std::find(others_of_row_.begin(), others_of_row_.end(),
                                               found_.edges[at]) != others_of_row_.end();
      row_count_ += is_again ? 0 : 1;
    }
  }
  std::fill_n(parent_rows_.begin() + static_cast<std::ptrdiff_t>(before), row_count_ - before,
              input_batch_->RowAt(number));
}

absl::Status ExpandBatch::MakeOutput(query::BatchRef* batch) {
  *batch = query::Batch::MakeChild(context().pool, input_batch_, row_count_);
  (*batch)->set_row_count(row_count_);
  std::copy_n(parent_rows_.begin(), row_count_, (*batch)->parent_rows());
  if (expand().gives_edge) {
    query::Column* const column = (*batch)->AddColumn(query::ColumnKind::kEdge);
    for (size_t row = 0; row < row_count_; ++row) column->SetWord(row, found_.edges[row].value());
  }
  AddVertexColumn(found_.vertices, batch->get());
  row_count_ = 0;
  found_.vertices.clear();
  found_.edges.clear();
  Release();
  return Hold(BatchBytes(**batch));
}

}  // namespace tidemark::exec
