// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "exec/operators/merge_batch.h"
#include "exec/operators/set.h"
#include "exec/operators/update.h"

namespace tidemark::exec {

// Finds or makes a pattern. A row sees what the rows before it have made, so they are done one by
// one, or together where that makes no difference.
// Owner, threads, errors: as of every Update.
class Merge final : public Update {
 public:
  Merge(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Change() override;

 private:
  enum class Phase : uint8_t { kOpen, kMatch, kMake, kLookUp, kChange };
  // Whether the rows of the open batch are done at once.
  enum class Way : uint8_t { kUnknown, kTogether, kOneByOne };

  const query::plan::Merge& merge() const { return query::plan::As<query::plan::Merge>(plan()); }
  // The batch, at once or row by row; kEnd when it is done.
  absl::StatusOr<Pulled> ChangeBatch();
  absl::StatusOr<Pulled> StepRow();
  void TakeRow(size_t row, std::vector<std::vector<graph::Value>> found);
  absl::Status Open();
  void Make();
  // The rows of the pattern, found or made, that ON MATCH or ON CREATE change.
  absl::Status LookUp();
  absl::Status ChangeElements();
  query::BatchRef FoundRow(const std::vector<graph::Value>& values) const;
  void FinishBatch();

  PatternMaker maker_;
  ChangeItems on_create_;
  ChangeItems on_match_;
  ElementFetch fetch_;
  WriterCall call_;
  MergeBatch together_;
  Way way_ = Way::kUnknown;
  Phase phase_ = Phase::kOpen;
  size_t next_batch_ = 0;
  size_t next_row_ = 0;
  bool was_made_ = false;
  std::unique_ptr<Operator> inner_;
  std::vector<GraphChange> making_;               // what makes the pattern of the open row
  std::vector<query::BatchRef> row_;              // the open row alone: none or one
  std::vector<std::vector<graph::Value>> found_;  // of the open row
  // Of the batch: what each output row gets, and which row it extends.
  std::vector<std::vector<graph::Value>> values_;
  std::vector<uint16_t> parents_;
  std::vector<query::BatchRef> outputs_;
};

}  // namespace tidemark::exec
