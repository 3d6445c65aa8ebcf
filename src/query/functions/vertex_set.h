// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/types/span.h"
#include "base/ids.h"

namespace tidemark::query {

// A set of vertices. A few are a table of their ids. Of more each is a bit in a page for 4,096 ids
// of one slot that follow one another: ids are given in a row, so most pages are full of vertices
// that exist. No insertion moves more than a part of what is there.
// Owner: an aggregate. Threads: one.
class VertexSet {
 public:
  // False when it is there already. REQUIRES: vertex.valid().
  bool Insert(VertexId vertex) {
    return many_ != nullptr ? InsertInPage(vertex) : InsertInTable(vertex.value());
  }
  // Inserts all, of which the same may be there several times. REQUIRES: all valid.
  void InsertAll(absl::Span<const uint64_t> ids);
  size_t size() const { return size_; }
  size_t memory_bytes() const;
  // Calls take(vertex) for each, in no order.
  template <typename Take>
  void ForEach(Take take) const {
    for (const uint64_t id : few_) {
      if (id != kFree) take(VertexId(id));
    }
    if (many_ == nullptr) return;
    for (uint32_t slot = 0; slot < kSlotCount; ++slot) {
      if (many_->slots[slot] != nullptr) ForEachOfSlot(SlotId(static_cast<uint16_t>(slot)), take);
    }
  }

 private:
  static constexpr uint64_t kFree = 0;  // no vertex has it
  static constexpr size_t kMaxFew = 1023;
  static constexpr uint64_t kSpread = 0x9e3779b97f4a7c15;
  static constexpr uint32_t kPageBits = 4096;
  static constexpr uint32_t kWordBits = 64;
  using Page = std::array<uint64_t, kPageBits / kWordBits>;
  // By sequence; null where nothing was inserted.
  using Pages = std::vector<Page*>;
  struct Many {
    std::array<std::unique_ptr<Pages>, kSlotCount> slots;
    // The pages, in runs: few allocations, and zeroed together.
    std::vector<std::unique_ptr<Page[]>> runs;
    size_t run_length = 0;
    size_t free_count = 0;  // at the end of the last run
    size_t page_bytes = 0;  // with the lists of pages
  };

  template <typename Take>
  void ForEachOfSlot(SlotId slot, Take& take) const {
    const Pages& pages = *many_->slots[slot.value()];
    for (uint32_t number = 0; number < pages.size(); ++number) {
      if (pages[number] == nullptr) continue;
      for (uint32_t bit = 0; bit < kPageBits; ++bit) {
        const uint64_t word = (*pages[number])[bit / kWordBits];
        if ((word >> bit % kWordBits & 1) != 0) take(VertexId(slot, number * kPageBits + bit));
      }
    }
  }
  // Where the id is or belongs.
  size_t PlaceOf(uint64_t id) const {
    const size_t mask = few_.size() - 1;
    size_t place = (id * kSpread >> 32) & mask;
    while (few_[place] != kFree && few_[place] != id) place = (place + 1) & mask;
    return place;
  }
  bool InsertInTable(uint64_t id);
  // Makes room for so many more, or pages.
  void Reserve(size_t count);
  void ResizeFew(size_t capacity);
  void MakePages();
  bool InsertInPage(VertexId vertex) {
    const uint32_t sequence = vertex.sequence();
    const Pages* const pages = many_->slots[vertex.slot().value()].get();
    const uint32_t number = sequence / kPageBits;
    Page* page = pages == nullptr || number >= pages->size() ? nullptr : (*pages)[number];
    if (page == nullptr) page = MakePage(vertex);
    uint64_t& word = (*page)[sequence % kPageBits / kWordBits];
    const uint64_t bit = uint64_t{1} << sequence % kWordBits;
    if ((word & bit) != 0) return false;
    word |= bit;
    ++size_;
    return true;
  }
  Page* MakePage(VertexId vertex);
  Page* TakePage();

  size_t size_ = 0;
  std::vector<uint64_t> few_;  // linear probing, at most half full
  std::unique_ptr<Many> many_;
};

}  // namespace tidemark::query
