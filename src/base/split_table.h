// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

namespace tidemark {

// A hash table of Abseil, `Table`, that never grows in one long step: with many entries it is split
// into kPartCount tables, each of which grows by itself.
// Owner: whoever needs it. Threads: as of the table.
template <typename Table>
class SplitTable {
 public:
  using Key = typename Table::key_type;
  static constexpr size_t kPartCount = 256;
  static constexpr size_t kMaxWholeSize = 2'048;

  // These may move all entries, even when the key is there.
  //
  // Of a set: false when it was there.
  bool insert(const Key& key) { return Grow(key)->insert(key).second; }
  // Of a map. What is given lives until the table is changed.
  auto& operator[](const Key& key) { return (*Grow(key))[key]; }
  // True: it was not there, and the value is now.
  template <typename Value>
  auto TryEmplace(const Key& key, const Value& value) {
    const auto [it, is_new] = Grow(key)->try_emplace(key, value);
    return std::pair(&it->second, is_new);
  }
  // Null when it is not there.
  auto Find(const Key& key) const {
    const Table& table = Of(key);
    const auto it = table.find(key);
    return it == table.end() ? nullptr : &it->second;
  }
  bool contains(const Key& key) const { return Of(key).contains(key); }

  size_t size() const {
    size_t size = whole_.size();
    ForEachPart([&](const Table& part) { size += part.size(); });
    return size;
  }

  // What was split stays split.
  void clear() {
    whole_.clear();
    if (parts_ == nullptr) return;
    for (Table& part : *parts_) part.clear();
  }

  // Calls `fn` with each entry.
  template <typename Fn>
  void ForEach(Fn&& fn) const {
    for (const auto& entry : whole_) fn(entry);
    ForEachPart([&](const Table& part) {
      for (const auto& entry : part) fn(entry);
    });
  }

 private:
  const Table& Of(const Key& key) const {
    return parts_ == nullptr ? whole_ : (*parts_)[PartOf(key)];
  }
  // Where the key is or is to be put.
  Table* Grow(const Key& key) {
    if (parts_ == nullptr && whole_.size() >= kMaxWholeSize) Split();
    return parts_ == nullptr ? &whole_ : &(*parts_)[PartOf(key)];
  }

  // By other bits of the hash than those that the table takes.
  static size_t PartOf(const Key& key) {
    const uint64_t hash = static_cast<uint64_t>(typename Table::hasher()(key));
    return (hash * 0x9e3779b97f4a7c15) >> 56;
  }

  template <typename Fn>
  void ForEachPart(Fn&& fn) const {
    if (parts_ == nullptr) return;
    for (const Table& part : *parts_) fn(part);
  }

  void Split() {
    parts_ = std::make_unique<std::array<Table, kPartCount>>();
    for (auto it = whole_.begin(); it != whole_.end();) {
      auto entry = whole_.extract(it++);
      (*parts_)[PartOf(KeyOf(entry))].insert(std::move(entry));
    }
    whole_ = Table();
  }

  template <typename Node>
  static const Key& KeyOf(const Node& node) {
    if constexpr (requires { node.key(); }) {
      return node.key();
    } else {
      return node.value();
    }
  }

  Table whole_;
  std::unique_ptr<std::array<Table, kPartCount>> parts_;
};

}  // namespace tidemark
