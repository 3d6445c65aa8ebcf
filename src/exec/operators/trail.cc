// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/trail.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/operators/for_each_row.h"
#include "exec/operators/pattern.h"
#include "exec/operators/rows.h"
#include "exec/operators/scan_vertices.h"

namespace tidemark::exec {

using graph::Value;
using query::Batch;
using query::BatchRef;
using query::Column;
using query::ColumnKind;

namespace {

constexpr size_t kEndBytes = 96;  // with the link of its last edge
// A batch ends with the path that brings it to so many edges.
constexpr size_t kMaxOutputEdges = 1'024;
// How many edges of a path are looked at in a unit.
constexpr int64_t kLinksPerUnit = 4;

}  // namespace

absl::StatusOr<Pulled> Trail::Next(BatchRef* batch) {
  while (true) {
    const bool is_done = step_ == nullptr && stack_.empty();
    const bool is_full = found_.size() >= query::kMaxBatchRows || found_edges_ >= kMaxOutputEdges;
    if (is_full || (is_done && !found_.empty())) {
      context().units -= static_cast<int64_t>(found_edges_);
      *batch = MakeOutput();
      Release();
      RETURN_IF_ERROR(Hold(BatchBytes(**batch)));
      return Pulled::kBatch;
    }
    if (context().units <= 0) return Pulled::kPause;
    if (step_rows_) {
      RETURN_IF_ERROR(TakeStepRows());
    } else if (step_ != nullptr) {
      ASSIGN_OR_RETURN(const Pulled pulled, step_->Pull(&step_rows_));
      if (pulled == Pulled::kPause || pulled == Pulled::kWait) return pulled;
      next_step_row_ = 0;
      if (pulled == Pulled::kEnd) step_.reset();
    } else if (!stack_.empty()) {
      OpenStep();
    } else if (input_batch_ && next_row_ < input_batch_->selected_count()) {
      RETURN_IF_ERROR(OpenRow(input_batch_->RowAt(next_row_++)));
    } else {
      ASSIGN_OR_RETURN(const Pulled pulled, PullInput());
      if (pulled != Pulled::kBatch) return pulled;
    }
  }
}

absl::StatusOr<Pulled> Trail::PullInput() {
  ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&input_batch_));
  if (pulled != Pulled::kBatch) return pulled;
  if (input_batch_->depth() == query::kMaxParentDepth) {
    input_batch_ = Gather(context().pool, *input_batch_);
  }
  next_row_ = 0;
  to_.assign(input_batch_->row_count(), VertexId());
  others_.clear();
  others_.resize(input_batch_->row_count());
  stack_hold_.Clear();
  return Pulled::kBatch;
}

absl::Status Trail::OpenRow(uint16_t row) {
  --context().units;
  ASSIGN_OR_RETURN(const VertexId from, VertexOf(input_batch_->CellAt(trail().from, row)));
  if (!from.valid()) return absl::OkStatus();
  if (trail().to.has_value()) {
    ASSIGN_OR_RETURN(to_[row], VertexOf(input_batch_->CellAt(*trail().to, row)));
    if (!to_[row].valid()) return absl::OkStatus();
  }
  for (const uint32_t slot : trail().other_edges) {
    AddEdges(input_batch_->ValueAt(slot, row), &others_[row]);
  }
  return Reach({row, from, nullptr});
}

// A path has come to a vertex: it may be one that is wanted, and it may go on.
absl::Status Trail::Reach(End end) {
  const int64_t length = LengthOf(end);
  const bool ends_well = !trail().to.has_value() || end.vertex == to_[end.row];
  if (length >= trail().min && (!trail().max.has_value() || length <= *trail().max) && ends_well) {
    found_edges_ += static_cast<size_t>(length);
    found_.push_back(end);
  }
  if (trail().max.has_value() && length >= *trail().max) return absl::OkStatus();
  stack_.push_back(std::move(end));
  return stack_hold_.Add(context().account, kEndBytes);
}

