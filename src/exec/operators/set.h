// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "exec/operators/change_items.h"
#include "exec/operators/lookup.h"
#include "exec/operators/update.h"

namespace tidemark::exec {

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
  // Those of the next row and group; false when it is to go on later.
  absl::StatusOr<bool> PrepareRow();
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
  size_t first_change_ = 0;  // that the row under way may have changed
  // The next row, and the group that is applied to it: a group to all rows, then the next one.
  size_t next_group_ = 0;
  size_t next_batch_ = 0;
  size_t next_row_ = 0;
};

}  // namespace tidemark::exec
