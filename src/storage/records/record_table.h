// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "base/check.h"
#include "storage/memory/growing_pages.h"
#include "storage/memory/memory_meter.h"

namespace tidemark::storage {

// The records of one slot, by sequence (1, 2, 3 ...), in pages that never move. A record of zeroes
// is blank. T is trivial; what it points to is the caller's. A page goes when its last record is
// released and no new sequence can fall into it. Threads: one.
template <typename T>
class RecordTable {
 public:
  RecordTable() = default;
  RecordTable(RecordTable&& other) noexcept
      : pages_(std::exchange(other.pages_, {})), next_(other.next_) {}
  RecordTable& operator=(RecordTable&&) = delete;

  // The record, blank or not; null when it has no page.
  T* Find(uint32_t sequence) const {
    const PagePosition at = PagePositionOf(sequence - 1);
    if (at.page >= pages_.size()) return nullptr;
    T* records = pages_[at.page].records;
    return records == nullptr ? nullptr : records + at.offset;
  }
  // Where Find will look first; for prefetching.
  const void* PageAddress(uint32_t sequence) const {
    const PagePosition at = PagePositionOf(sequence - 1);
    return at.page < pages_.size() ? &pages_[at.page] : nullptr;
  }
  // A record that is blank and in use from now on.
  T* Acquire(uint32_t sequence, MemoryMeter* meter) {
    const PagePosition at = PagePositionOf(sequence - 1);
    if (at.page >= pages_.size()) {
      const size_t before = pages_.capacity();
      pages_.resize(at.page + 1);
      meter->Add((pages_.capacity() - before) * sizeof(Page));
    }
    Page& page = pages_[at.page];
    if (page.records == nullptr) {
      page.records = reinterpret_cast<T*>(meter->AllocateAligned(PageBytes(at.page)));
    }
    ++page.used_count;
    if (sequence >= next_) next_ = sequence + 1;
    return page.records + at.offset;
  }
  // REQUIRES: the record is in use. Makes it blank.
  void Release(uint32_t sequence, MemoryMeter* meter) {
    const PagePosition at = PagePositionOf(sequence - 1);
    Page& page = pages_[at.page];
    CHECK_GT(page.used_count, 0u);
    page.records[at.offset] = T{};
    if (--page.used_count == 0 && PageFirstIndex(at.page + 1) < next_) {
      meter->Free(std::exchange(page.records, nullptr), PageBytes(at.page));
    }
  }

  // The next sequence that was never used.
  uint32_t next() const { return next_; }
  uint32_t TakeNext() { return next_++; }
  void RaiseNext(uint32_t next) {
    if (next > next_) next_ = next;
  }
  // The first sequence >= `sequence` whose page exists; next() when there is none.
  uint32_t SkipMissing(uint32_t sequence) const {
    while (sequence < next_) {
      const PagePosition at = PagePositionOf(sequence - 1);
      if (at.page >= pages_.size()) return next_;
      if (pages_[at.page].records != nullptr) return sequence;
      sequence = static_cast<uint32_t>(PageFirstIndex(at.page + 1) + 1);
    }
    return next_;
  }

  // Frees all pages. What records point to must be gone.
  void Clear(MemoryMeter* meter) {
    for (uint32_t i = 0; i < pages_.size(); ++i) meter->Free(pages_[i].records, PageBytes(i));
    meter->Remove(pages_.capacity() * sizeof(Page));
    pages_ = {};
    next_ = 1;
  }
  uint64_t used_count() const {
    uint64_t count = 0;
    for (const Page& page : pages_) count += page.used_count;
    return count;
  }

 private:
  struct Page {
    T* records = nullptr;
    uint32_t used_count = 0;
  };
  static size_t PageBytes(uint32_t page) { return PageRecordCount(page) * sizeof(T); }

  std::vector<Page> pages_;
  uint32_t next_ = 1;
};

}  // namespace tidemark::storage
