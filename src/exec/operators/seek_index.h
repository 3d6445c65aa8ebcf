// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "exec/operators/for_each_row.h"
#include "exec/operators/seek_ids.h"
#include "exec/operators/seek_keys.h"
#include "graph/index_key.h"
#include "query/eval/evaluator.h"

namespace tidemark::exec {

// The vertices of a shard whose properties are as an index has them, for each row of the input.
// What it gives may be more than the predicates say, which stand above it. A vertex under a unique
// key that another worker owns goes to RunContext::found_elsewhere; there it is what was found.
// Owner, threads, errors: as of every Operator; kAborted when the index cannot answer this reader.
class SeekIndex final : public ForEachRow {
 public:
  SeekIndex(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::Status OpenBatch() override;
  absl::Status OpenRow(uint16_t row) override;
  absl::StatusOr<bool> Fill() override;
  void MakeColumns(query::Batch* output) override;

 private:
  const query::plan::SeekIndex& seek() const {
    return query::plan::As<query::plan::SeekIndex>(plan());
  }
  absl::Status OpenRange(const std::vector<graph::Value>& values, uint16_t row);
  // The keys from `first` to `last` behind the equal ones; nothing when none can match.
  absl::StatusOr<std::optional<graph::IndexKeyRange>> RangeOf(uint16_t row);
  std::optional<graph::Value> ValueAt(size_t evaluator, uint16_t row) const;

  SeekKeys equal_;
  // Those of `first`, `last` and `prefix` as far as they are there.
  std::vector<std::unique_ptr<query::eval::Evaluator>> evaluators_;
  std::optional<size_t> first_;
  std::optional<size_t> last_;
  std::optional<size_t> prefix_;
  std::optional<SeekIds> ids_;                 // is_id
  std::vector<std::string> unique_keys_;       // of the open row, not looked up yet
  std::optional<graph::IndexKeyRange> range_;  // of the open row
  storage::Shard::Cursor cursor_;
  std::vector<VertexId> vertices_;
};

}  // namespace tidemark::exec
