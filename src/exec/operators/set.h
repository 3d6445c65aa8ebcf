// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exec/operators/lookup.h"
#include "exec/operators/update.h"

namespace tidemark::exec {

// Applies items of SET and REMOVE to what home knows of elements, and notes the changes: a row sees
// what the rows before it have set, without asking a worker.
// Owner: an operator. Threads: the loop of home. Errors: query::Error.
class ChangeItems {
 public:
  // The items outlive it.
  ChangeItems(const std::vector<query::plan::ChangeItem>* items, RunContext* context);

  // Applies all items to a row, which is a batch of its own. REQUIRES: the table knows the targets.
  absl::Status Apply(const query::BatchRef& row, std::vector<GraphChange>* changes);
  // The same of one group: items that are computed together.
  size_t group_count() const { return group_begins_.size(); }
  absl::Status ApplyGroup(size_t group, const query::BatchRef& row,
                          std::vector<GraphChange>* changes);

 private:
  // An item for one row.
  struct Computed {
    const query::plan::ChangeItem* item;
    graph::Value target;
    graph::Value value;
    graph::Value key;
  };
  absl::Status ApplyItem(const Computed& one, std::vector<GraphChange>* changes);
  absl::Status SetProperty(const graph::Value& target, const std::string& key,
                           const graph::Value& value, std::vector<GraphChange>* changes);
  absl::Status SetAll(const graph::Value& target, const graph::Value& map, bool replaces,
                      std::vector<GraphChange>* changes);
  absl::Status SetLabels(const query::plan::ChangeItem& item, const graph::Value& target,
                         std::vector<GraphChange>* changes);

  const std::vector<query::plan::ChangeItem>& items_;
  std::vector<size_t> group_begins_;
  RunContext* const context_;
};

// SET and REMOVE.
// Owner, threads, errors: as of every Update.
class Set final : public Update {
 public:
  Set(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Change() override;

 private:
  const query::plan::Set& set() const { return query::plan::As<query::plan::Set>(plan()); }
  absl::StatusOr<Pulled> LookUp();
  absl::Status LookAtSome();
  // Prepares the changes of the next rows; false when there is more to be prepared for the call.
  absl::StatusOr<bool> PrepareSome();
  bool has_room() const;
  // What the elements of the rows have in the end.
  absl::Status GiveStates();
  void GoToNextRow();

  ChangeItems items_;
  ElementFetch fetch_;
  WriterCall call_;
  size_t looked_at_ = 0;       // batches
  size_t looked_at_rows_ = 0;  // of the next one
  ElementSet elements_;        // in them
  bool is_fetching_ = false;
  bool has_looked_up_ = false;
  std::vector<GraphChange> changes_;  // of the call to come
  size_t change_bytes_ = 0;
  // The next row, and the group that is applied to it: a group to all rows, then the next one.
  size_t next_group_ = 0;
  size_t next_batch_ = 0;
  size_t next_row_ = 0;
};

}  // namespace tidemark::exec
