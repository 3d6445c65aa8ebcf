// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "exec/operators/operator.h"

namespace tidemark::exec {

// The same as Expand, where of the edges no more than their ids is wanted: all rows of a batch at
// once, whose memory is fetched ahead.
// Owner, threads, errors: as of every Operator.
class ExpandBatch final : public Operator {
 public:
  ExpandBatch(const query::plan::Operator& plan, RunContext* context);

  static bool CanRun(const query::plan::Expand& plan) {
    return !plan.to.has_value() && !(plan.gives_edge && plan.gives_ends);
  }

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  const query::plan::Expand& expand() const { return query::plan::As<query::plan::Expand>(plan()); }
  absl::StatusOr<Pulled> PullInput();
  // Adds to the output until it is full, the input ends or storage has looked at enough.
  void Fill();
  // Some of the neighbours found of the vertex of one row.
  void Take(size_t number, size_t begin, size_t end);
  absl::Status MakeOutput(query::BatchRef* batch);

  std::vector<TypeId> types_;
  bool finds_nothing_ = false;
  query::BatchRef input_batch_;
  std::vector<VertexId> from_;  // of the rows that count
  storage::Shard::BatchCursor cursor_;
  storage::NeighbourColumns found_;
  std::vector<EdgeId> others_;
  // The output so far.
  std::vector<uint16_t> parent_rows_;
  std::vector<EdgeId> edges_;
  std::vector<VertexId> ends_;
};

}  // namespace tidemark::exec
