// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "exec/operators/operator.h"

namespace tidemark::exec {

// Counts the edges at a vertex of this shard instead of giving a row for each.
// Owner, threads, errors: as of every Operator.
class Degree final : public Operator {
 public:
  Degree(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  const query::plan::Degree& degree() const { return query::plan::As<query::plan::Degree>(plan()); }
  // How many of the edges that are passed over are at the vertex of a row.
  uint64_t OthersAt(VertexId vertex, uint16_t row) const;
  void Multiply();

  std::vector<TypeId> types_;
  bool finds_nothing_ = false;
  query::BatchRef batch_;
  std::vector<VertexId> from_;  // of the rows that count
  std::vector<uint64_t> degrees_;
  storage::Shard::BatchCursor cursor_;
};

}  // namespace tidemark::exec
