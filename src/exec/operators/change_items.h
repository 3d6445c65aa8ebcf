// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/operators/update.h"
#include "query/eval/evaluator.h"

namespace tidemark::exec {

// Applies items of SET and REMOVE to what home knows of elements, and notes the changes: a row sees
// what the rows before it have set, without asking a worker. What takes long for a large value is
// done in the background.
// Owner: an operator. Threads: the loop of home. Errors: query::Error.
class ChangeItems {
 public:
  // The items outlive it.
  ChangeItems(const std::vector<query::plan::ChangeItem>* items, RunContext* context);
  ~ChangeItems();

  // Applies all items to a row, which is a batch of its own. REQUIRES: the table knows the targets.
  absl::Status Apply(const query::BatchRef& row, std::vector<GraphChange>* changes);

  // The same of one group, of items that are computed together, and with breaks: Continue is false
  // when it wants to go on later. REQUIRES: before that nothing else is done with the table.
  size_t group_count() const { return group_begins_.size(); }
  void Start(size_t group, query::BatchRef row);
  bool is_started() const { return row_.has_value(); }
  absl::StatusOr<bool> Continue(std::vector<GraphChange>* changes);

 private:
  // An item for one row.
  struct Computed {
    const query::plan::ChangeItem* item = nullptr;
    graph::Value target;
    graph::Value value;
    graph::Value key;
  };
  // Which of its programs is computed.
  enum class Part : uint8_t { kTarget, kValue, kKey, kDone };
  struct Encoding;

  // Each is false when it is to go on later.
  absl::StatusOr<bool> ComputeItems();
  absl::StatusOr<bool> ComputeItem(Computed* one);
  absl::StatusOr<bool> Evaluate(const query::eval::Program& program, graph::Value* result);
  absl::StatusOr<bool> Encode(const graph::Value& value, std::string* encoded);

  absl::StatusOr<bool> ApplyItem(const Computed& one, std::vector<GraphChange>* changes);
  absl::StatusOr<bool> SetProperty(const graph::Value& target, const std::string& key,
                                   const graph::Value& value, std::vector<GraphChange>* changes);
  absl::StatusOr<bool> SetAll(const Computed& one, std::vector<GraphChange>* changes);
  absl::Status SetLabels(const query::plan::ChangeItem& item, const graph::Value& target,
                         std::vector<GraphChange>* changes);

  const std::vector<query::plan::ChangeItem>& items_;
  std::vector<size_t> group_begins_;
  RunContext* const context_;

  // The group under way.
  std::optional<query::BatchRef> row_;
  bool may_break_ = false;
  size_t next_item_ = 0;
  size_t end_item_ = 0;
  std::vector<Computed> computed_;
  Part part_ = Part::kTarget;  // of the last one
  std::unique_ptr<query::eval::Evaluator> evaluator_;
  std::shared_ptr<Encoding> encoding_;
  size_t next_applied_ = 0;
  // Of a map that is set: what is left to be done with it.
  std::vector<graph::MapEntry> entries_;
  size_t next_entry_ = 0;
  bool has_entries_ = false;
};

}  // namespace tidemark::exec
