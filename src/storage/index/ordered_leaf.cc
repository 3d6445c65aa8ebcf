// SPDX-License-Identifier: Apache-2.0
#include "storage/index/ordered_leaf.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace tidemark::storage {
namespace {

constexpr size_t kGrowthBytes = 128;
constexpr size_t kGrowthCount = 16;

size_t HeapBytes(const std::string& text) {
  static const size_t inline_capacity = std::string().capacity();
  return text.capacity() > inline_capacity ? text.capacity() + 1 : 0;
}

}  // namespace

size_t SharedPrefixSize(std::string_view a, std::string_view b) {
  const auto ends = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  return static_cast<size_t>(ends.first - a.begin());
}

size_t OrderedLeaf::memory_bytes() const {
  return sizeof *this + HeapBytes(bytes_) + ends_.capacity() * sizeof ends_[0];
}

uint64_t OrderedLeaf::id(size_t position) const {
  uint64_t id = 0;
  std::memcpy(&id, bytes_.data() + Begin(position), kIdBytes);
  return id;
}

std::string_view OrderedLeaf::suffix(size_t position) const {
  const size_t begin = Begin(position) + kIdBytes;
  return std::string_view(bytes_).substr(begin, ends_[position] - begin);
}

std::string OrderedLeaf::Key(size_t position) const {
  std::string key(prefix());
  key.append(suffix(position));
  return key;
}

bool OrderedLeaf::Holds(size_t position, std::string_view key, uint64_t id) const {
  return key.starts_with(prefix()) && Compare(position, key.substr(prefix_size_), id) == 0;
}

int OrderedLeaf::Compare(size_t position, std::string_view rest, uint64_t id) const {
  const int order = suffix(position).compare(rest);
  if (order != 0) return order < 0 ? -1 : 1;
  const uint64_t mine = this->id(position);
  return mine == id ? 0 : (mine < id ? -1 : 1);
}

