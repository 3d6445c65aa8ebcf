// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "storage/index/ordered_leaf.h"

namespace tidemark::storage {

// An ordered set of entries (key bytes, element id), by key (memcmp order), then by id: the body of
// a label+property index. It knows nothing of versions: the shard keeps an entry as long as some
// version may need it and checks what it finds.
//
// A B+tree. A leaf stores the common prefix of its keys once and 8 bytes plus the rest of the key
// per entry; it is split above kMaxLeafBytes, so no call costs more than a few microseconds.
//
// Threads: one. Errors: none. Limits: keys of at most kMaxOrderedKeyBytes, ids below 2^48.
class OrderedIndex {
 public:
  static constexpr size_t kMaxOrderedKeyBytes = 8191 + 8;  // an index key and what is put before it

  OrderedIndex();
  ~OrderedIndex();
  OrderedIndex(const OrderedIndex&) = delete;
  OrderedIndex& operator=(const OrderedIndex&) = delete;

  // False when the entry is there already.
  bool Insert(std::string_view key, uint64_t id);
  // False when there is no such entry.
  bool Erase(std::string_view key, uint64_t id);

  // Walks the entries upwards. Valid until the next change of the index; to go on later, keep the
  // last (key, id) and call LowerBound(key, id + 1).
  class Iterator {
   public:
    bool valid() const { return leaf_ != nullptr; }
    // REQUIRES (all three): valid(). The key lives until the next call on the iterator.
    std::string_view key() const { return key_; }
    uint64_t id() const { return leaf_->id(position_); }
    void Next();

   private:
    friend class OrderedIndex;
    void Load();

    const OrderedLeaf* leaf_ = nullptr;
    size_t position_ = 0;
    std::string key_;
  };
  // The first entry >= (key, id).
  Iterator LowerBound(std::string_view key, uint64_t id = 0) const;

  // The id of the first entry with this very key. Allocates nothing.
  std::optional<uint64_t> FirstId(std::string_view key) const;

  uint64_t size() const { return size_; }
  uint64_t memory_bytes() const;
  void Clear();
  // Frees entries from the front, for a large index that goes; each takes one of `*units`. True
  // when it is empty.
  bool ClearSome(int64_t* units);
  // CHECKs order, links, separators and the counters. Slow.
  void CheckInvariants() const;

 private:
  class Tree;
  std::unique_ptr<Tree> tree_;
  uint64_t size_ = 0;
};

}  // namespace tidemark::storage
