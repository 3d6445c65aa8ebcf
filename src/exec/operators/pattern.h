// SPDX-License-Identifier: Apache-2.0
// What is left of a pattern when its elements are there.
#pragma once

#include <vector>

#include "exec/operators/operator.h"

namespace tidemark::exec {

// The edges in a value: an edge, or a list of them; null has none.
void AddEdges(const graph::Value& value, std::vector<EdgeId>* edges);

// Keeps rows whose edges are all different ones.
// Owner, threads, errors: as of every Operator.
class DifferentEdges final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;
};

// Adds the path of some elements.
// Owner, threads, errors: as of every Operator.
class MakePath final : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  graph::Value PathAt(const query::Batch& batch, uint16_t row) const;
};

}  // namespace tidemark::exec
