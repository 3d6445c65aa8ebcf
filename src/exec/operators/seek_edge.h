// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "exec/operators/for_each_row.h"
#include "exec/operators/seek_ids.h"

namespace tidemark::exec {

// The edges of this shard that have an id, or one of a list, with their ends, for each row of the
// input.
// Owner, threads, errors: as of every Operator.
class SeekEdge final : public ForEachRow {
 public:
  SeekEdge(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::Status OpenBatch() override;
  absl::Status OpenRow(uint16_t row) override;
  absl::StatusOr<bool> Fill() override;
  void MakeColumns(query::Batch* output) override;

 private:
  const query::plan::SeekEdge& seek() const {
    return query::plan::As<query::plan::SeekEdge>(plan());
  }
  bool HasType(TypeId type) const;
  // The edge, if there is one.
  void AddEdge(EdgeId id);
  void Add(const graph::EdgeRef& edge, VertexId left, VertexId right);

  SeekIds ids_;
  std::optional<graph::EdgeRef> other_way_;  // from right to left, of the open row
  std::vector<graph::EdgeRef> edges_;
  std::vector<VertexId> lefts_;
  std::vector<VertexId> rights_;
};

}  // namespace tidemark::exec
