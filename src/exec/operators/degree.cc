// SPDX-License-Identifier: Apache-2.0
#include "exec/operators/degree.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "exec/operators/expand.h"
#include "exec/operators/for_each_row.h"

namespace tidemark::exec {

Degree::Degree(const query::plan::Operator& plan, RunContext* context) : Operator(plan, context) {
  finds_nothing_ = !ToTypes(degree().types, &types_);
}

absl::StatusOr<Pulled> Degree::Next(query::BatchRef* batch) {
  while (true) {
    if (!batch_) {
      ASSIGN_OR_RETURN(const Pulled pulled, input().Pull(&batch_));
      if (pulled != Pulled::kBatch) return pulled;
      const size_t count = batch_->selected_count();
      RETURN_IF_ERROR(VerticesOf(*batch_, degree().from, {0, count}, &from_));
      degrees_.assign(count, 0);
      cursor_ = {};
    }
    if (context().units <= 0) return Pulled::kPause;
    const storage::BatchDegree wanted{from_, ToStorage(degree().direction), types_};
    const bool is_done =
        finds_nothing_ || context().shard->Degrees(context().view, wanted, &cursor_,
                                                   &context().units, absl::MakeSpan(degrees_));
    if (!is_done) return Pulled::kPause;
    Multiply();
    *batch = std::exchange(batch_, query::BatchRef());
    if ((*batch)->selected_count() > 0) return Pulled::kBatch;
  }
}

void Degree::Multiply() {
  batch_->MakeMultiplicity();
  size_t next = 0;
  batch_->Filter([&](uint16_t row) {
    uint64_t times = degrees_[next];
    if (times > 0 && !degree().other_edges.empty()) {
      const uint64_t others = OthersAt(from_[next], row);
      CHECK_LE(others, times) << "an edge of the row is not at its end";
      times -= others;
    }
    ++next;
    if (times > 0) batch_->Multiply(row, times);
    return times > 0;
  });
}

uint64_t Degree::OthersAt(VertexId vertex, uint16_t row) const {
  using query::plan::Direction;
  uint64_t count = 0;
  for (const uint32_t slot : degree().other_edges) {
    const graph::Value value = batch_->ValueAt(slot, row);
    if (value.type() != graph::ValueType::kEdge) continue;
    const graph::EdgeRef& edge = value.edge();
    if (!types_.empty() && std::find(types_.begin(), types_.end(), edge.type) == types_.end()) {
      continue;
    }
    const bool leaves = degree().direction != Direction::kIn && edge.source == vertex;
    const bool arrives = degree().direction != Direction::kOut && edge.target == vertex;
    count += leaves || arrives ? 1 : 0;
  }
  return count;
}

}  // namespace tidemark::exec
