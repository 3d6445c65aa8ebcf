// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "query/batch/batch.h"
#include "query/batch/row_compare.h"

namespace tidemark::exec {

// Groups of rows with equivalent keys, numbered in the order in which they come first. The key of a
// group is the representative of all its rows' keys, whichever came first.
// Owner: an operator. Threads: the loop. The table grows in parts, so that no step of it is long.
class GroupTable {
 public:
  struct Found {
    size_t group;
    bool is_new;
  };

  GroupTable(query::SlabPool* pool, absl::Span<const uint32_t> key_slots);

  Found FindOrAdd(const query::RowRef& row);
  size_t size() const { return group_count_; }
  // What the table takes for a group without the values of its key.
  size_t BytesPerGroup() const;

  // The keys of the groups, kMaxBatchRows groups in each batch, a column for each key; the last
  // batch has rows for its groups alone.
  std::deque<query::BatchRef> TakeBatches() { return std::move(batches_); }
  // The values of one group's key. REQUIRES: TakeBatches was not called.
  const graph::Value& KeyOf(size_t group, size_t key) const;

 private:
  std::pair<uint32_t*, bool> Place(uint64_t hash, uint32_t group);
  void Divide();
  bool IsSame(size_t group, const query::RowRef& row) const;
  void Add(const query::RowRef& row);
  void Represent(size_t group, const query::RowRef& row);

  query::SlabPool* const pool_;
  const absl::Span<const uint32_t> key_slots_;
  // Hash → its newest group. One part until there are many groups.
  std::vector<absl::flat_hash_map<uint64_t, uint32_t>> parts_;
  std::deque<uint32_t> older_;  // [group]: one more with the same hash; kNone
  std::deque<query::BatchRef> batches_;
  size_t group_count_ = 0;
};

}  // namespace tidemark::exec
