// SPDX-License-Identifier: Apache-2.0
#include "base/lru_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <random>
#include <string>
#include <utility>

namespace tidemark {
namespace {

TEST(LruCacheTest, KeepsWhatWasUsedLast) {
  LruCache<int> cache(2, 1000);
  cache.Put("a", 1, 10);
  cache.Put("b", 2, 10);
  ASSERT_NE(cache.Find("a"), nullptr);
  cache.Put("c", 3, 10);
  EXPECT_EQ(cache.Find("b"), nullptr);
  EXPECT_EQ(*cache.Find("a"), 1);
  EXPECT_EQ(*cache.Find("c"), 3);
}

TEST(LruCacheTest, AValueThatIsTooLargeIsNotKeptAndTakesTheOldOneAway) {
  LruCache<int> cache(10, 100);
  cache.Put("a", 1, 10);
  cache.Put("b", 2, 10);
  cache.Put("a", 3, 100);
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_EQ(*cache.Find("b"), 2);
  EXPECT_EQ(cache.bytes(), 11u);
}

TEST(LruCacheTest, AgreesWithAPlainList) {
  constexpr size_t kMaxCount = 8;
  constexpr size_t kMaxBytes = 60;
  std::mt19937 random(1);
  LruCache<int> cache(kMaxCount, kMaxBytes);
  std::list<std::pair<std::string, std::pair<int, size_t>>> model;  // the one used last first
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::to_string(random() % 20);
    const auto found = std::find_if(model.begin(), model.end(),
                                    [&](const auto& entry) { return entry.first == key; });
    if (random() % 2 == 0) {
      const int* const value = cache.Find(key);
      ASSERT_EQ(value != nullptr, found != model.end());
      if (value == nullptr) continue;
      ASSERT_EQ(*value, found->second.first);
      model.splice(model.begin(), model, found);
      continue;
    }
    const size_t bytes = random() % 70;
    cache.Put(key, i, bytes);
    if (found != model.end()) model.erase(found);
    model.push_front({key, {i, bytes + key.size()}});
    if (bytes + key.size() > kMaxBytes) model.pop_front();
    size_t sum = 0;
    for (const auto& entry : model) sum += entry.second.second;
    while (model.size() > kMaxCount || sum > kMaxBytes) {
      sum -= model.back().second.second;
      model.pop_back();
    }
    ASSERT_EQ(cache.size(), model.size());
    ASSERT_EQ(cache.bytes(), sum);
  }
}

}  // namespace
}  // namespace tidemark
