// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "exec/operators/seek_keys.h"

namespace tidemark::exec {

// The ids that a seek asks for, one after the other: one for each row of a batch, or those in a
// list, each of them once.
// Owner: an operator. Threads: the loop. Errors: of the expression; that a value is no list.
class SeekIds {
 public:
  // Both outlive it.
  SeekIds(const std::vector<query::eval::Program>& value, bool is_list,
          query::eval::Environment* environment)
      : is_list_(is_list), values_(value, environment) {}

  // See SeekKeys.
  absl::Status Open(query::Batch* rows, int64_t* units) { return values_.Open(rows, units); }
  absl::Status OpenRow(uint16_t row);
  // Whether the open row has no more.
  bool at_end() const { return next_ >= size_; }
  // 0 for what is no id, and for one that has come already. REQUIRES: !at_end().
  uint64_t Next();

 private:
  const bool is_list_;
  SeekKeys values_;
  graph::Value list_;  // of the open row
  uint64_t id_ = 0;    // unless it is a list
  size_t next_ = 0;
  size_t size_ = 0;
  absl::flat_hash_set<uint64_t> seen_;
};

}  // namespace tidemark::exec
