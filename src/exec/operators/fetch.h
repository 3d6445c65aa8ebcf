// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "exec/operators/operator.h"

namespace tidemark::exec {

// What vertices or edges of this shard have, in columns beside them.
// Owner, threads: as of every Operator. Errors: DeletedEntityAccess.
class Fetch final : public Operator {
 public:
  Fetch(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  const query::plan::Fetch& fetch() const { return query::plan::As<query::plan::Fetch>(plan()); }
  void AddColumns();
  // The rows behind the next one go into a batch of their own.
  void Split();
  // The next rows, a few at once, so that their memory is fetched ahead.
  absl::Status FetchVertices();
  absl::Status FetchEdge(uint16_t row);
  void TakeProperties(uint16_t row, std::string_view properties);
  absl::Status Absent();

  // The keys ascending; of each the number of its column in columns_, and what was found last.
  std::vector<KeyId> keys_;
  std::vector<size_t> places_;
  std::vector<const char*> found_;
  std::vector<VertexId> vertices_;  // of the next rows
  std::vector<storage::VertexImage> images_;
  query::BatchRef batch_;
  query::BatchRef rest_;  // of a batch that was split: as it was before the new columns
  size_t input_slots_ = 0;
  size_t next_row_ = 0;
  size_t fetched_bytes_ = 0;  // of the batch
  std::vector<query::Column*> columns_;
};

// Rows whose vertex, of this shard, has some labels.
// Owner, threads, errors: as of every Operator.
class FilterLabels final : public Operator {
 public:
  FilterLabels(const query::plan::Operator& plan, RunContext* context);

 protected:
  absl::StatusOr<Pulled> Next(query::BatchRef* batch) override;

 private:
  std::vector<LabelId> labels_;
  std::vector<VertexId> vertices_;
  std::vector<storage::VertexImage> images_;
  bool finds_nothing_ = false;
};

}  // namespace tidemark::exec
