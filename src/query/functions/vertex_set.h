// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

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
  static constexpr size_t kMaxFew = 2048;
  static constexpr uint32_t kPageBits = 4096;
  static constexpr uint32_t kWordBits = 64;
  using Page = std::array<uint64_t, kPageBits / kWordBits>;
  // By sequence; null where nothing was inserted.
  using Pages = std::vector<std::unique_ptr<Page>>;
  struct Many {
    std::array<std::unique_ptr<Pages>, kSlotCount> slots;
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
  size_t PlaceOf(uint64_t id) const;
  bool InsertInTable(uint64_t id);
  void GrowFew();
  bool InsertInPage(VertexId vertex) {
    const uint32_t sequence = vertex.sequence();
    const Pages* const pages = many_->slots[vertex.slot().value()].get();
    const uint32_t number = sequence / kPageBits;
    Page* page = pages == nullptr || number >= pages->size() ? nullptr : (*pages)[number].get();
    if (page == nullptr) page = MakePage(vertex);
    uint64_t& word = (*page)[sequence % kPageBits / kWordBits];
    const uint64_t bit = uint64_t{1} << sequence % kWordBits;
    if ((word & bit) != 0) return false;
    word |= bit;
    ++size_;
    return true;
  }
  Page* MakePage(VertexId vertex);

  size_t size_ = 0;
  std::vector<uint64_t> few_;  // linear probing, at most half full
  std::unique_ptr<Many> many_;
};

}  // namespace tidemark::query
