// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exec/operators/for_each_row.h"

namespace tidemark::exec {

// The vertices of a shard that have some labels, for each row of the input.
// Owner, threads, errors: as of every Operator.
class ScanVertices final : public ForEachRow {
 public:
  ScanVertices(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::Status OpenRow(uint16_t row) override;
  absl::StatusOr<bool> Fill() override;
  void MakeColumns(query::Batch* output) override;

 private:
  std::vector<LabelId> labels_;
  bool finds_nothing_ = false;
  storage::Shard::Cursor cursor_;
  std::vector<VertexId> vertices_;
};

// Whether the labels of a vertex are all of these, in ascending order both.
bool HasLabels(const std::vector<LabelId>& of_vertex, const std::vector<LabelId>& labels);
// The labels of a plan, ascending and each once; false when one of them does not exist.
bool ToLabels(const std::vector<uint32_t>& ids, std::vector<LabelId>* labels);
// A column of vertices at the end of the batch.
void AddVertexColumn(const std::vector<VertexId>& vertices, query::Batch* batch);

}  // namespace tidemark::exec
