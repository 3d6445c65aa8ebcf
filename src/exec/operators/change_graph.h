// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exec/change.h"
#include "exec/change_writer.h"
#include "exec/operators/operator.h"

namespace tidemark::exec {

// Makes the changes that the rows of its input are, in their order, each seeing what those before
// it wrote; gives what comes of them. The end comes when nothing is in the way of a commit.
//
// The first change that fails ends the run, and the transaction must be aborted. Besides the errors
// of storage::Shard: kInvalidArgument (a malformed row), those of the WriteGate. The status says
// which row it was (FailureOf).
// Owner, threads: as of every Operator.
class ChangeGraph final : public Operator {
 public:
  ChangeGraph(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // Makes changes until the slice is used up. True when all rows of the input are done.
  absl::StatusOr<bool> MakeSome();
  // Decodes the next changes and begins to fetch what they touch.
  absl::Status LookAhead();
  absl::StatusOr<bool> PassGate();
  query::BatchRef TakeOutputs();

  query::BatchRef rows_;
  size_t next_row_ = 0;
  size_t decoded_count_ = 0;
  // Enough to hide the way to memory, few enough to stay in the nearest cache.
  static constexpr size_t kLookAheadCount = 16;
  std::vector<Change> window_;  // of rows decoded_count_ - window_.size() on
  std::vector<ChangeOutput> outputs_;
  ChangeWriter writer_;
  bool is_ready_to_commit_ = false;
};

}  // namespace tidemark::exec
