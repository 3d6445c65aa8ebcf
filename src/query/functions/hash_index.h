// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/check.h"
#include "base/split_table.h"
#include "query/functions/piece_vector.h"

namespace tidemark::query {

// Numbers 0, 1, 2 ... by the hashes of what has them, which the owner keeps and compares. It grows
// in small steps.
// Owner: an operator or an aggregate. Threads: one. Limits: 2^32 - 1 numbers.
class HashIndex {
 public:
  // About what a number takes: an entry of the map at its usual load, and the older number.
  static constexpr size_t kBytesPerNumber =
      2 * (sizeof(uint64_t) + sizeof(uint32_t) + 5) + sizeof(uint32_t);

  // The number with this hash that is_same(number) says is the same. Nothing when there is none:
  // then the next number is there, with this hash.
  template <typename IsSame>
  std::optional<uint32_t> FindOrAdd(uint64_t hash, IsSame is_same) {
    const auto [newest, is_first] = newest_.TryEmplace(hash, kNone);
    for (uint32_t number = *newest; number != kNone; number = older_[number]) {
      if (is_same(number)) return number;
    }
    CHECK_LT(size(), kNone);
    older_.Append(*newest);
    *newest = static_cast<uint32_t>(size() - 1);
    return std::nullopt;
  }
  size_t size() const { return older_.size(); }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};

  SplitTable<absl::flat_hash_map<uint64_t, uint32_t>> newest_;  // by hash
  PieceVector<uint32_t> older_;  // [number]: one more with the same hash; kNone
};

}  // namespace tidemark::query
