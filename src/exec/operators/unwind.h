// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "exec/operators/operator.h"
#include "query/eval/evaluator.h"
#include "query/text/error.h"

namespace tidemark::exec {

// The elements of one row's list after the other; of a range as they are asked for.
class ElementSource {
 public:
  // Null has no elements, what is no list is its own.
  void SetList(graph::Value value);
  // REQUIRES: step != 0.
  void SetRange(int64_t first, int64_t last, int64_t step);

  bool empty() const { return left_ == 0; }
  // REQUIRES: !empty().
  graph::Value Take();

 private:
  graph::Value list_;  // null: a range
  size_t position_ = 0;
  uint64_t left_ = 0;
  int64_t next_ = 0;
  int64_t step_ = 1;
};

// Makes a row for each element of a list; the batches that come out hang on that of the input.
// Owner, threads, errors: as of every Operator.
class Unwind final : public Operator {
 public:
  Unwind(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // Pulls a batch and evaluates its lists; kBatch when that is done.
  absl::StatusOr<Pulled> PullInput();
  absl::StatusOr<bool> EvaluateLists();
  absl::Status OpenRow(uint16_t row);
  absl::Status OpenRange(uint16_t row);
  absl::Status ErrorHere(query::ErrorId id, std::string_view argument);
  absl::Status Fill();
  query::BatchRef MakeOutput();

  std::deque<query::eval::Evaluator> evaluators_;
  query::BatchRef input_batch_;
  size_t evaluated_ = 0;  // of the evaluators, for this batch
  bool is_started_ = false;
  size_t next_row_ = 0;  // of those that count
  uint16_t open_row_ = 0;
  ElementSource source_;  // what is left of open_row_
  // The rows of the batch that is being made.
  std::vector<uint16_t> parent_rows_;
  std::vector<graph::Value> elements_;
};

}  // namespace tidemark::exec
