// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "exec/operators/update.h"

namespace tidemark::exec {

// Runs inner updates for each row.
// Owner, threads, errors: as of every Update.
class Foreach final : public Update {
 public:
  using Update::Update;

 protected:
  absl::StatusOr<Pulled> Change() override;

 private:
  const query::plan::Foreach& foreach () const {
    return query::plan::As<query::plan::Foreach>(plan());
  }
  // The inner updates for the next row.
  void Open();
  void TakeRows(const query::Batch& batch);
  void FinishRow();
  // Of the inner rows of a batch: what stands for it.
  void FinishBatch();

  size_t next_batch_ = 0;
  size_t next_row_ = 0;
  std::unique_ptr<Operator> inner_;
  // Where inner rows are given: what those of the batch have, and which row they extend.
  std::vector<std::vector<graph::Value>> values_;
  std::vector<uint16_t> parents_;
  std::vector<query::BatchRef> outputs_;
};

}  // namespace tidemark::exec
