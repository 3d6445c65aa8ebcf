// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exec/operators/update.h"

namespace tidemark::exec {

// Makes a pattern for each row, many rows together.
// Owner, threads, errors: as of every Update.
class Create final : public Update {
 public:
  Create(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Change() override;

 private:
  const query::plan::Pattern& pattern() const {
    return query::plan::As<query::plan::Create>(plan()).pattern;
  }
  // Prepares the changes of the next rows; false when there is more to be prepared for the call.
  absl::StatusOr<bool> PrepareSome();
  // What the elements of the last row prepared will have, where the rows are to say so.
  void NoteStates();
  State StateOf(const GraphChange& change) const;
  // What the rows of the call get; false when there is more of it.
  absl::StatusOr<bool> TakeSome();
  absl::Status AddColumns();

  PatternMaker maker_;
  WriterCall call_;
  size_t next_batch_ = 0;
  // Rows of that batch: the first of the call under way, and the end of those of which changes are
  // prepared.
  size_t first_row_ = 0;
  size_t next_row_ = 0;
  std::vector<GraphChange> changes_;     // of these rows
  std::vector<CreatedElement> created_;  // by them, once the call has ended
  bool has_created_ = false;
  // What the rows of the batch get, by row: the elements and paths.
  std::vector<std::vector<graph::Value>> values_;
  std::vector<State> states_;  // of the elements in `given`, row by row
};

}  // namespace tidemark::exec
