// SPDX-License-Identifier: Apache-2.0
#include "query/functions/vertex_set.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "base/check.h"

namespace tidemark::query {
namespace {

constexpr size_t kFirstFew = 64;
constexpr size_t kGrowth = 4;
// Free places for each id: few ids are then looked for in more than one.
constexpr size_t kRoominess = 4;
// Of pages.
constexpr size_t kFirstRun = 16;
constexpr size_t kLongestRun = 64;

}  // namespace

bool VertexSet::InsertInTable(uint64_t id) {
  CHECK_NE(id, kFree);
  if (2 * size_ >= few_.size()) {
    if (size_ >= kMaxFew) {
      MakePages();
      return InsertInPage(VertexId(id));
    }
    ResizeFew(few_.empty() ? kFirstFew : kGrowth * few_.size());
  }
  uint64_t& place = few_[PlaceOf(id)];
  if (place == id) return false;
  place = id;
  ++size_;
  return true;
}

void VertexSet::InsertAll(absl::Span<const uint64_t> ids) {
  if (many_ == nullptr) Reserve(ids.size());
  if (many_ != nullptr) {
    for (const uint64_t id : ids) InsertInPage(VertexId(id));
    return;
  }
  size_t added = 0;
  for (const uint64_t id : ids) {
    uint64_t& place = few_[PlaceOf(id)];
    added += place == id ? 0 : 1;
    place = id;
  }
  size_ += added;
}

void VertexSet::Reserve(size_t count) {
  const size_t wanted = size_ + count;
  if (wanted > kMaxFew) return MakePages();
  if (kRoominess * wanted <= few_.size()) return;
  ResizeFew(std::max(kFirstFew, std::bit_ceil(kRoominess * wanted)));
}

void VertexSet::ResizeFew(size_t capacity) {
  const std::vector<uint64_t> before = std::exchange(few_, std::vector<uint64_t>(capacity));
  for (const uint64_t id : before) {
    if (id != kFree) few_[PlaceOf(id)] = id;
  }
}

void VertexSet::MakePages() {
  const std::vector<uint64_t> before = std::exchange(few_, {});
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
  many_->page_bytes += (pages->capacity() - capacity_before) * sizeof(Page*);
  return (*pages)[number] = TakePage();
}

VertexSet::Page* VertexSet::TakePage() {
  if (many_->free_count == 0) {
    many_->run_length = std::clamp(2 * many_->run_length, kFirstRun, kLongestRun);
    many_->runs.push_back(std::make_unique<Page[]>(many_->run_length));
    many_->page_bytes += many_->run_length * sizeof(Page);
    many_->free_count = many_->run_length;
  }
  return &many_->runs.back()[many_->run_length - many_->free_count--];
}

size_t VertexSet::memory_bytes() const {
  const size_t few = sizeof(*this) + few_.capacity() * sizeof(uint64_t);
  return many_ == nullptr ? few : few + sizeof(Many) + many_->page_bytes;
}

}  // namespace tidemark::query
