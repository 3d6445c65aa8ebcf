// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "exec/operators/for_each_row.h"

namespace tidemark::exec {

storage::Direction ToStorage(query::plan::Direction direction);
// Types of a plan; false when it names some and none of them exists.
bool ToTypes(const std::vector<uint32_t>& ids, std::vector<TypeId>* types);
// The edges in some slots of a row; null is none.
void EdgesAt(const query::Batch& batch, uint16_t row, absl::Span<const uint32_t> slots,
             std::vector<EdgeId>* edges);

// The edges at a vertex of this shard, with their other ends, for each row of the input.
// Owner, threads, errors: as of every Operator.
class Expand final : public ForEachRow {
 public:
  Expand(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::Status OpenRow(uint16_t row) override;
  absl::StatusOr<bool> Fill() override;
  void MakeColumns(query::Batch* output) override;
  absl::Span<const uint32_t> unread() const override { return expand().unread; }

 private:
  const query::plan::Expand& expand() const { return query::plan::As<query::plan::Expand>(plan()); }

  std::vector<TypeId> types_;
  bool finds_nothing_ = false;
  VertexId from_;               // of the open row
  std::optional<VertexId> to_;  // of the open row, when only that end counts
  std::vector<EdgeId> others_;  // of the open row
  storage::Shard::Cursor cursor_;
  std::vector<storage::Neighbour> found_;
  // What the output gets.
  std::vector<graph::EdgeRef> edges_;
  std::vector<VertexId> ends_;
};

}  // namespace tidemark::exec
