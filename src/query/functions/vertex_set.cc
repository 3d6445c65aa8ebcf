// SPDX-License-Identifier: Apache-2.0
#include "query/functions/vertex_set.h"

#include <utility>

#include "base/check.h"

namespace tidemark::query {
namespace {

constexpr size_t kFirstFew = 64;
constexpr size_t kGrowth = 4;
constexpr uint64_t kSpread = 0x9e3779b97f4a7c15;

}  // namespace

size_t VertexSet::PlaceOf(uint64_t id) const {
  size_t place = (id * kSpread >> 32) & (few_.size() - 1);
  while (few_[place] != kFree && few_[place] != id) place = (place + 1) & (few_.size() - 1);
  return place;
}

bool VertexSet::InsertInTable(uint64_t id) {
  CHECK_NE(id, kFree);
  if (2 * size_ >= few_.size()) {
    GrowFew();
    if (many_ != nullptr) return InsertInPage(VertexId(id));
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
    few_.resize(before.empty() ? kFirstFew : kGrowth * before.size());
    for (const uint64_t id : before) {
      if (id != kFree) few_[PlaceOf(id)] = id;
    }
    return;
  }
  many_ = std::make_unique<Many>();
  size_ = 0;
  for (const uint64_t id : before) {
    if (id != kFree) InsertInPage(VertexId(id));
  }
}

VertexSet::Page* VertexSet::MakePage(VertexId vertex) {
  std::unique_ptr<Pages>& pages = many_->slots[vertex.slot().value()];
  if (pages == nullptr) pages = std::make_unique<Pages>();
  const uint32_t number = vertex.sequence() / kPageBits;
  const size_t capacity_before = pages->capacity();
  if (number >= pages->size()) pages->resize(number + 1);
  (*pages)[number] = std::make_unique<Page>();
  many_->page_bytes += sizeof(Page) + (pages->capacity() - capacity_before) * sizeof(void*);
  return (*pages)[number].get();
}

size_t VertexSet::memory_bytes() const {
  const size_t few = sizeof(*this) + few_.capacity() * sizeof(uint64_t);
  return many_ == nullptr ? few : few + sizeof(Many) + many_->page_bytes;
}

}  // namespace tidemark::query
