// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "exec/operators/group_table.h"
#include "exec/operators/integer_groups.h"
#include "exec/operators/operator.h"
#include "query/functions/aggregate.h"

namespace tidemark::exec {

// Takes all rows in, then gives one for each group, in the order in which they came first. See
// query::plan::AggregatePhase for its parts.
// Owner, threads, errors: as of every Operator.
class Aggregate final : public Operator {
 public:
  Aggregate(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // Takes all rows in; kEnd when they are.
  absl::StatusOr<Pulled> TakeRows();
  // The next batch of rows, of which as much is taken in at once as can be.
  absl::StatusOr<Pulled> PullInput();
  absl::Status AddOnlyGroup();
  // A call takes in the whole batch at once, when it can.
  absl::StatusOr<bool> TryTakeBatch(size_t call);
  // Whether all calls can take rows of different groups at once.
  bool CanTakeKnownRows() const;
  // From the next row on takes in, all calls a column at a time, those whose groups are known.
  absl::Status TakeKnownRows();
  void FindKnownGroups();
  absl::StatusOr<size_t> GroupOf(const query::RowRef& row);
  absl::Status TakeRow(const query::RowRef& row);
  absl::Status AddGroup(size_t group);
  absl::Status AddToState(const query::plan::AggregateCall& call, const query::RowRef& row,
                          query::Aggregate* state);
  absl::Status CountGrowth(const query::Aggregate& state, size_t before);
  // The results of one group of the batch that is being made; false when one is not there yet.
  absl::StatusOr<bool> FinishRow(uint16_t row);
  // Gives the result of a state, which is gone then; false while a job makes it.
  absl::StatusOr<bool> Finish(std::unique_ptr<query::Aggregate>* state, graph::Value* result);

  const query::plan::Aggregate& plan_;
  GroupTable groups_;
  // Of a single key.
  IntegerGroups integers_;
  uint32_t null_group_ = IntegerGroups::kUnknown;
  MemoryHold kept_;
  std::deque<std::unique_ptr<query::Aggregate>> states_;  // of each group one for each call
  query::BatchRef input_batch_;
  size_t next_row_ = 0;                // of the input batch
  std::vector<uint32_t> value_slots_;  // that a row at a time is taken of
  std::vector<size_t> row_calls_;      // those that take in the batch row by row
  bool takes_known_rows_ = false;      // of the input batch
  std::vector<uint32_t> known_groups_;
  std::vector<query::Aggregate*> known_states_;
  bool has_all_rows_ = false;
  std::vector<graph::Value> arguments_;
  // While results go out:
  std::deque<query::BatchRef> batches_;
  size_t made_count_ = 0;  // batches
  uint16_t output_row_ = 0;
  size_t output_call_ = 0;  // of the row
  struct Finishing;
  std::shared_ptr<Finishing> finishing_;  // what a job does for that call
};

}  // namespace tidemark::exec
