// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "exec/operators/update.h"

namespace tidemark::exec {

// Runs updates for each element of a list.
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
  // The rows of the inner updates for the next row.
  absl::Status OpenRow();

  size_t next_batch_ = 0;
  size_t next_row_ = 0;
  std::vector<query::BatchRef> waiting_;  // rows for the inner updates, last first
  std::unique_ptr<Operator> inner_;
};

}  // namespace tidemark::exec
