// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/functions/piece_vector.h"

namespace tidemark::query {

// Numbers 0, 1, 2 ... by the hashes of what has them, which the owner keeps and compares. The table
// grows in parts, so that no step of it is long.
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
    const auto [place, is_first] = Place(hash);
    if (!is_first) {
      for (uint32_t number = *place; number != kNone; number = older_[number]) {
        if (is_same(number)) return number;
      }
    }
    Add(place, is_first);
    return std::nullopt;
  }
  size_t size() const { return older_.size(); }

 private:
  static constexpr uint32_t kNone = ~uint32_t{0};
  using Part = absl::flat_hash_map<uint64_t, uint32_t>;

  Part& PartOf(uint64_t hash) { return parts_[(hash >> 48) % parts_.size()]; }
  // Where the newest number of a hash is or belongs; true when it has none.
  std::pair<uint32_t*, bool> Place(uint64_t hash);
  void Add(uint32_t* place, bool is_first);
  void Divide();

  std::vector<Part> parts_;      // one until there are many numbers
  PieceVector<uint32_t> older_;  // [number]: one more with the same hash; kNone
};

}  // namespace tidemark::query
