// SPDX-License-Identifier: Apache-2.0
// Hubs of several blocks that are merged, and go on to grow and to lose edges.
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

#include "storage/limits.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

// Two full blocks and a last one that is a quarter full.
constexpr size_t kDegree = 2 * kBlockEntryCount + kBlockEntryCount / 4;
// So many of the second block are deleted that the last one is merged into it.
constexpr size_t kDeletedCount = kBlockEntryCount - kBlockEntryCount / 16;
constexpr size_t kAddedCount = kBlockEntryCount / 8 + 1;

class HubTest : public ShardTest {
 protected:
  // Deletions in no order, so that the table learns where edges are.
  std::vector<EdgeId> MakeMergedHub() {
    const TxId tx = NextTx();
    hub_ = Vertex(Now(tx));
    leaf_ = Vertex(Now(tx));
    Commit(tx);
    std::vector<EdgeId> edges = Add(kDegree);
    std::vector<EdgeId> deleted(edges.begin() + kBlockEntryCount,
                                edges.begin() + kBlockEntryCount + kDeletedCount);
    std::mt19937 random(1);
    std::shuffle(deleted.begin(), deleted.end(), random);
    Delete(deleted);
    edges.erase(edges.begin() + kBlockEntryCount, edges.begin() + kBlockEntryCount + kDeletedCount);
    return edges;
  }
  std::vector<EdgeId> Add(size_t count) {
    const TxId tx = NextTx();
    std::vector<EdgeId> edges;
    for (size_t i = 0; i < count; ++i) edges.push_back(Edge(Now(tx), hub_, leaf_));
    Commit(tx);
    return edges;
  }
  void Delete(const std::vector<EdgeId>& edges) {
    const TxId tx = NextTx();
    for (const EdgeId edge : edges) ASSERT_TRUE(shard_->DeleteEdge(Now(tx), edge).ok());
    Commit(tx);
  }

  VertexId hub_;
  VertexId leaf_;
};

TEST_F(HubTest, EdgesBehindAMergedBlockAreFound) {
  MakeMergedHub();
  CollectAll();
  const std::vector<EdgeId> added = Add(kAddedCount);
  shard_->CheckInvariants();
  for (const EdgeId edge : {added[kAddedCount / 2], added.back(), added.front()}) {
    Delete({edge});
    EXPECT_FALSE(shard_->GetEdge(Now(), edge).has_value());
    shard_->CheckInvariants();
  }
  EXPECT_EQ(Expand(Now(), hub_, Direction::kOut).size(), kDegree - kDeletedCount + kAddedCount - 3);
}

// The bytes of such a log are the same whoever wrote them, so a log that could not be read once is
// read now.
TEST_F(HubTest, ALogWithAMergedBlockIsReplayed) {
  MakeMergedHub();
  CollectAll();
  const std::vector<EdgeId> added = Add(kAddedCount);
  const EdgeId deleted = added[kAddedCount / 2];
  const TxId tx = NextTx();
  ASSERT_TRUE(shard_->DeleteEdge(Now(tx), deleted).ok());
  log_.push_back(shard_->TakePendingMutations(tx));
  shard_->Abort(tx);
  Shard replayed(ShardLimits(), 1, NodeId(1));
  for (size_t i = 0; i < log_.size(); ++i) {
    const auto count = replayed.Replay(Csn(i + 1), log_[i]);
    ASSERT_TRUE(count.ok()) << "commit " << i + 1 << ": " << count.status();
  }
  replayed.FinishRecovery(Csn(log_.size()));
  replayed.CheckInvariants();
  EXPECT_FALSE(replayed.GetEdge({Csn(log_.size()), TxId(0)}, deleted).has_value());
  EXPECT_EQ(replayed.stats().edges, kDegree - kDeletedCount + kAddedCount - 1);
}

}  // namespace
}  // namespace tidemark::storage
