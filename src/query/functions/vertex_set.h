// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/ids.h"

namespace tidemark::query {

// A set of vertices. A few are a table of their ids. Of more each is a bit in a page for 4,096 ids
// of one slot that follow one another: ids are given in a row, so most pages are full of vertices
// that exist. No insertion moves more than a part of what is there.
// Owner: an aggregate. Threads: one.
class VertexSet {
 public:
  // False when it is there already. REQUIRES: vertex.valid().
  bool Insert(VertexId vertex);
  size_t size() const { return size_; }
  size_t memory_bytes() const;
  // Calls take(vertex) for each, in no order.
  template <typename Take>
  void ForEach(Take take) const {
    for (const uint64_t id : few_) {
      if (id != kFree) take(VertexId(id));
    }
    if (many_ == nullptr) return;
    for (const auto& part : many_->parts) {
      for (const auto& [number, page] : part) {
        for (uint64_t bit = 0; bit < kPageBits; ++bit) {
          if (page->test(bit)) take(VertexId(number * kPageBits + bit));
        }
      }
    }
  }

 private:
  static constexpr uint64_t kFree = 0;  // no vertex has it
  static constexpr size_t kMaxFew = 512;
  static constexpr uint64_t kPageBits = 4096;
  static constexpr size_t kPartCount = 16;
  static constexpr size_t kRecentCount = 64;
  using Page = std::bitset<kPageBits>;
  struct Many {
    std::array<absl::flat_hash_map<uint64_t, std::unique_ptr<Page>>, kPartCount> parts;
    size_t page_count = 0;
    // The pages that were used last, each at the place that its number gives.
    std::array<uint64_t, kRecentCount> recent_numbers = {};
    std::array<Page*, kRecentCount> recent_pages = {};
  };

  // Where the id is or belongs.
  size_t PlaceOf(uint64_t id) const;
  void GrowFew();
  bool InsertInPage(uint64_t id);

  size_t size_ = 0;
  std::vector<uint64_t> few_;  // linear probing, at most half full
  std::unique_ptr<Many> many_;
};

}  // namespace tidemark::query
