// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "base/status.h"

namespace tidemark {

// Values by text, of which those that were used last are kept: at most so many, and so many bytes.
// Threads: one.
template <typename Value>
class LruCache {
 public:
  LruCache(size_t max_count, size_t max_bytes) : max_count_(max_count), max_bytes_(max_bytes) {}
  LruCache(const LruCache&) = delete;
  LruCache& operator=(const LruCache&) = delete;

  // nullptr when it is not there. Valid until the next Put.
  const Value* Find(std::string_view key) {
    const auto found = by_key_.find(ToAbsl(key));
    if (found == by_key_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  // Replaces what is there. `bytes` is what the value takes; one that alone takes more than there
  // may be is not kept.
  void Put(std::string_view key, Value value, size_t bytes) {
    const auto found = by_key_.find(ToAbsl(key));
    if (found != by_key_.end()) Remove(found->second);
    bytes += key.size();
    if (bytes > max_bytes_) return;
    while (entries_.size() >= max_count_ || bytes > max_bytes_ - bytes_) {
      Remove(std::prev(entries_.end()));
    }
    entries_.push_front({std::string(key), std::move(value), bytes});
    by_key_[entries_.front().key] = entries_.begin();
    bytes_ += bytes;
  }

  size_t size() const { return entries_.size(); }
  size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    std::string key;
    Value value;
    size_t bytes;
  };

  void Remove(typename std::list<Entry>::iterator entry) {
    bytes_ -= entry->bytes;
    by_key_.erase(entry->key);
    entries_.erase(entry);
  }

  const size_t max_count_;
  const size_t max_bytes_;
  size_t bytes_ = 0;
  std::list<Entry> entries_;  // the one used last first
  absl::flat_hash_map<absl::string_view, typename std::list<Entry>::iterator> by_key_;
};

}  // namespace tidemark
