// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

namespace tidemark::query::eval {

// Rows of a batch. Threads: a value type. REQUIRES: `rows` lives longer.
struct RowSet {
  const uint16_t* rows = nullptr;  // nullptr: the first `count` rows
  size_t count = 0;

  bool empty() const { return count == 0; }
  uint16_t At(size_t i) const { return rows == nullptr ? static_cast<uint16_t>(i) : rows[i]; }
  template <typename Fn>
  void ForEach(Fn fn) const {
    if (rows == nullptr) {
      for (size_t row = 0; row < count; ++row) fn(static_cast<uint16_t>(row));
      return;
    }
    for (size_t i = 0; i < count; ++i) fn(rows[i]);
  }
};

}  // namespace tidemark::query::eval
