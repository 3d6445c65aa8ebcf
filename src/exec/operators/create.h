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
  absl::Status StartSome();
  // What the elements of the call will have, where the rows are to say so.
  void NoteStates(const std::vector<GraphChange>& changes);
  State StateOf(const GraphChange& change) const;
  absl::Status AddColumns(const std::vector<CreatedElement>& created);

  PatternMaker maker_;
  WriterCall call_;
  size_t next_batch_ = 0;
  size_t next_row_ = 0;   // of that batch
  size_t first_row_ = 0;  // of the call under way
  // What the rows of the batch get, by row: the elements and paths.
  std::vector<std::vector<graph::Value>> values_;
  std::vector<State> states_;  // of the elements in `given`, row by row
};

}  // namespace tidemark::exec
