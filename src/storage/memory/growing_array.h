// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "storage/memory/growing_pages.h"

namespace tidemark::storage {

// An array that grows at its end without ever copying what it holds. Threads: one.
template <typename T>
class GrowingArray {
 public:
  uint32_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T& operator[](uint32_t index) {
    const PagePosition at = PagePositionOf(index);
    return pages_[at.page][at.offset];
  }
  const T& operator[](uint32_t index) const {
    const PagePosition at = PagePositionOf(index);
    return pages_[at.page][at.offset];
  }
  T& back() { return (*this)[size_ - 1]; }
  void push_back(T value) {
    const PagePosition at = PagePositionOf(size_);
    if (at.page == pages_.size()) {
      pages_.push_back(std::make_unique<T[]>(PageRecordCount(at.page)));
      capacity_ += PageRecordCount(at.page);
    }
    pages_[at.page][at.offset] = std::move(value);
    ++size_;
  }
  // REQUIRES: not empty.
  void pop_back() {
    --size_;
    const PagePosition at = PagePositionOf(size_);
    if (at.offset != 0) return;
    pages_.pop_back();
    capacity_ -= PageRecordCount(at.page);
  }
  void clear() {
    pages_.clear();
    pages_.shrink_to_fit();
    size_ = 0;
    capacity_ = 0;
  }
  size_t memory_bytes() const { return capacity_ * sizeof(T); }

 private:
  std::vector<std::unique_ptr<T[]>> pages_;
  uint32_t size_ = 0;
  size_t capacity_ = 0;
};

}  // namespace tidemark::storage
