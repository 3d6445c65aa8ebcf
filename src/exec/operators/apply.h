// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "exec/memory_account.h"
#include "exec/operators/operator.h"
#include "query/functions/piece_vector.h"

namespace tidemark::exec {

// Runs the inner fragment over each batch of the input and joins what it gives to the rows that it
// came from.
// Owner, threads, errors: as of every Operator.
class Apply final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  const query::plan::Apply& apply() const { return query::plan::As<query::plan::Apply>(plan()); }
  bool joins() const {
    return apply().apply == query::plan::ApplyKind::kJoin ||
           apply().apply == query::plan::ApplyKind::kOptional;
  }
  absl::StatusOr<Pulled> PullInput();
  query::BatchRef Join(const query::Batch& inner);
  absl::Status Count(const query::Batch& inner);
  // What remains to be given when the inner fragment has ended; false: nothing.
  bool Finish(query::BatchRef* batch);
  void AddResult();

  query::BatchRef outer_;
  std::unique_ptr<Operator> inner_;  // null: the next batch of the input is wanted
  // By the number of the row among those that count.
  std::vector<uint64_t> counts_;
  std::vector<query::PieceVector<graph::Value>> lists_;
  MemoryHold lists_hold_;
};

}  // namespace tidemark::exec
