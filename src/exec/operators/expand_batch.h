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
  struct Source {
    VertexId vertex;
    size_t number;  // of its row among those of the input that count
  };

  const query::plan::Expand& expand() const { return query::plan::As<query::plan::Expand>(plan()); }
  absl::StatusOr<Pulled> PullInput();
  // Whether an edge that is found at `from` can be this one.
  bool MayRepeat(VertexId from, EdgeId other) const;
  // Takes out of from_ the rows that can meet one of their edges again, so that of all others the
  // ends alone are looked at.
  void PutRepeatingAside();
  // Goes on with the rows that were put aside, if there are any.
  bool OpenRepeating();
  // Adds to the output until it is full, the input ends or storage has looked at enough.
  void Fill();
  // Keeps of the neighbours found of from_[i] those that the edges of its row allow.
  void Take(size_t i, size_t begin, size_t end);
  absl::Status MakeOutput(query::BatchRef* batch);

  std::vector<TypeId> types_;
  bool finds_nothing_ = false;
  query::BatchRef input_batch_;
  std::vector<VertexId> from_;   // of the rows that count, or of those that were put aside
  std::vector<size_t> numbers_;  // of the rows of from_; empty: one after the other
  bool compares_ = false;        // edges with those that the row has already
  std::vector<Source> repeating_;
  storage::Shard::BatchCursor cursor_;
  std::vector<std::vector<EdgeId>> others_;  // of each slot those of the rows that count
  std::vector<EdgeId> others_of_row_;        // that can be found again
  // The output so far, and, while it is filled, what is found for it.
  storage::NeighbourColumns found_;
  std::vector<uint16_t> parent_rows_;
  size_t row_count_ = 0;
};

}  // namespace tidemark::exec
