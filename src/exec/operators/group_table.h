// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "absl/types/span.h"
#include "query/batch/batch.h"
#include "query/batch/row_compare.h"
#include "query/functions/hash_index.h"

namespace tidemark::exec {

// Groups of rows with equivalent keys, numbered in the order in which they come first. The key of a
// group is the representative of all its rows' keys, whichever came first.
// Owner: an operator. Threads: the loop.
class GroupTable {
 public:
  struct Found {
    size_t group;
    bool is_new;
  };

  GroupTable(query::SlabPool* pool, absl::Span<const uint32_t> key_slots);

  Found FindOrAdd(const query::RowRef& row);
  size_t size() const { return index_.size(); }
  // What the table takes for a group without the values of its key.
  static constexpr size_t kBytesPerGroup = query::HashIndex::kBytesPerNumber;

  // The keys of the groups, kMaxBatchRows groups in each batch, a column for each key; the last
  // batch has rows for its groups alone.
  std::deque<query::BatchRef> TakeBatches() { return std::move(batches_); }
  // The values of one group's key. REQUIRES: TakeBatches was not called.
  const graph::Value& KeyOf(size_t group, size_t key) const;

 private:
  bool IsSame(size_t group, const query::RowRef& row) const;
  void Add(size_t group, const query::RowRef& row);
  void Represent(size_t group, const query::RowRef& row);

  query::SlabPool* const pool_;
  const absl::Span<const uint32_t> key_slots_;
  query::HashIndex index_;
  std::deque<query::BatchRef> batches_;
};

}  // namespace tidemark::exec
