// SPDX-License-Identifier: Apache-2.0
#include "base/split_table.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"

namespace tidemark {
namespace {

using Map = SplitTable<absl::flat_hash_map<uint64_t, std::string>>;
using Set = SplitTable<absl::flat_hash_set<uint64_t>>;

void ExpectSame(const Map& map, const std::map<uint64_t, std::string>& model) {
  ASSERT_EQ(map.size(), model.size());
  std::map<uint64_t, std::string> entries;
  map.ForEach([&](const auto& entry) { ASSERT_TRUE(entries.insert(entry).second); });
  ASSERT_EQ(entries, model);
}

TEST(SplitTableTest, IsWhatAMapIsBeforeAndAfterItIsSplit) {
  std::mt19937_64 random(1);
  for (const size_t count : {size_t{10}, Map::kMaxWholeSize, 3 * Map::kMaxWholeSize}) {
    Map map;
    std::map<uint64_t, std::string> model;
    for (size_t i = 0; i < 3 * count; ++i) {
      const uint64_t key = random() % (2 * count) << (random() % 2 * 40);
      const std::string value = std::to_string(random());
      map[key] = value;
      model[key] = value;
      const uint64_t other = random() % (2 * count);
      ASSERT_EQ(map.contains(other), model.contains(other));
      const std::string* const found = map.Find(other);
      ASSERT_EQ(found != nullptr, model.contains(other));
      if (found != nullptr) {
        ASSERT_EQ(*found, model.at(other));
      }
    }
    ExpectSame(map, model);
    map.clear();
    ExpectSame(map, {});
    map[7] = "seven";
    ExpectSame(map, {{7, "seven"}});
  }
}

TEST(SplitTableTest, IsWhatASetIs) {
  std::mt19937_64 random(2);
  Set set;
  std::set<uint64_t> model;
  for (size_t i = 0; i < 4 * Set::kMaxWholeSize; ++i) {
    const uint64_t key = random() % (3 * Set::kMaxWholeSize);
    ASSERT_EQ(set.insert(key), model.insert(key).second);
    ASSERT_TRUE(set.contains(key));
  }
  EXPECT_EQ(set.size(), model.size());
}

}  // namespace
}  // namespace tidemark
