// SPDX-License-Identifier: Apache-2.0
// What grows by pieces, against what does not.
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <unordered_map>
#include <vector>

#include "query/functions/hash_index.h"
#include "query/functions/piece_vector.h"

namespace tidemark::query {
namespace {

TEST(PieceVectorTest, AgreesWithAVector) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 100; ++round) {
    PieceVector<int> pieces;
    std::vector<int> model;
    EXPECT_EQ(pieces.memory_bytes(), 0u);
    for (uint64_t step = random() % 30; step > 0; --step) {
      const size_t times = random() % 3 == 0 ? random() % 3000 : 1;
      const int value = static_cast<int>(random());
      pieces.Append(value, times);
      model.insert(model.end(), times, value);
      ASSERT_EQ(pieces.size(), model.size());
      ASSERT_EQ(pieces.empty(), model.empty());
      if (model.empty()) continue;
      const size_t changed = random() % model.size();
      pieces[changed] = model[changed] = static_cast<int>(random());
    }
    for (size_t i = 0; i < model.size(); ++i) ASSERT_EQ(pieces[i], model[i]) << i;
    ASSERT_EQ(pieces.ToVector(), model);
    EXPECT_GE(pieces.memory_bytes(), model.size() * sizeof(int));
    EXPECT_LE(pieces.memory_bytes(), (2 * model.size() + 2048) * sizeof(int));
  }
}

// Keys whose hashes are often the same, in numbers around those at which the table is divided.
TEST(HashIndexTest, AgreesWithAMap) {
  std::mt19937_64 random(6);
  for (int round = 0; round < 60; ++round) {
    const uint64_t spread = uint64_t{1} << random() % 16;
    const uint64_t hash_count = 1 + random() % (uint64_t{1} << (4 + random() % 14));
    HashIndex index;
    std::vector<uint64_t> keys;
    std::unordered_map<uint64_t, uint32_t> model;
    for (uint64_t step = random() % (hash_count < 100 ? 500 : 20'000); step > 0; --step) {
      const uint64_t key = random() % spread;
      const uint64_t hash = key % hash_count * 0x9e3779b97f4a7c15;
      const std::optional<uint32_t> found =
          index.FindOrAdd(hash, [&](uint32_t number) { return keys[number] == key; });
      const auto known = model.find(key);
      ASSERT_EQ(found.has_value(), known != model.end());
      if (found.has_value()) {
        ASSERT_EQ(*found, known->second);
      } else {
        model[key] = static_cast<uint32_t>(keys.size());
        keys.push_back(key);
      }
      ASSERT_EQ(index.size(), keys.size());
    }
  }
}

}  // namespace
}  // namespace tidemark::query
