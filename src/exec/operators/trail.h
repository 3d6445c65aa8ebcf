// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "exec/memory_account.h"
#include "exec/operators/operator.h"

namespace tidemark::exec {

// Paths of different edges. The ends that paths have come to are kept in a stack, of which the
// topmost go one step further together: the memory it takes is that of the depth, not of a level.
// Owner, threads, errors: as of every Operator.
class Trail final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // The last edge of a path; paths share their beginnings.
  struct Link {
    std::shared_ptr<const Link> before;
    graph::EdgeRef edge;
    int64_t length = 1;
  };
  struct End {
    uint16_t row = 0;  // of the input batch
    VertexId vertex;
    std::shared_ptr<const Link> path;  // null: no edge yet
  };

  const query::plan::Trail& trail() const { return query::plan::As<query::plan::Trail>(plan()); }
  absl::StatusOr<Pulled> PullInput();
  absl::Status OpenRow(uint16_t row);
  // The topmost ends go into a step.
  void OpenStep();
  // Takes rows that the step gives, as long as there are units.
  absl::Status TakeStepRows();
  absl::Status TakeStepRow(uint16_t row);
  absl::Status Reach(End end);
  bool MayUse(const End& end, EdgeId edge) const;
  query::BatchRef MakeOutput();
  static int64_t LengthOf(const End& end) { return end.path == nullptr ? 0 : end.path->length; }
  graph::Value EdgesOf(const End& end) const;

  query::BatchRef input_batch_;
  size_t next_row_ = 0;
  std::deque<End> stack_;           // may grow to millions, which are never moved
  std::vector<End> stepping_;       // by the numbers of the step's rows
  std::unique_ptr<Operator> step_;  // null: no step is under way
  query::BatchRef step_rows_;       // what it gave last
  size_t next_step_row_ = 0;
  std::vector<End> found_;    // rows of the output
  size_t found_edges_ = 0;    // in their paths
  std::vector<VertexId> to_;  // by row of the input batch, when only those ends count
  std::vector<std::vector<EdgeId>> others_;  // by row: edges that are taken
  MemoryHold stack_hold_;
};

}  // namespace tidemark::exec
