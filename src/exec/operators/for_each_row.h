// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "exec/operators/operator.h"

namespace tidemark::exec {

// What operators share that give, for each row of their input, some rows with new columns: they
// open a row, fill the output until it is full or the row has no more, and make the columns of what
// was added. All of it is kept by value between slices.
// Owner, threads, errors: as of every Operator.
class ForEachRow : public Operator {
 public:
  using Operator::Operator;

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) final;

  // A new batch of the input is there.
  virtual absl::Status OpenBatch() { return absl::OkStatus(); }
  virtual absl::Status OpenRow(uint16_t row) = 0;
  // Adds rows for the open row, at most room(), and takes what that costs from context().units.
  // True when the row has no more.
  virtual absl::StatusOr<bool> Fill() = 0;
  // The new columns, from what was added since the last call.
  virtual void MakeColumns(query::Batch* output) = 0;

  // Slots of the input that nothing reads.
  virtual absl::Span<const uint32_t> unread() const { return {}; }

  query::Batch& rows() { return *input_batch_; }
  // How many rows the output can take.
  size_t room() const { return query::kMaxBatchRows - parent_rows_.size(); }
  uint16_t open_row() const { return open_row_; }
  // `count` more rows extend the open one.
  void AddRows(size_t count) { parent_rows_.insert(parent_rows_.end(), count, open_row_); }

 private:
  absl::StatusOr<Pulled> PullInput();
  absl::Status MakeOutput(query::BatchRef* batch);

  query::BatchRef input_batch_;
  size_t next_row_ = 0;  // of those of the input batch that count
  bool is_row_open_ = false;
  uint16_t open_row_ = 0;
  std::vector<uint16_t> parent_rows_;
};

// The vertex in a cell; an invalid id for null. An error when there is something else.
absl::StatusOr<VertexId> VertexOf(const query::Cell& cell);
// The same of a slot for some of the rows that count.
struct RowRange {
  size_t first = 0;
  size_t count = 0;
};
absl::Status VerticesOf(const query::Batch& batch, uint32_t slot, RowRange rows,
                        std::vector<VertexId>* vertices);

}  // namespace tidemark::exec