void Trail::OpenStep() {
  const size_t count = std::min(stack_.size(), query::kMaxBatchRows);
  stepping_.assign(std::make_move_iterator(stack_.end() - static_cast<std::ptrdiff_t>(count)),
                   std::make_move_iterator(stack_.end()));
  stack_.resize(stack_.size() - count);
  BatchRef batch = Batch::Make(context().pool, count);
  batch->set_row_count(count);
  Column* const ends = batch->AddColumn(ColumnKind::kVertex);
  for (size_t i = 0; i < count; ++i) ends->SetWord(i, stepping_[i].vertex.value());
  for (const uint32_t slot : trail().arguments) {
    Column* const argument = batch->AddColumn(ColumnKind::kValue);
    for (size_t i = 0; i < count; ++i) {
      argument->values()[i] = input_batch_->ValueAt(slot, stepping_[i].row);
    }
  }
  context().units -= static_cast<int64_t>(count);
  step_ = MakeFragment(*trail().step.root, std::move(batch), &context());
}

bool Trail::MayUse(const End& end, EdgeId edge) const {
  const std::vector<EdgeId>& others = others_[end.row];
  if (std::find(others.begin(), others.end(), edge) != others.end()) return false;
  for (const Link* link = end.path.get(); link != nullptr; link = link->before.get()) {
    if (link->edge.edge == edge) return false;
  }
  return true;
}

absl::Status Trail::TakeStepRows() {
  for (; next_step_row_ < step_rows_->selected_count(); ++next_step_row_) {
    const bool is_full = found_.size() >= query::kMaxBatchRows || found_edges_ >= kMaxOutputEdges;
    if (context().units <= 0 || is_full) return absl::OkStatus();
    RETURN_IF_ERROR(TakeStepRow(step_rows_->RowAt(next_step_row_)));
  }
  step_rows_ = BatchRef();
  return absl::OkStatus();
}

absl::Status Trail::TakeStepRow(uint16_t row) {
  const Batch& step = *step_rows_;
  const std::vector<uint32_t>& returned = trail().returned;
  const End& from = stepping_[static_cast<size_t>(step.CellAt(returned[0], row).integer())];
  const graph::EdgeRef edge = step.ValueAt(returned[1], row).edge();
  context().units -= 1 + LengthOf(from) / kLinksPerUnit;
  if (!MayUse(from, edge.edge)) return absl::OkStatus();
  ASSIGN_OR_RETURN(const VertexId vertex, VertexOf(step.CellAt(returned[2], row)));
  auto link = std::make_shared<const Link>(Link{from.path, edge, LengthOf(from) + 1});
  return Reach({from.row, vertex, std::move(link)});
}

Value Trail::EdgesOf(const End& end) const {
  std::vector<Value> edges;
  edges.reserve(static_cast<size_t>(LengthOf(end)));
  for (const Link* link = end.path.get(); link != nullptr; link = link->before.get()) {
    edges.push_back(Value::Of(link->edge));
  }
  if (!trail().is_reversed) std::reverse(edges.begin(), edges.end());
  return Value::List(std::move(edges));
}

BatchRef Trail::MakeOutput() {
  const size_t count = std::min(found_.size(), query::kMaxBatchRows);
  const size_t first = found_.size() - count;
  BatchRef output = Batch::MakeChild(context().pool, input_batch_, count);
  output->set_row_count(count);
  Column* const edges = output->AddColumn(ColumnKind::kValue);
  Column* const ends = trail().to.has_value() ? nullptr : output->AddColumn(ColumnKind::kVertex);
  for (size_t i = 0; i < count; ++i) {
    const End& end = found_[first + i];
    output->parent_rows()[i] = end.row;
    edges->values()[i] = EdgesOf(end);
    if (ends != nullptr) ends->SetWord(i, end.vertex.value());
  }
  found_.resize(first);
  if (first == 0) found_edges_ = 0;
  return output;
}

}  // namespace tidemark::exec
