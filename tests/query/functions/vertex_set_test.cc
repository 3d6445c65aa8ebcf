// SPDX-License-Identifier: Apache-2.0
#include "query/functions/vertex_set.h"

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <vector>

namespace tidemark::query {
namespace {

VertexId Id(uint64_t slot, uint64_t sequence) {
  return VertexId(SlotId(static_cast<uint16_t>(slot)), static_cast<uint32_t>(sequence));
}

// Sets of all sizes, dense and scattered, against std::set.
TEST(VertexSetTest, AgreesWithASet) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    const uint64_t slots = 1 + random() % 40;
    const uint64_t sequences = uint64_t{1} << (1 + random() % 31);
    const size_t count = random() % (random() % 4 == 0 ? 9000 : 2500);
    VertexSet set;
    std::set<VertexId> model;
    const size_t bytes = set.memory_bytes();
    for (size_t i = 0; i < count; ++i) {
      const VertexId vertex = Id(random() % slots, 1 + random() % sequences);
      ASSERT_EQ(set.Insert(vertex), model.insert(vertex).second) << vertex;
      ASSERT_EQ(set.size(), model.size());
    }
    EXPECT_TRUE(count < 20 || set.memory_bytes() > bytes);
    std::set<VertexId> found;
    set.ForEach([&](VertexId vertex) { EXPECT_TRUE(found.insert(vertex).second); });
    ASSERT_EQ(found, model);
  }
}

// As many at once as there happen to be, some of them twice, between single ones.
TEST(VertexSetTest, ManyAtOnceAreAsManyOneByOne) {
  std::mt19937_64 random(4);
  for (int round = 0; round < 200; ++round) {
    const uint64_t slots = 1 + random() % 20;
    const uint64_t sequences = uint64_t{1} << (1 + random() % 20);
    const auto draw = [&] { return Id(random() % slots, 1 + random() % sequences); };
    VertexSet set;
    std::set<VertexId> model;
    for (int step = 0; step < 6; ++step) {
      std::vector<uint64_t> ids;
      for (size_t left = random() % 1025; left > 0; --left) {
        ids.push_back(draw().value());
        model.insert(VertexId(ids.back()));
      }
      set.InsertAll(ids);
      ASSERT_EQ(set.size(), model.size());
      const VertexId one = draw();
      ASSERT_EQ(set.Insert(one), model.insert(one).second) << one;
    }
    std::set<VertexId> found;
    set.ForEach([&](VertexId vertex) { EXPECT_TRUE(found.insert(vertex).second); });
    ASSERT_EQ(found, model);
  }
}

}  // namespace
}  // namespace tidemark::query
