// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "base/ids.h"
#include "storage/memory/growing_array.h"
#include "storage/memory/incremental_map.h"

namespace tidemark::storage {

// What is counted: the vertices with a label or all of them, the edges of a type or all of them,
// each edge where its source is.
class CountKey {
 public:
  explicit CountKey(uint64_t value) : value_(value) {}
  static CountKey AllVertices() { return CountKey(0); }
  static CountKey AllEdges() { return CountKey(kEdges); }
  static CountKey Of(LabelId label) { return CountKey(label.value()); }
  static CountKey Of(TypeId type) { return CountKey(kEdges | type.value()); }

  bool is_of_edges() const { return (value_ & kEdges) != 0; }
  // Of the label or the type; 0: all.
  uint32_t id() const { return static_cast<uint32_t>(value_); }
  uint64_t value() const { return value_; }

 private:
  static constexpr uint64_t kEdges = uint64_t{1} << 32;

  uint64_t value_;
};

// By how much one transaction changes the counts. Threads: one.
class CountChanges {
 public:
  void Add(CountKey key, int64_t change);
  int64_t Of(CountKey key) const;
  struct Change {
    uint64_t key;  // CountKey::value
    int64_t change;
  };
  // Each key once, in the order in which they came.
  uint32_t size() const { return changes_.size(); }
  const Change& operator[](uint32_t number) const { return changes_[number]; }
  size_t memory_bytes() const { return changes_.memory_bytes() + numbers_.memory_bytes(); }
  void Clear();

 private:
  // Most transactions change few counts, which are looked through; of the others a map knows.
  static constexpr uint32_t kFewCount = 8;
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t NumberOf(uint64_t key) const;

  GrowingArray<Change> changes_;
  IncrementalMap<uint32_t> numbers_;  // of those behind the first few
};

// The counts of a shard as every reader at or above the horizon sees them: for each key the newest
// and, for each commit above the horizon that has changed it, what it was before. Owned by the
// shard's state. Threads: one.
class CountStore {
 public:
  CountStore() = default;
  CountStore(const CountStore&) = delete;
  CountStore& operator=(const CountStore&) = delete;

  // A part of a commit. REQUIRES: csns ascend.
  void Add(uint64_t key, int64_t change, Csn csn);
  // Of what is loaded, which has no older readers.
  void Load(CountKey key, int64_t change) { CounterOf(key.value())->newest += change; }

  // As a reader of the commits <= csn sees it, without what it has written itself. A binary search
  // among the commits above the horizon. REQUIRES: csn is not below the horizon.
  int64_t At(CountKey key, Csn csn) const;
  int64_t Newest(CountKey key) const;
  // Calls visit(key, count) for every key that has ever been counted, in no order to rely on.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (uint32_t i = 0; i < counters_.size(); ++i) {
      visit(CountKey(counters_[i].key), counters_[i].newest);
    }
  }

  // Drops what only readers below the horizon would need; a unit for each. False when units ran
  // out.
  bool Collect(Csn horizon, int64_t* units);
  // Takes back every commit > csn. REQUIRES: csn is not below the horizon.
  void RollbackTo(Csn csn);

  uint64_t record_bytes() const { return log_.size() * (sizeof(Logged) + sizeof(Version)); }
  uint64_t memory_bytes() const {
    return record_bytes() + counters_.memory_bytes() + numbers_.memory_bytes();
  }
  // CHECKs that the log and the versions tell the same. Slow.
  void CheckInvariants() const;

 private:
  // What a count was before a commit.
  struct Version {
    uint64_t csn;
    int64_t before;
  };
  struct Counter {
    uint64_t key = 0;
    int64_t newest = 0;
    std::unique_ptr<std::deque<Version>> versions;  // ascending csn; made when first needed
  };
  // Which counter a commit has changed, once for each.
  struct Logged {
    uint64_t csn;
    uint32_t number;
  };

  const Counter* FindCounter(uint64_t key) const;
  Counter* CounterOf(uint64_t key);

  GrowingArray<Counter> counters_;
  IncrementalMap<uint32_t> numbers_;  // key -> number in counters_
  std::deque<Logged> log_;            // ascending csn
};

}  // namespace tidemark::storage
