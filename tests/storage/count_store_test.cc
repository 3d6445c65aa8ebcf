// SPDX-License-Identifier: Apache-2.0
#include "storage/records/count_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <random>
#include <set>
#include <vector>

namespace tidemark::storage {
namespace {

constexpr int64_t kUnlimited = std::numeric_limits<int64_t>::max();

std::vector<CountKey> Keys() {
  std::vector<CountKey> keys = {CountKey::AllVertices(), CountKey::AllEdges()};
  for (uint32_t id = 1; id <= 10; ++id) {
    keys.push_back(CountKey::Of(LabelId(id)));
    keys.push_back(CountKey::Of(TypeId(id)));
  }
  return keys;
}

// What every reader sees, by csn: all counts after each commit.
using Counts = std::map<uint64_t, int64_t>;

// Commits, collections and rollbacks at random, beside a copy of all counts after each commit.
TEST(CountStoreTest, EveryReaderAboveTheHorizonSeesItsCounts) {
  std::mt19937_64 random(11);
  const std::vector<CountKey> keys = Keys();
  CountStore store;
  std::map<uint64_t, Counts> states = {{0, {}}};
  uint64_t horizon = 0;
  for (int step = 0; step < 20000; ++step) {
    const uint64_t newest = states.rbegin()->first;
    if (random() % 100 == 0) {
      const uint64_t csn = horizon + random() % (newest - horizon + 1);
      store.RollbackTo(Csn(csn));
      states.erase(states.upper_bound(csn), states.end());
    } else {
      const uint64_t csn = newest + 1;
      Counts& counts = states[csn] = states.rbegin()->second;
      for (uint64_t i = random() % 4; i > 0; --i) {
        const CountKey key = keys[random() % keys.size()];
        const int64_t least = -counts[key.value()];
        const int64_t change = std::max(least, static_cast<int64_t>(random() % 7) - 3);
        store.Add(key.value(), change, Csn(csn));
        counts[key.value()] += change;
      }
    }
    if (random() % 30 == 0) {
      horizon += random() % (states.rbegin()->first - horizon + 1);
      int64_t units = random() % 2 == 0 ? kUnlimited : static_cast<int64_t>(random() % 20);
      store.Collect(Csn(horizon), &units);
      states.erase(states.begin(), states.lower_bound(horizon));
    }
    const auto reader = std::next(states.begin(), static_cast<int64_t>(random() % states.size()));
    for (const CountKey key : keys) {
      const auto wanted = reader->second.find(key.value());
      ASSERT_EQ(store.At(key, Csn(reader->first)),
                wanted == reader->second.end() ? 0 : wanted->second)
          << "key " << key.value() << " at csn " << reader->first << ", step " << step;
      ASSERT_EQ(store.Newest(key), store.At(key, Csn(states.rbegin()->first)));
    }
    if (step % 100 == 0) store.CheckInvariants();
  }
  EXPECT_GT(horizon, 1000u);
  int64_t units = kUnlimited;
  EXPECT_TRUE(store.Collect(Csn(states.rbegin()->first), &units));
  EXPECT_EQ(store.record_bytes(), 0u);
}

TEST(CountStoreTest, CollectsAsManyAsItHasUnits) {
  CountStore store;
  for (uint64_t csn = 1; csn <= 10; ++csn) store.Add(1, 1, Csn(csn));
  int64_t units = 4;
  EXPECT_FALSE(store.Collect(Csn(8), &units));
  units = 4;
  EXPECT_TRUE(store.Collect(Csn(8), &units));
  EXPECT_EQ(store.At(CountKey(1), Csn(8)), 8);
  EXPECT_EQ(store.At(CountKey(1), Csn(9)), 9);
}

TEST(CountStoreTest, WhatIsLoadedEverybodySees) {
  CountStore store;
  store.Load(CountKey::AllEdges(), 5);
  store.Load(CountKey::AllEdges(), -2);
  EXPECT_EQ(store.At(CountKey::AllEdges(), Csn()), 3);
  EXPECT_EQ(store.record_bytes(), 0u);
}

// More keys than are looked through one by one.
TEST(CountChangesTest, AddsUpByKey) {
  std::mt19937_64 random(5);
  CountChanges changes;
  std::map<uint64_t, int64_t> wanted;
  for (int step = 0; step < 2000; ++step) {
    const CountKey key = CountKey::Of(LabelId(static_cast<uint32_t>(1 + random() % 50)));
    const int64_t change = static_cast<int64_t>(random() % 5) - 2;
    changes.Add(key, change);
    wanted[key.value()] += change;
    ASSERT_EQ(changes.Of(key), wanted[key.value()]);
    ASSERT_EQ(changes.size(), wanted.size());
  }
  std::set<uint64_t> seen;
  for (uint32_t i = 0; i < changes.size(); ++i) {
    EXPECT_TRUE(seen.insert(changes[i].key).second);
    EXPECT_EQ(changes[i].change, wanted[changes[i].key]);
  }
  EXPECT_EQ(changes.Of(CountKey::Of(LabelId(99))), 0);
  changes.Clear();
  EXPECT_EQ(changes.size(), 0u);
  EXPECT_EQ(changes.Of(CountKey::Of(LabelId(1))), 0);
}

}  // namespace
}  // namespace tidemark::storage
