// SPDX-License-Identifier: Apache-2.0
#include "query/functions/vertex_set.h"

#include <utility>

#include "base/check.h"

namespace tidemark::query {
namespace {

constexpr size_t kFirstFew = 16;
constexpr uint64_t kSpread = 0x9e3779b97f4a7c15;

}  // namespace

size_t VertexSet::PlaceOf(uint64_t id) const {
  size_t place = (id * kSpread >> 32) & (few_.size() - 1);
  while (few_[place] != kFree && few_[place] != id) place = (place + 1) & (few_.size() - 1);
  return place;
}

bool VertexSet::Insert(VertexId vertex) {
  const uint64_t id = vertex.value();
  if (many_ != nullptr) return InsertInPage(id);
  CHECK_NE(id, kFree);
  if (2 * size_ >= few_.size()) {
    GrowFew();
    if (many_ != nullptr) return InsertInPage(id);
  }
  uint64_t& place = few_[PlaceOf(id)];
  if (place == id) return false;
  place = id;
  ++size_;
  return true;
}

void VertexSet::GrowFew() {
  const std::vector<uint64_t> before = std::exchange(few_, {});
  if (size_ < kMaxFew) {
    few_.resize(before.empty() ? kFirstFew : 2 * before.size());
    for (const uint64_t id : before) {
      if (id != kFree) few_[PlaceOf(id)] = id;
    }
    return;
  }
  many_ = std::make_unique<Many>();
  size_ = 0;
  for (const uint64_t id : before) {
    if (id != kFree) InsertInPage(id);
  }
}

bool VertexSet::InsertInPage(uint64_t id) {
  const uint64_t number = id / kPageBits;
  // The slot is in the upper half of a number.
  const size_t recent = (number ^ number >> 20) % kRecentCount;
  Page* page = many_->recent_pages[recent];
  if (page == nullptr || many_->recent_numbers[recent] != number) {
    std::unique_ptr<Page>& found = many_->parts[(number * kSpread >> 60) % kPartCount][number];
    if (found == nullptr) {
      found = std::make_unique<Page>();
      ++many_->page_count;
    }
    page = found.get();
    many_->recent_numbers[recent] = number;
    many_->recent_pages[recent] = page;
  }
  const uint64_t bit = id % kPageBits;
  if (page->test(bit)) return false;
  page->set(bit);
  ++size_;
  return true;
}

size_t VertexSet::memory_bytes() const {
  const size_t few = sizeof(*this) + few_.capacity() * sizeof(uint64_t);
  // A page with its entry at the usual load.
  constexpr size_t kBytesPerPage = sizeof(Page) + 4 * sizeof(uint64_t);
  return many_ == nullptr ? few : few + sizeof(Many) + many_->page_count * kBytesPerPage;
}

}  // namespace tidemark::query
