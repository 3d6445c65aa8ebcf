// SPDX-License-Identifier: Apache-2.0
#include "bench/bolt_graph.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>
#include <vector>

#include "graph/value_order.h"

namespace tidemark::bench {
namespace {

constexpr BoltGraphShape kShape = {.vertices = 1'000, .edges = 12'000, .seed = 7};

// How many of the edges begin, or end, at the tenth of the vertices that has most of them.
int64_t EdgesOfTopTenth(bool outgoing) {
  std::vector<int64_t> degrees(kShape.vertices);
  for (const auto& [from, to] : MakeBoltEdges(kShape)) {
    ++degrees[static_cast<size_t>((outgoing ? from : to) - 1)];
  }
  std::sort(degrees.begin(), degrees.end(), std::greater<>());
  int64_t sum = 0;
  for (size_t i = 0; i < degrees.size() / 10; ++i) sum += degrees[i];
  return sum;
}

TEST(BoltGraph, HasEachEdgeOnce) {
  const auto edges = MakeBoltEdges(kShape);
  ASSERT_EQ(edges.size(), 12'000u);
  EXPECT_EQ(std::set(edges.begin(), edges.end()).size(), edges.size());
  for (const auto& [from, to] : edges) {
    EXPECT_NE(from, to);
    EXPECT_TRUE(from >= 1 && from <= kShape.vertices) << from;
    EXPECT_TRUE(to >= 1 && to <= kShape.vertices) << to;
  }
}

TEST(BoltGraph, IsTheSameForTheSameSeed) {
  EXPECT_EQ(MakeBoltEdges(kShape), MakeBoltEdges(kShape));
  BoltGraphShape other = kShape;
  other.seed = 8;
  EXPECT_NE(MakeBoltEdges(kShape), MakeBoltEdges(other));
}

// Were all vertices equal, a tenth of them had a tenth of the edges. Pokec's has about a third.
TEST(BoltGraph, GivesMostEdgesToFewVertices) {
  for (const bool outgoing : {false, true}) {
    const int64_t edges = EdgesOfTopTenth(outgoing);
    EXPECT_TRUE(edges > 2'800 && edges < 4'500) << edges;
  }
}

TEST(BoltGraph, GivesUsersTheirProperties) {
  std::set<int64_t> ages;
  std::set<std::string_view> genders;
  for (int64_t id = 1; id <= 200; ++id) {
    const graph::Value user = UserOf(kShape, id);
    EXPECT_TRUE(graph::Equivalent(user, UserOf(kShape, id)));
    EXPECT_EQ(user.map().size(), 6u);
    EXPECT_EQ(user.Get("id").integer(), id);
    EXPECT_EQ(user.Get("balance").integer(), kStartBalance);
    ages.insert(user.Get("age").integer());
    genders.insert(user.Get("gender").string() == "man" ? "man" : "woman");
  }
  EXPECT_GT(ages.size(), 20u);
  EXPECT_EQ(genders.size(), 2u);
}

}  // namespace
}  // namespace tidemark::bench