size_t OrderedLeaf::LowerBound(std::string_view key, uint64_t id) const {
  const int order = key.substr(0, prefix_size_).compare(prefix());
  if (order != 0) return order < 0 ? 0 : count();
  const std::string_view rest = key.substr(prefix_size_);
  size_t low = 0;
  size_t high = count();
  while (low < high) {
    const size_t middle = (low + high) / 2;
    if (Compare(middle, rest, id) < 0) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void OrderedLeaf::Reserve(size_t bytes) {
  if (bytes <= bytes_.capacity()) return;
  // A new string, since std::string::reserve would double.
  std::string larger;
  larger.reserve((bytes / kGrowthBytes + 1) * kGrowthBytes - 1);
  larger.append(bytes_);
  bytes_.swap(larger);
}

void OrderedLeaf::InsertAt(size_t position, std::string_view key, uint64_t id) {
  if (count() == 0) {
    bytes_.assign(key.substr(0, kMaxPrefixBytes));
    prefix_size_ = static_cast<uint16_t>(bytes_.size());
  } else if (!key.starts_with(prefix())) {
    Rewrite(0, count(), SharedPrefixSize(key, prefix()));
  }
  const std::string_view rest = key.substr(prefix_size_);
  const size_t entry_bytes = kIdBytes + rest.size();
  const size_t begin = Begin(position);
  Reserve(bytes_.size() + entry_bytes);
  bytes_.insert(begin, entry_bytes, '\0');
  std::memcpy(bytes_.data() + begin, &id, kIdBytes);
  std::memcpy(bytes_.data() + begin + kIdBytes, rest.data(), rest.size());
  if (ends_.size() == ends_.capacity()) ends_.reserve(ends_.size() + kGrowthCount);
  ends_.insert(ends_.begin() + static_cast<ptrdiff_t>(position), static_cast<uint16_t>(begin));
  for (size_t i = position; i < ends_.size(); ++i) {
    ends_[i] = static_cast<uint16_t>(ends_[i] + entry_bytes);
  }
  CHECK_LE(bytes_.size(), UINT16_MAX);
}

void OrderedLeaf::EraseAt(size_t position) {
  if (count() == 1) {
    bytes_ = std::string();
    ends_ = {};
    prefix_size_ = 0;
    return;
  }
  const size_t begin = Begin(position);
  const size_t entry_bytes = ends_[position] - begin;
  bytes_.erase(begin, entry_bytes);
  ends_.erase(ends_.begin() + static_cast<ptrdiff_t>(position));
  for (size_t i = position; i < ends_.size(); ++i) {
    ends_[i] = static_cast<uint16_t>(ends_[i] - entry_bytes);
  }
  if (bytes_.size() + 2 * kGrowthBytes < bytes_.capacity() / 2) {
    Rewrite(0, count(), CommonPrefixSize(0, count()));
  }
}

size_t OrderedLeaf::SplitPosition(size_t inserted) const {
  if (inserted == count() - 1) return inserted;
  const size_t middle = (prefix_size_ + bytes_.size()) / 2;
  const auto it = std::lower_bound(ends_.begin(), ends_.end(), middle);
  return std::clamp<size_t>(static_cast<size_t>(it - ends_.begin()), 1, count() - 1);
}

std::unique_ptr<OrderedLeaf> OrderedLeaf::SplitOff(size_t position) {
  auto right = std::make_unique<OrderedLeaf>();
  right->bytes_ = bytes_;
  right->ends_ = ends_;
  right->prefix_size_ = prefix_size_;
  right->Rewrite(position, count(), CommonPrefixSize(position, count()));
  Rewrite(0, position, CommonPrefixSize(0, position));
  right->previous = this;
  right->next = next;
  if (next != nullptr) next->previous = right.get();
  next = right.get();
  return right;
}

bool OrderedLeaf::Absorb(const OrderedLeaf& right) {
  const size_t shared = SharedPrefixSize(prefix(), right.prefix());
  const size_t merged_bytes = used_bytes() + count() * (prefix_size_ - shared) +
                              right.used_bytes() + right.count() * (right.prefix_size_ - shared);
  if (merged_bytes > kMaxLeafBytes * 3 / 4) return false;
  Rewrite(0, count(), shared);
  Reserve(merged_bytes);
  const std::string_view key_begin = right.prefix().substr(shared);
  for (size_t i = 0; i < right.count(); ++i) {
    AppendEntry(key_begin, right.suffix(i), right.id(i));
  }
  return true;
}

void OrderedLeaf::AppendEntry(std::string_view key_begin, std::string_view key_end, uint64_t id) {
  bytes_.append(reinterpret_cast<const char*>(&id), kIdBytes);
  bytes_.append(key_begin);
  bytes_.append(key_end);
  ends_.push_back(static_cast<uint16_t>(bytes_.size()));
}

size_t OrderedLeaf::CommonPrefixSize(size_t first, size_t last) const {
  // The entries are in order, so what the first and the last one share is shared by all.
  const size_t shared = SharedPrefixSize(suffix(first), suffix(last - 1));
  return std::min(prefix_size_ + shared, kMaxPrefixBytes);
}

void OrderedLeaf::Rewrite(size_t first, size_t last, size_t prefix_size) {
  OrderedLeaf old;
  old.bytes_.swap(bytes_);
  old.ends_.swap(ends_);
  old.prefix_size_ = prefix_size_;
  const size_t old_bytes = old.ends_[last - 1] - old.Begin(first);
  const size_t longer = old.prefix_size_ > prefix_size ? old.prefix_size_ - prefix_size : 0;
  Reserve(prefix_size + old_bytes + (last - first) * longer);
  ends_.reserve(last - first + kGrowthCount);
  bytes_.assign(old.Key(first).substr(0, prefix_size));
  prefix_size_ = static_cast<uint16_t>(prefix_size);
  const std::string_view key_begin = longer == 0 ? "" : old.prefix().substr(prefix_size);
  const size_t drop = prefix_size > old.prefix_size_ ? prefix_size - old.prefix_size_ : 0;
  for (size_t i = first; i < last; ++i) {
    AppendEntry(key_begin, old.suffix(i).substr(drop), old.id(i));
  }
  CHECK_LE(bytes_.size(), UINT16_MAX);
}

void OrderedLeaf::CheckInvariants() const {
  CHECK_LE(prefix_size_, kMaxPrefixBytes);
  CHECK_EQ(count() == 0 ? prefix_size_ : ends_.back(), bytes_.size());
  for (size_t i = 0; i < count(); ++i) {
    CHECK_LE(Begin(i) + kIdBytes, ends_[i]);
    if (i != 0) CHECK_LT(Compare(i - 1, suffix(i), id(i)), 0) << "entry " << i;
  }
  CHECK(previous == nullptr || previous->next == this);
  CHECK(next == nullptr || next->previous == this);
}

}  // namespace tidemark::storage
