// SPDX-License-Identifier: Apache-2.0
#include "worker/graph_counts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "base/check.h"

namespace tidemark::worker {
namespace {

// Label i has one vertex, label 7 has three.
void AddLabels(uint32_t count, storage::Shard* shard) {
  const storage::View view{Csn(0), TxId(1)};
  const auto add = [&](uint32_t label) {
    const std::vector<LabelId> labels = {LabelId(label)};
    CHECK(shard->CreateVertex(view, {std::nullopt, labels, ""}, nullptr).ok());
  };
  for (uint32_t label = 1; label <= count; ++label) add(label);
  add(7);
  add(7);
  shard->TakePendingMutations(TxId(1));
  shard->Commit(TxId(1), Csn(1));
  int64_t units = std::numeric_limits<int64_t>::max();
  CHECK(shard->ApplySome(&units));
}

uint64_t CountOf(const wire::GraphCounts& counts, uint32_t label) {
  const auto found = std::find(counts.labels().begin(), counts.labels().end(), label);
  if (found == counts.labels().end()) return 0;
  return counts.label_counts(static_cast<int>(found - counts.labels().begin()));
}

TEST(GraphCountsTest, NameWhatThereIsOfEachLabel) {
  storage::Shard shard(storage::ShardLimits(), 1, NodeId(1));
  AddLabels(10, &shard);
  wire::GraphCounts counts;
  FillGraphCounts(shard, &counts);
  EXPECT_EQ(counts.vertices(), 12u);
  EXPECT_EQ(counts.edges(), 0u);
  EXPECT_EQ(counts.labels_size(), 10);
  EXPECT_EQ(counts.label_counts_size(), 10);
  EXPECT_EQ(CountOf(counts, 7), 3u);
  EXPECT_EQ(CountOf(counts, 8), 1u);
  EXPECT_EQ(counts.types_size(), 0);
  EXPECT_FALSE(counts.is_cut());
}

TEST(GraphCountsTest, OfTooManyLabelsTheLargestAreNamed) {
  storage::Shard shard(storage::ShardLimits(), 1, NodeId(1));
  AddLabels(kMaxToldCounts + 5, &shard);
  wire::GraphCounts counts;
  FillGraphCounts(shard, &counts);
  EXPECT_EQ(counts.labels_size(), static_cast<int>(kMaxToldCounts));
  EXPECT_EQ(CountOf(counts, 7), 3u);
  EXPECT_TRUE(counts.is_cut());
}

}  // namespace
}  // namespace tidemark::worker
