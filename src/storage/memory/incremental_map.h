// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "base/check.h"

namespace tidemark::storage {

// A hash map from 64-bit keys to small values that never rehashes as a whole (extendible hashing):
// a directory over small open-addressing buckets; a full bucket is split alone. No call moves more
// than kMaxBucketEntries entries. Keys below UINT64_MAX. Order is never shown. Threads: one.
template <typename V>
class IncrementalMap {
 public:
  IncrementalMap() = default;
  IncrementalMap(IncrementalMap&&) noexcept = default;
  IncrementalMap& operator=(IncrementalMap&&) noexcept = default;

  // Null when there is none. Valid until the next change.
  V* Find(uint64_t key) {
    if (size_ == 0) return nullptr;
    const uint64_t hash = Hash(key);
    Bucket* bucket = directory_[DirectoryIndex(hash)];
    const uint32_t at = bucket->Locate(key, hash);
    return bucket->entries[at].key == key ? &bucket->entries[at].value : nullptr;
  }
  const V* Find(uint64_t key) const { return const_cast<IncrementalMap*>(this)->Find(key); }
  bool Contains(uint64_t key) const { return Find(key) != nullptr; }

  // The value of `key`, made from V{} when it is new. Valid until the next change.
  V& operator[](uint64_t key) {
    CHECK_NE(key, kEmpty);
    if (directory_.empty()) AddFirstBucket();
    const uint64_t hash = Hash(key);
    while (true) {
      Bucket* bucket = directory_[DirectoryIndex(hash)];
      const uint32_t at = bucket->Locate(key, hash);
      if (bucket->entries[at].key == key) return bucket->entries[at].value;
      if (bucket->count < bucket->capacity() * 3 / 4) {
        ++bucket->count;
        ++size_;
        bucket->entries[at] = {key, V{}};
        return bucket->entries[at].value;
      }
      if (bucket->capacity() < kMaxBucketEntries) {
        Grow(bucket);
      } else {
        Split(DirectoryIndex(hash));
      }
    }
  }
  // False when there is none.
  bool Erase(uint64_t key) {
    if (size_ == 0) return false;
    const uint64_t hash = Hash(key);
    Bucket* bucket = directory_[DirectoryIndex(hash)];
    uint32_t at = bucket->Locate(key, hash);
    if (bucket->entries[at].key != key) return false;
    bucket->CloseGap(at);
    --bucket->count;
    --size_;
    return true;
  }
  uint64_t size() const { return size_; }
  size_t memory_bytes() const {
    return entry_capacity_ * sizeof(Entry) + buckets_.size() * (sizeof(Bucket) + sizeof(void*)) +
           directory_.capacity() * sizeof(void*);
  }

 private:
  static constexpr uint64_t kEmpty = UINT64_MAX;
  static constexpr uint32_t kMinBucketEntries = 8;
  static constexpr uint32_t kMaxBucketEntries = 1024;

  struct Entry {
    uint64_t key = kEmpty;
    V value{};
  };
  struct Bucket {
    std::vector<Entry> entries;
    uint32_t count = 0;
    uint32_t depth = 0;

    uint32_t capacity() const { return static_cast<uint32_t>(entries.size()); }
    // Where `key` is, or the empty place where it belongs.
    uint32_t Locate(uint64_t key, uint64_t hash) const {
      const uint32_t mask = capacity() - 1;
      uint32_t at = static_cast<uint32_t>(hash) & mask;
      while (entries[at].key != key && entries[at].key != kEmpty) at = (at + 1) & mask;
      return at;
    }
    void CloseGap(uint32_t gap) {
      const uint32_t mask = capacity() - 1;
      for (uint32_t at = (gap + 1) & mask; entries[at].key != kEmpty; at = (at + 1) & mask) {
        const uint32_t home = static_cast<uint32_t>(Hash(entries[at].key)) & mask;
        if (((at - home) & mask) < ((at - gap) & mask)) continue;
        entries[gap] = entries[at];
        gap = at;
      }
      entries[gap] = Entry{};
    }
    void Add(const Entry& entry) {
      entries[Locate(entry.key, Hash(entry.key))] = entry;
      ++count;
    }
  };

  static uint64_t Hash(uint64_t key) {
    key ^= key >> 33;
    key *= 0xff51afd7ed558ccdULL;
    key ^= key >> 33;
    key *= 0xc4ceb9fe1a85ec53ULL;
    return key ^ key >> 33;
  }
  // The upper `depth_` bits.
  size_t DirectoryIndex(uint64_t hash) const {
    return depth_ == 0 ? 0 : static_cast<size_t>(hash >> (64 - depth_));
  }
  Bucket* AddBucket(uint32_t depth, uint32_t capacity) {
    buckets_.push_back(std::make_unique<Bucket>());
    Bucket* bucket = buckets_.back().get();
    bucket->entries.resize(capacity);
    bucket->depth = depth;
    entry_capacity_ += capacity;
    return bucket;
  }
  void AddFirstBucket() { directory_.push_back(AddBucket(0, kMinBucketEntries)); }
  void Grow(Bucket* bucket) {
    std::vector<Entry> old(bucket->entries.size() * 2);
    old.swap(bucket->entries);
    entry_capacity_ += old.size();
    bucket->count = 0;
    for (const Entry& entry : old) {
      if (entry.key != kEmpty) bucket->Add(entry);
    }
  }
  void Split(size_t index) {
    Bucket* bucket = directory_[index];
    if (bucket->depth == depth_) {
      std::vector<Bucket*> wider(directory_.size() * 2);
      for (size_t i = 0; i < wider.size(); ++i) wider[i] = directory_[i / 2];
      directory_.swap(wider);
      ++depth_;
      index *= 2;
    }
    ++bucket->depth;
    Bucket* upper = AddBucket(bucket->depth, kMaxBucketEntries);
    const size_t run = size_t{1} << (depth_ - bucket->depth);  // directory entries of each half
    const size_t first = index / (2 * run) * (2 * run);
    for (size_t i = first + run; i < first + 2 * run; ++i) directory_[i] = upper;
    std::vector<Entry> old(bucket->entries.size());
    old.swap(bucket->entries);
    bucket->count = 0;
    for (const Entry& entry : old) {
      if (entry.key != kEmpty) directory_[DirectoryIndex(Hash(entry.key))]->Add(entry);
    }
  }

  std::vector<Bucket*> directory_;
  std::vector<std::unique_ptr<Bucket>> buckets_;
  uint32_t depth_ = 0;
  uint64_t size_ = 0;
  uint64_t entry_capacity_ = 0;
};

}  // namespace tidemark::storage
