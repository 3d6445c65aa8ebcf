// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace tidemark::csv_import {

// A scope of ids. Integer ids are the same when their numbers are, however they are written.
struct IdGroup {
  uint32_t number = 0;
  bool has_integer_ids = false;
};

// Which vertex an id of the input stands for; ids are scoped by group. Exact (no id is ever taken
// for another) and compact: 16 bytes per id at a load of 7/16 to 7/8, nothing more for plain
// numbers, and for other ids their text beside.
// Owner: the importer. Threads: one writes; several may read while none writes. Limits:
// kMaxGroupCount groups, memory.
class IdMap {
 public:
  IdMap();

  // An id that is about to be looked for; `text` is the caller's.
  struct Key {
    uint64_t hash = 0;
    uint64_t number = 0;
    bool is_text = false;
    uint32_t group = 0;
    std::string_view text;
  };

  // The key of an id as it is written. Nothing when the group's ids are integers and `id` is none.
  // REQUIRES: group.number < kMaxGroupCount.
  static std::optional<Key> KeyOf(const IdGroup& group, std::string_view id);

  // False when the key is there already. REQUIRES: vertex.valid().
  bool Insert(const Key& key, VertexId vertex);
  std::optional<VertexId> Find(const Key& key) const;
  // Lets memory fetch where the key's entry should be.
  void Prefetch(const Key& key) const {
    __builtin_prefetch(&entries_[key.hash & (entries_.size() - 1)]);
  }

  uint64_t size() const { return size_; }
  uint64_t memory_bytes() const { return entries_.capacity() * sizeof(Entry) + texts_.capacity(); }

 private:
  // One id: what decides whether it is the same id, and its vertex. A number: `key` is the number
  // and `tag` its group. A text: `key` is the offset in texts_ and `tag` a part of the hash.
  struct Entry {
    uint64_t key = 0;
    uint64_t is_text : 1 = 0;
    uint64_t tag : 19 = 0;
    uint64_t vertex : 44 = 0;  // 0 = free
  };
  static_assert(sizeof(Entry) == 16);
  static Key NumberKey(uint32_t group, uint64_t number, std::string_view id);
  static Key TextKey(uint32_t group, std::string_view id);
  static uint32_t TagOf(const Key& key);
  Key KeyAt(const Entry& entry) const;
  bool Matches(const Entry& entry, const Key& key) const;
  // Index of the entry of the key, or of the free one where it belongs.
  size_t Locate(const Key& key) const;
  void Grow();

  std::vector<Entry> entries_;  // a power of two
  std::string texts_;           // varint group, varint size, bytes
  uint64_t size_ = 0;
};

}  // namespace tidemark::csv_import
