// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "exec/operators/operator.h"
#include "exec/operators/run_sorter.h"
#include "query/batch/row_compare.h"

namespace tidemark::exec {

// Each batch that comes in is a sorted run of its own; the runs are merged while rows go out. No
// step is longer than a slice. When few rows are wanted (LIMIT), runs are merged into one of so
// many rows now and then, and what is behind them is dropped.
class Sort final : public Operator {
 public:
  Sort(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // Rows in order. Equivalent rows of an earlier run come first.
  struct Run {
    query::BatchRef rows;
    std::vector<uint16_t> order;
    size_t next = 0;

    bool empty() const { return next == order.size(); }
    query::RowRef front() const { return {rows.get(), order[next]}; }
  };

  absl::Status FindWanted();
  // What a row takes that is merged.
  int64_t UnitsPerRow() const;
  // How many rows the next batch has.
  size_t MergedCount() const;
  // Takes all rows in; kEnd when they are.
  absl::StatusOr<Pulled> TakeRows();
  // REQUIRES: the slots `stored_`, as columns of its own.
  void OpenRun(query::BatchRef rows);
  // Keeps the run that was opened. REQUIRES: its order is found.
  absl::Status AddRun();
  // One run of the first rows of all.
  absl::Status Shrink();
  // Puts the runs into the heap. False when the units are used up before all are there.
  bool StartMerge(int64_t* units);
  // The next rows of all runs in order, at most `count`.
  query::BatchRef Merge(size_t count);
  bool IsBefore(size_t run, size_t other) const;

  const query::plan::Sort& plan_;
  std::vector<uint32_t> stored_;      // slots of the input: the kept ones, then those of the keys
  std::vector<query::SortKey> keys_;  // over what is stored
  std::optional<uint64_t> wanted_;    // rows; nothing: all
  bool is_open_ = false;
  bool has_all_rows_ = false;
  query::BatchRef opened_;  // the rows of a run whose order is being found
  std::optional<RunSorter> sorter_;
  int64_t comparison_units_ = 0;  // of the run where it takes longest
  std::deque<Run> runs_;
  size_t next_run_ = 0;       // the first that was not put into the heap
  std::vector<size_t> heap_;  // runs that are not empty, the one with the first row in front
  MemoryHold kept_;
};

}  // namespace tidemark::exec
