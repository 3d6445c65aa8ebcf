// SPDX-License-Identifier: Apache-2.0
// The small structures under the shard.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>
#include <vector>

#include "storage/adjacency/history_log.h"
#include "storage/memory/growing_array.h"
#include "storage/memory/growing_pages.h"
#include "storage/memory/incremental_map.h"
#include "storage/records/label_set.h"
#include "storage/records/record_table.h"

namespace tidemark::storage {
namespace {

TEST(GrowingPagesTest, EveryIndexHasItsOwnPlace) {
  PagePosition expected{0, 0};
  for (uint32_t index = 0; index < 50000; ++index) {
    const PagePosition at = PagePositionOf(index);
    ASSERT_EQ(at.page, expected.page) << index;
    ASSERT_EQ(at.offset, expected.offset) << index;
    ASSERT_EQ(PageFirstIndex(at.page), index - at.offset);
    if (++expected.offset == PageRecordCount(expected.page)) expected = {expected.page + 1, 0};
  }
  EXPECT_EQ(PageRecordCount(0), kMinPageRecordCount);
  EXPECT_EQ(PageRecordCount(1000), kMaxPageRecordCount);
  const PagePosition last = PagePositionOf(UINT32_MAX);
  EXPECT_EQ(PageFirstIndex(last.page) + last.offset, UINT32_MAX);
}

TEST(GrowingArrayTest, KeepsItsElements) {
  GrowingArray<uint32_t> array;
  for (uint32_t i = 0; i < 5000; ++i) array.push_back(i * 3);
  for (uint32_t i = 0; i < 5000; ++i) ASSERT_EQ(array[i], i * 3);
  const size_t full_bytes = array.memory_bytes();
  while (array.size() > 10) array.pop_back();
  EXPECT_EQ(array.back(), 27u);
  EXPECT_LT(array.memory_bytes(), full_bytes / 10);
  array.clear();
  EXPECT_EQ(array.memory_bytes(), 0u);
}

struct TestRecord {
  uint64_t value = 0;
};

TEST(RecordTableTest, PagesGoWhenNothingIsLeftInThem) {
  MemoryMeter meter;
  RecordTable<TestRecord> table;
  constexpr uint32_t kCount = 3000;
  for (uint32_t i = 1; i <= kCount; ++i) table.Acquire(i, &meter)->value = i;
  EXPECT_EQ(table.next(), kCount + 1);
  const uint64_t full_bytes = meter.used_bytes();
  for (uint32_t i = 1; i <= kCount; ++i) ASSERT_EQ(table.Find(i)->value, i);
  for (uint32_t i = 1; i < kCount; ++i) table.Release(i, &meter);
  EXPECT_LT(meter.used_bytes(), full_bytes / 2);
  EXPECT_EQ(table.Find(1), nullptr);
  EXPECT_EQ(table.Find(kCount)->value, kCount);
  EXPECT_EQ(table.used_count(), 1u);
  EXPECT_GT(table.SkipMissing(1), 1u);
  EXPECT_LE(table.SkipMissing(1), kCount);
  EXPECT_EQ(table.next(), kCount + 1);  // never reused
  table.Clear(&meter);
  EXPECT_EQ(meter.used_bytes(), 0u);
}

TEST(IncrementalMapTest, AgreesWithAnOrderedMap) {
  std::mt19937_64 random(7);
  IncrementalMap<uint32_t> map;
  std::map<uint64_t, uint32_t> expected;
  for (int i = 0; i < 60000; ++i) {
    const uint64_t key = random() % 9000 << 3;
    if (random() % 3 == 0) {
      ASSERT_EQ(map.Erase(key), expected.erase(key) != 0);
    } else {
      map[key] = static_cast<uint32_t>(i);
      expected[key] = static_cast<uint32_t>(i);
    }
  }
  ASSERT_EQ(map.size(), expected.size());
  for (uint64_t key = 0; key < 9000 << 3; ++key) {
    const auto it = expected.find(key);
    const uint32_t* found = map.Find(key);
    ASSERT_EQ(found != nullptr, it != expected.end()) << key;
    if (found != nullptr) {
      ASSERT_EQ(*found, it->second);
    }
  }
  EXPECT_GT(map.memory_bytes(), expected.size() * 16);
  EXPECT_LT(map.memory_bytes(), expected.size() * 80);
}

// Lengths of three groups at random commits, with both ends of the log moving.
TEST(HistoryLogTest, FindsTheLengthForEveryReader) {
  std::mt19937_64 random(3);
  HistoryLog log;
  struct Group {
    uint64_t link = HistoryLog::kNoLink;
    std::map<uint64_t, uint64_t> lengths;  // csn -> length before it
    uint64_t length = 0;
  };
  std::map<uint64_t, Group> groups;
  uint64_t csn = 0;
  uint64_t horizon = 0;
  for (int step = 0; step < 6000; ++step) {
    ++csn;
    for (uint64_t g = 1; g <= 3; ++g) {
      if (random() % g != 0) continue;
      Group& group = groups[g];
      group.link = log.Push({VertexId(g), TypeId(1), false}, Csn(csn), group.length, group.link);
      group.lengths[csn] = group.length;
      group.length += 1 + random() % 3;
    }
    if (random() % 50 == 0) horizon += random() % (csn - horizon + 1);
    while (!log.empty() && log.front().csn <= horizon) log.PopFront();
    if (random() % 200 == 0) {
      csn = horizon + random() % (csn - horizon + 1);
      while (!log.empty() && log.back().csn > csn) {
        Group& group = groups[log.back().key().vertex.value()];
        group.length = log.back().length;
        group.lengths.erase(log.back().csn);
        group.link = log.LinkBeforeBack();
        log.PopBack();
      }
    }
    const uint64_t reader = horizon + random() % (csn - horizon + 1);
    for (auto& [g, group] : groups) {
      const auto next = group.lengths.upper_bound(reader);
      const auto found = log.LengthAt(group.link, Csn(reader));
      ASSERT_EQ(found.has_value(), next != group.lengths.end());
      if (found.has_value()) {
        ASSERT_EQ(*found, next->second);
      }
    }
  }
  EXPECT_GT(horizon, 1000u);
}

TEST(LabelSetTableTest, SetsAreTheSameWhateverTheOrder) {
  LabelSetTable table;
  const std::vector<LabelId> some{LabelId(3), LabelId(1), LabelId(3)};
  const uint32_t set = *table.Find(some);
  EXPECT_EQ(table.labels(set), (std::vector<LabelId>{LabelId(1), LabelId(3)}));
  EXPECT_EQ(*table.With(*table.With(0, LabelId(3)), LabelId(1)), set);
  EXPECT_EQ(*table.With(set, LabelId(3)), set);
  EXPECT_EQ(*table.Without(*table.Without(set, LabelId(1)), LabelId(3)), 0u);
  EXPECT_EQ(*table.Without(set, LabelId(2)), set);
  EXPECT_TRUE(table.Contains(set, LabelId(3)));
  EXPECT_FALSE(table.Contains(set, LabelId(2)));
}

}  // namespace
}  // namespace tidemark::storage
