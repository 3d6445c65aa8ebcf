// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exec/operators/operator.h"
#include "query/functions/vertex_set.h"

namespace tidemark::exec {

// Of the rows with the same vertex the first one.
// Owner, threads, errors: as of every Operator.
class DistinctVertices final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  query::VertexSet seen_;
  bool has_seen_null_ = false;
  MemoryHold kept_;
  std::vector<VertexId> vertices_;  // of the rows of a batch that count
};

}  // namespace tidemark::exec
