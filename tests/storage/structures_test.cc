// SPDX-License-Identifier: Apache-2.0
// The small structures under the shard.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "graph/mutation.h"
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

// One group as it should be: what each commit has appended, by ascending sequence.
struct GrowingGroup {
  struct Entry {
    uint64_t csn;
    uint32_t sequence;
  };
  uint64_t link = HistoryLog::kNoLink;
  std::map<uint64_t, uint64_t> lengths;  // csn -> length before it
  std::vector<Entry> entries;

  void Append(HistoryLog* log, uint64_t g, uint64_t csn, const std::vector<uint32_t>& sequences) {
    link = log->Push({VertexId(g), TypeId(1), false},
                     {Csn(csn), entries.size(), entries.empty() ? 0 : entries.back().sequence,
                      sequences.front()},
                     link);
    lengths[csn] = entries.size();
    for (const uint32_t sequence : sequences) entries.push_back({csn, sequence});
  }
  void TakeBack(HistoryLog* log) {
    entries.resize(log->back().length);
    lengths.erase(log->back().csn);
    link = log->LinkBeforeBack();
    log->PopBack();
  }
  void CheckLength(const HistoryLog& log, uint64_t reader) const {
    const auto next = lengths.upper_bound(reader);
    const auto found = log.LengthAt(link, Csn(reader));
    ASSERT_EQ(found.has_value(), next != lengths.end());
    if (found.has_value()) {
      ASSERT_EQ(*found, next->second);
    }
  }
  // The search meets the entry of `sequence` if it is newer, in a piece of one commit.
  void CheckSearch(const HistoryLog& log, uint64_t reader, uint32_t sequence) const {
    const bool newer = std::any_of(entries.begin(), entries.end(), [&](const Entry& entry) {
      return entry.csn > reader && entry.sequence == sequence;
    });
    const bool found =
        log.SearchNewer(link, Csn(reader), sequence, [&](uint64_t first, uint64_t count) {
          const uint64_t end = std::min<uint64_t>(entries.size() - first, count) + first;
          EXPECT_LT(first, end);
          EXPECT_GT(entries[first].csn, reader);
          EXPECT_EQ(entries[first].csn, entries[end - 1].csn);
          return std::any_of(entries.begin() + static_cast<ptrdiff_t>(first),
                             entries.begin() + static_cast<ptrdiff_t>(end),
                             [&](const Entry& entry) { return entry.sequence == sequence; });
        });
    ASSERT_EQ(found, newer) << "sequence " << sequence << " at " << reader;
  }
};

// Three groups grow at random commits, with both ends of the log moving. Sequences are given to
// transactions as they come, which then commit in another order.
TEST(HistoryLogTest, AgreesWithTheGroupsForEveryReader) {
  std::mt19937_64 random(3);
  HistoryLog log;
  std::map<uint64_t, GrowingGroup> groups;
  std::deque<std::vector<uint32_t>> waiting;
  uint32_t next_sequence = 1;
  uint64_t csn = 0;
  uint64_t horizon = 0;
  for (int step = 0; step < 6000; ++step) {
    ++csn;
    for (uint64_t g = 1; g <= 3; ++g) {
      if (random() % g != 0) continue;
      std::vector<uint32_t>& given = waiting.emplace_back();
      for (uint64_t i = 1 + random() % 3; i > 0; --i) given.push_back(next_sequence++);
      const size_t at = random() % 3 == 0 ? 0 : waiting.size() - 1;
      if (waiting.size() < 5 && random() % 4 == 0) continue;
      groups[g].Append(&log, g, csn, waiting[at]);
      waiting.erase(waiting.begin() + static_cast<ptrdiff_t>(at));
    }
    if (random() % 50 == 0) horizon += random() % (csn - horizon + 1);
    while (!log.empty() && log.front().csn <= horizon) log.PopFront();
    if (random() % 200 == 0) {
      csn = horizon + random() % (csn - horizon + 1);
      while (!log.empty() && log.back().csn > csn) {
        groups[log.back().key().vertex.value()].TakeBack(&log);
      }
    }
    const uint64_t reader = horizon + random() % (csn - horizon + 1);
    for (auto& [g, group] : groups) {
      group.CheckLength(log, reader);
      if (group.entries.empty()) continue;
      const size_t recent = std::min<size_t>(group.entries.size(), 1 + random() % 300);
      group.CheckSearch(log, reader,
                        group.entries[group.entries.size() - 1 - random() % recent].sequence);
      group.CheckSearch(log, reader, static_cast<uint32_t>(random() % next_sequence));
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

TEST(LabelSetTableTest, AVertexHasSoManyLabelsAtMost) {
  LabelSetTable table;
  std::vector<LabelId> labels;
  for (uint32_t i = 1; i <= graph::kMaxLabelCount; ++i) labels.push_back(LabelId(i));
  const uint32_t set = *table.Find(labels);
  EXPECT_EQ(*table.With(set, LabelId(1)), set);
  const LabelId one_more(graph::kMaxLabelCount + 1);
  EXPECT_EQ(table.With(set, one_more).status().message(), "a vertex has at most 1000 labels");
  labels.push_back(one_more);
  EXPECT_EQ(table.Find(labels).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(table.With(*table.Without(set, LabelId(1)), one_more).ok());
}

}  // namespace
}  // namespace tidemark::storage
