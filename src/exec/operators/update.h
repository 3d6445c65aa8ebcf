// SPDX-License-Identifier: Apache-2.0
// What the operators that change the graph share.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/element_table.h"
#include "exec/graph_writer.h"
#include "exec/memory_account.h"
#include "exec/operators/operator.h"
#include "query/plan/write_operator.h"

namespace tidemark::exec {

// A call of the writer under way.
// Owner: an operator. Threads: the loop of home.
class WriterCall {
 public:
  explicit WriterCall(RunContext* context) : context_(context) {}

  void Start(std::vector<GraphChange> changes);
  bool is_started() const { return turn_ != nullptr; }
  // kWait, or kEnd with what was made. REQUIRES: started.
  absl::StatusOr<Pulled> Continue(std::vector<CreatedElement>* created);

 private:
  RunContext* const context_;
  std::shared_ptr<bool> turn_;  // of the call under way
  std::optional<absl::StatusOr<std::vector<CreatedElement>>> answer_;
  bool waits_ = false;
};

// Takes all rows of the input, then changes the graph, then gives the rows.
// Owner, threads, errors: as of every Operator, at home alone.
class Update : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) final;

  // Does all changes; kEnd when they are made. What it adds to the rows are columns.
  virtual absl::StatusOr<Pulled> Change() = 0;

  // The rows of the input: gathered batches without a selection.
  std::vector<query::BatchRef>& rows() { return rows_; }
  // Adds the slots of UpdateOperator::given to a batch. `state_of` says what the element of a row
  // has, by its number in `given`: labels of a vertex, then properties, as WholeElement has them.
  using State = std::vector<graph::Value>;
  absl::Status AddGiven(size_t batch,
                        const std::function<State(size_t row, size_t number)>& state_of);
  const std::vector<query::plan::GivenElement>& given() const {
    return static_cast<const query::plan::UpdateOperator&>(plan()).given;
  }
  // Of the slots of a batch only the first go on.
  absl::Status KeepSlots(size_t batch, uint32_t slot_count);
  WriteCounters& counters() { return *context().counters; }

 private:
  std::vector<query::BatchRef> rows_;
  MemoryHold rows_hold_;
  bool has_all_ = false;
  bool has_changed_ = false;
  size_t next_ = 0;
};

// Ids of labels as a column has them.
graph::Value ToLabelList(const std::vector<uint32_t>& labels);

// The value of a program for one row of a batch.
query::ValueOr EvaluateRow(const query::eval::Program& program, const query::BatchRef& row,
                           RunContext* context);
// A batch of that row alone, with all slots.
query::BatchRef CopyRow(query::SlabPool* pool, const query::Batch& batch, uint16_t row);

// Batches of new rows that extend rows of `parent`: row i extends row parents[i] by values[i].
void AddChildren(query::SlabPool* pool, const query::BatchRef& parent,
                 const std::vector<uint16_t>& parents,
                 const std::vector<std::vector<graph::Value>>& values,
                 std::vector<query::BatchRef>* children);

// As a property is stored; an empty text for null. InvalidPropertyType for what cannot be one.
absl::StatusOr<std::string> EncodeProperty(const graph::Value& value);

// Adds the changes that make a pattern for one row, and the properties of each element.
struct PatternMaker {
  const query::plan::Pattern& pattern;
  // MERGE: a property that is null or NaN is an error.
  bool is_merge = false;

  absl::Status Add(const query::Batch& batch, uint16_t row,
                   std::vector<GraphChange>* changes) const;
  // What the row gets for the elements that were made from number `first` on.
  absl::StatusOr<std::vector<graph::Value>> ValuesOf(const std::vector<CreatedElement>& created,
                                                     size_t first, const query::Batch& batch,
                                                     uint16_t row) const;
};

// Counts what changes that only create will have made.
void CountCreated(const std::vector<GraphChange>& changes, WriteCounters* counters);

// The path of some elements of a row; `at(slot)` gives the value there.
graph::Value MakePathOf(const query::plan::NewPath& path,
                        const std::function<graph::Value(uint32_t)>& at);

}  // namespace tidemark::exec
