// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/change_graph.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "exec/change_rows.h"

namespace tidemark::exec {

ChangeGraph::ChangeGraph(const query::plan::Operator& plan, RunContext* context)
    : Operator(plan, context), writer_(context->shard, context->view, &outputs_) {}

absl::StatusOr<Pulled> ChangeGraph::Next(query::BatchRef* batch) {
  while (!is_ready_to_commit_ && outputs_.size() < query::kMaxBatchRows) {
    if (!rows_) {
      ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&rows_));
      if (pulled == Pulled::kPause) return pulled;
      if (pulled == Pulled::kEnd) {
        // Whoever is told that all is done may commit: nothing may be in the way of that any more.
        ASSIGN_OR_RETURN(is_ready_to_commit_,
                         context().shard->FindDeletedEdges(context().view.tx, &context().units));
        if (!is_ready_to_commit_) return Pulled::kPause;
        break;
      }
      next_row_ = 0;
      decoded_count_ = 0;
      window_.clear();
    }
    ASSIGN_OR_RETURN(const bool done, MakeSome());
    if (!done) return Pulled::kPause;
    rows_ = query::BatchRef();
  }
  if (outputs_.empty()) return Pulled::kEnd;
  *batch = TakeOutputs();
  return Pulled::kBatch;
}

absl::StatusOr<bool> ChangeGraph::MakeSome() {
  ASSIGN_OR_RETURN(const bool may_write, PassGate());
  if (!may_write) return false;
  for (; next_row_ < rows_->selected_count(); ++next_row_) {
    if (context().units <= 0) return false;
    absl::Status status = next_row_ == decoded_count_ ? LookAhead() : absl::OkStatus();
    if (status.ok()) {
      const size_t first = decoded_count_ - window_.size();
      const absl::StatusOr<bool> made =
          writer_.Run(next_row_, window_[next_row_ - first], &context().units);
      if (made.ok() && !*made) return false;
      status = made.status();
    }
    if (!status.ok()) return WithFailure(status, {next_row_, writer_.refused()});
  }
  return true;
}

absl::Status ChangeGraph::LookAhead() {
  const size_t end = std::min(rows_->selected_count(), decoded_count_ + kLookAheadCount);
  window_.clear();
  for (; decoded_count_ < end; ++decoded_count_) {
    absl::StatusOr<Change> change = ReadChange(*rows_, 0, rows_->RowAt(decoded_count_));
    if (!change.ok()) {
      // Those before it are made first.
      if (!window_.empty()) break;
      return change.status();
    }
    const std::optional<SlotId> slot = SlotOf(*change);
    if (slot.has_value() && !context().shard->Owns(*slot)) {
      if (!window_.empty()) break;
      return absl::InternalError(
          absl::StrCat("sent to a worker that does not own slot ", slot->value()));
    }
    context().shard->Prefetch(change->vertex);
    context().shard->Prefetch(change->target);
    window_.push_back(*std::move(change));
  }
  return absl::OkStatus();
}

// What a slice may add to the log is bounded by the request, and for the deletion of a hub by the
// slice: once per slice is enough.
absl::StatusOr<bool> ChangeGraph::PassGate() {
  if (context().gate == nullptr) return true;
  ASSIGN_OR_RETURN(const bool may_write,
                   context().gate->MayWrite(context().call_bytes, rows_->selected_count()));
  context().waits_for_room = !may_write;
  return may_write;
}

query::BatchRef ChangeGraph::TakeOutputs() {
  const size_t count = std::min(outputs_.size(), query::kMaxBatchRows);
  query::BatchRef batch =
      MakeOutputRows(context().pool, absl::MakeConstSpan(outputs_).subspan(0, count));
  outputs_.erase(outputs_.begin(), outputs_.begin() + static_cast<std::ptrdiff_t>(count));
  return batch;
}

}  // namespace tidemark::exec
