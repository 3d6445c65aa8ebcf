// SPDX-License-Identifier: Apache-2.0
#include "storage/index/label_index.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "base/ids.h"

namespace tidemark::storage {
namespace {

std::vector<uint64_t> ScanAll(const LabelIndex& index, uint32_t class_id, size_t step) {
  std::vector<uint64_t> all;
  uint64_t first = 0;
  while (true) {
    const size_t before = all.size();
    const bool more = index.Scan(class_id, first, step, &all);
    EXPECT_LE(all.size() - before, step);
    if (!more) return all;
    EXPECT_GT(all.size(), before);
    first = all.back() + 1;
  }
}

TEST(LabelIndexTest, KeepsClassesApart) {
  LabelIndex index;
  EXPECT_TRUE(index.Insert(1, 10));
  EXPECT_FALSE(index.Insert(1, 10));
  EXPECT_TRUE(index.Insert(2, 11));
  EXPECT_TRUE(index.Contains(1, 10));
  EXPECT_FALSE(index.Contains(2, 10));
  EXPECT_FALSE(index.Contains(3, 10));
  EXPECT_EQ(index.Count(1), 1u);
  EXPECT_EQ(index.Count(3), 0u);
  EXPECT_FALSE(index.Erase(2, 10));
  EXPECT_TRUE(index.Erase(1, 10));
  EXPECT_FALSE(index.Erase(1, 10));
  EXPECT_TRUE(index.Erase(2, 11));
  EXPECT_EQ(index.memory_bytes(), 0u);
  index.CheckInvariants();
}

TEST(LabelIndexTest, DenseIdsCostAboutABit) {
  LabelIndex index;
  constexpr uint64_t kCount = 1 << 18;
  for (uint64_t i = 1; i <= kCount; ++i) {
    index.Insert(1, VertexId(SlotId(static_cast<uint16_t>(i % 4)), 1 + i / 4).value());
  }
  EXPECT_EQ(index.Count(1), kCount);
  EXPECT_LT(index.memory_bytes(), kCount / 2);
  EXPECT_EQ(ScanAll(index, 1, 1000).size(), kCount);
  index.CheckInvariants();
}

TEST(LabelIndexTest, AScanGoesOnAcrossChanges) {
  LabelIndex index;
  for (uint64_t id = 0; id < 10000; id += 2) index.Insert(1, id);
  std::vector<uint64_t> seen;
  ASSERT_TRUE(index.Scan(1, 0, 100, &seen));
  const uint64_t next = seen.back() + 1;
  for (uint64_t id = 0; id < 400; id += 2) index.Erase(1, id);  // what it stood on is gone
  index.Insert(1, 401);
  seen.clear();
  ASSERT_TRUE(index.Scan(1, next, 3, &seen));
  EXPECT_EQ(seen, (std::vector<uint64_t>{400, 401, 402}));
  seen.clear();
  EXPECT_FALSE(index.Scan(1, 10000, 5, &seen));
  EXPECT_TRUE(seen.empty());
}

TEST(LabelIndexTest, AgreesWithAModel) {
  std::mt19937_64 random(7);
  LabelIndex index;
  std::map<uint32_t, std::set<uint64_t>> model;
  // Phases of mostly inserts and mostly erases cross the array and bitmap forms both ways.
  for (int step = 0; step < 200000; ++step) {
    const auto class_id = static_cast<uint32_t>(random() % 3);
    const uint64_t base = (random() % 4 == 0 ? uint64_t{4095} << 32 : 0) + (random() % 2 << 14);
    const uint64_t id = base + random() % (class_id == 0 ? 100000 : 1500);
    const bool mostly_insert = step / 20000 % 2 == 0;
    if ((random() % 8 == 0) != mostly_insert) {
      EXPECT_EQ(index.Insert(class_id, id), model[class_id].insert(id).second);
    } else {
      EXPECT_EQ(index.Erase(class_id, id), model[class_id].erase(id) == 1);
    }
    EXPECT_TRUE(step % 1000 != 0 ||
                ScanAll(index, class_id, 1 + random() % 300) ==
                    std::vector<uint64_t>(model[class_id].begin(), model[class_id].end()));
    if (step % 5000 == 0) index.CheckInvariants();
  }
  for (const auto& [class_id, ids] : model) {
    EXPECT_EQ(index.Count(class_id), ids.size());
    for (uint64_t id : ids) EXPECT_TRUE(index.Contains(class_id, id));
  }
  index.Clear();
  index.CheckInvariants();
  EXPECT_EQ(index.memory_bytes(), 0u);
}

}  // namespace
}  // namespace tidemark::storage
