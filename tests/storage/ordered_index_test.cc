// SPDX-License-Identifier: Apache-2.0
#include "storage/index/ordered_index.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace tidemark::storage {
namespace {

using Entry = std::pair<std::string, uint64_t>;

std::vector<Entry> Range(const OrderedIndex& index, const Entry& first, size_t max_count) {
  std::vector<Entry> out;
  for (auto it = index.LowerBound(first.first, first.second); it.valid() && out.size() < max_count;
       it.Next()) {
    out.emplace_back(it.key(), it.id());
  }
  return out;
}

std::string BigEndian(uint64_t value) {
  std::string key;
  for (int shift = 56; shift >= 0; shift -= 8) key.push_back(static_cast<char>(value >> shift));
  return key;
}

TEST(OrderedIndexTest, OrdersByKeyThenId) {
  OrderedIndex index;
  EXPECT_FALSE(index.LowerBound("").valid());
  EXPECT_FALSE(index.Erase("a", 1));
  EXPECT_TRUE(index.Insert("b", 2));
  EXPECT_TRUE(index.Insert("b", 1));
  EXPECT_FALSE(index.Insert("b", 1));
  EXPECT_TRUE(index.Insert("ba", 0));
  EXPECT_TRUE(index.Insert("", 9));
  EXPECT_TRUE(index.Insert(std::string("b\0", 2), 3));
  const std::vector<Entry> all = {
      {"", 9}, {"b", 1}, {"b", 2}, {std::string("b\0", 2), 3}, {"ba", 0}};
  EXPECT_EQ(Range(index, {"", 0}, 10), all);
  EXPECT_EQ(Range(index, {"b", 2}, 1), std::vector<Entry>({{"b", 2}}));
  EXPECT_EQ(Range(index, {"b", 3}, 1), std::vector<Entry>({{std::string("b\0", 2), 3}}));
  EXPECT_FALSE(index.LowerBound("bb").valid());
  EXPECT_TRUE(index.Erase("b", 1));
  EXPECT_FALSE(index.Erase("b", 1));
  EXPECT_EQ(index.size(), 4u);
  index.CheckInvariants();
}

TEST(OrderedIndexTest, AscendingIntegersAreCompact) {
  OrderedIndex index;
  constexpr uint64_t kCount = 200000;
  for (uint64_t i = 0; i < kCount; ++i) index.Insert(BigEndian(i), i << 20);
  index.CheckInvariants();
#ifndef TIDEMARK_TINY_LIMITS
  EXPECT_LT(index.memory_bytes(), kCount * 12);
#endif
  const uint64_t full_bytes = index.memory_bytes();
  for (uint64_t i = 0; i < kCount; ++i) {
    EXPECT_TRUE(i % 16 == 0 || index.Erase(BigEndian(i), i << 20));
  }
  index.CheckInvariants();
  EXPECT_LT(index.memory_bytes(), full_bytes / 4);  // memory goes back
  int64_t units = 1000;
  EXPECT_FALSE(index.ClearSome(&units));
  EXPECT_EQ(index.size(), kCount / 16 - 1000);
  units = kCount;
  EXPECT_TRUE(index.ClearSome(&units));
  index.CheckInvariants();
}

TEST(OrderedIndexTest, HoldsTheLongestKeysAndALongCommonPrefix) {
  OrderedIndex index;
  std::set<Entry> model;
  const std::string longest(OrderedIndex::kMaxOrderedKeyBytes, 'x');
  for (uint64_t i = 0; i < 300; ++i) {
    std::string key = longest.substr(0, longest.size() - i % 7);
    key[key.size() - 1 - i % 3] = static_cast<char>('a' + i % 26);
    EXPECT_EQ(index.Insert(key, i), model.emplace(key, i).second);
  }
  for (uint64_t i = 0; i < 300; ++i) {  // the prefix shrinks
    const std::string key = longest.substr(0, i % 100);
    EXPECT_EQ(index.Insert(key, i), model.emplace(key, i).second);
  }
  index.CheckInvariants();
  EXPECT_EQ(Range(index, {"", 0}, 1000), std::vector<Entry>(model.begin(), model.end()));
  for (const auto& [key, id] : model) EXPECT_TRUE(index.Erase(key, id));
  EXPECT_EQ(index.size(), 0u);
  index.CheckInvariants();
}

std::string RandomKey(std::mt19937_64* random) {
  switch ((*random)() % 3) {
    case 0:
      return BigEndian((*random)() % 5000);
    case 1:
      return "name:" + std::to_string((*random)() % 300);
    default:
      return std::string((*random)() % 90, static_cast<char>('a' + (*random)() % 2));
  }
}

TEST(OrderedIndexTest, AgreesWithAModel) {
  std::mt19937_64 random(11);
  OrderedIndex index;
  std::set<Entry> model;
  for (int step = 0; step < 150000; ++step) {
    const Entry entry{RandomKey(&random), random() % 20 << (random() % 2 * 40)};
    const bool mostly_insert = step / 25000 % 2 == 0;
    if ((random() % 5 == 0) != mostly_insert) {
      EXPECT_EQ(index.Insert(entry.first, entry.second), model.insert(entry).second);
    } else if (const auto it = model.lower_bound(entry); random() % 2 == 0 && it != model.end()) {
      const Entry victim = *it;
      EXPECT_TRUE(index.Erase(victim.first, victim.second));
      model.erase(it);
    } else {
      EXPECT_EQ(index.Erase(entry.first, entry.second), model.erase(entry) == 1);
    }
    EXPECT_EQ(index.size(), model.size());
    if (step % 100 == 0) {
      auto it = model.lower_bound(entry);
      for (const Entry& found : Range(index, entry, 40)) {
        ASSERT_TRUE(it != model.end());
        ASSERT_EQ(found, *it++);
      }
      it = model.lower_bound({entry.first, 0});
      const bool held = it != model.end() && it->first == entry.first;
      EXPECT_EQ(index.FirstId(entry.first),
                held ? std::optional<uint64_t>(it->second) : std::nullopt);
    }
    if (step % 5000 == 0) index.CheckInvariants();
  }
  EXPECT_EQ(Range(index, {"", 0}, model.size() + 1),
            std::vector<Entry>(model.begin(), model.end()));
}

}  // namespace
}  // namespace tidemark::storage
