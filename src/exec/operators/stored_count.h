// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "exec/operators/operator.h"

namespace tidemark::exec {

// Takes the number of vertices or edges that the shard knows instead of giving a row for each.
// Owner, threads, errors: as of every Operator.
class StoredCount final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  // As the transaction sees them, its own changes too.
  uint64_t Count() const;
};

}  // namespace tidemark::exec
