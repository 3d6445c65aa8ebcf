// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "exec/operators/set.h"
#include "exec/operators/update.h"

namespace tidemark::exec {

// MERGE of a batch of rows at once, for patterns of one vertex, or of one edge between vertices
// that are known. A row sees what the rows before it have made: those that ask for the same are one
// group, which is looked for once and made once; what rows of different groups ask for can never be
// the same, and what the items set makes no difference to what is found.
// Owner: Merge. Threads: the loop of home. Errors: as of Merge.
class MergeBatch {
 public:
  // What it works with belongs to the operator.
  struct Parts {
    const query::plan::Merge& merge;
    RunContext* context;
    const PatternMaker& maker;
    ChangeItems& on_create;
    ChangeItems& on_match;
    ElementFetch& fetch;
    WriterCall& call;
  };
  explicit MergeBatch(const Parts& parts) : parts_(parts) {}

  // Whether the rows of this clause may be done at once.
  static bool Fits(const query::plan::Merge& merge);
  // False: these rows are to be done one after the other; some ask for what cannot be told apart.
  absl::StatusOr<bool> Open(const query::BatchRef& rows);
  // Finds, makes and changes; kEnd when all is done.
  absl::StatusOr<Pulled> Continue();
  // What a row has found or made: elements and paths of the pattern, for each time it was found.
  const std::vector<std::vector<graph::Value>>& FoundBy(size_t row) const {
    return groups_[group_of_row_[row]].found;
  }

 private:
  enum class Phase : uint8_t { kFind, kMake, kLookUp, kChange };

  // Rows that ask for the same.
  struct Group {
    uint16_t first_row = 0;
    std::vector<GraphChange> making;
    std::vector<std::vector<graph::Value>> found;
    bool is_made = false;
  };

  const query::plan::NewElement& element() const { return parts_.merge.pattern.elements[0]; }
  // What tells a row from others; nothing when its values do not serve for that.
  std::optional<std::string> KeyOf(uint16_t row) const;
  absl::StatusOr<Pulled> Find();
  void StartMaking();
  absl::Status TakeMade(const std::vector<CreatedElement>& created);
  void StartLookUp();
  ChangeItems* ItemsOf(size_t row) const;
  // Starts the changes of some rows.
  absl::Status ChangeSome();

  const Parts parts_;
  Phase phase_ = Phase::kFind;
  query::BatchRef rows_;
  std::vector<Group> groups_;
  std::vector<size_t> group_of_row_;
  std::unique_ptr<Operator> inner_;
  size_t next_row_ = 0;  // whose elements are changed
};

}  // namespace tidemark::exec
