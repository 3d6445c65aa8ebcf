// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exec/operators/for_each_row.h"

namespace tidemark::exec {

// The edge of this shard that has an id, for each row of the input.
// Owner, threads, errors: as of every Operator.
class SeekEdge final : public ForEachRow {
 public:
  using ForEachRow::ForEachRow;

 protected:
  absl::Status OpenRow(uint16_t row) override;
  absl::StatusOr<bool> Fill() override;
  void MakeColumns(query::Batch* output) override;

 private:
  EdgeId id_;  // of the open row
  std::vector<graph::EdgeRef> edges_;
};

}  // namespace tidemark::exec
