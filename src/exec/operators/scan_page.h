// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exec/operators/for_each_row.h"

namespace tidemark::exec {

// A page ends behind the row that brings it here, or behind so many rows.
#ifdef TIDEMARK_TINY_LIMITS
inline constexpr size_t kMaxPageBytes = 512;
inline constexpr uint32_t kMaxPageRowCount = 100;
#else
inline constexpr size_t kMaxPageBytes = size_t{64} << 10;
inline constexpr uint32_t kMaxPageRowCount = 1'024;
#endif

// A page of a scan of this shard for each row of the input.
// Owner, threads: as of every Operator. Errors: kInvalidArgument for a position that no page gave,
// kAborted when the index cannot answer this reader.
class ScanPage final : public ForEachRow {
 public:
  ScanPage(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::Status OpenRow(uint16_t row) override;
  absl::StatusOr<bool> Fill() override;
  void MakeColumns(query::Batch* output) override;

 private:
  struct Found {
    VertexId vertex;
    graph::EdgeRef ref;
    bool is_outgoing = false;
    // Of the last row of a page, which has nothing else.
    std::optional<std::string> position;
  };

  const query::plan::ScanPage& page() const {
    return query::plan::As<query::plan::ScanPage>(plan());
  }
  // Adds at most `max_count` rows and moves the cursor behind them.
  absl::Status Scan(size_t max_count);
  absl::Status ScanVertices(size_t max_count);
  void ScanEdges(size_t max_count);
  void ScanNeighbours(size_t max_count);
  // Takes back the rows behind the one that fills the page.
  absl::Status CutBehindFull(const storage::Shard::Cursor& before, size_t first);
  // About what the row takes in an answer.
  size_t BytesOf(const Found& found) const;
  bool is_full() const { return row_count_ == max_row_count_ || bytes_ >= kMaxPageBytes; }

  std::vector<TypeId> types_;
  // Of the open row.
  storage::Shard::Cursor cursor_;
  uint32_t max_row_count_ = 0;
  uint32_t row_count_ = 0;
  size_t bytes_ = 0;
  VertexId vertex_;
  std::string first_key_;
  std::string last_key_;

  std::vector<Found> found_;  // what the output gets
  std::vector<VertexId> vertices_;
  std::vector<storage::EdgeEnds> ends_;
  std::vector<storage::Neighbour> neighbours_;
};

}  // namespace tidemark::exec
