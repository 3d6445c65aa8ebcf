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

// Two transactions search the same hub in turns; neither loses its place.
TEST_F(HubTest, SearchesOfSeveralTransactionsGoOnSideBySide) {
  constexpr size_t kBlockCount = 40;
  constexpr int64_t kSliceUnits = 20;
  MakeMergedHub();
  const std::vector<EdgeId> edges = Add(kBlockCount * kBlockEntryCount);
  const TxId first = NextTx();
  const TxId second = NextTx();
  const View view = Now(first);
  ASSERT_TRUE(shard_->DeleteEdge(view, edges[1]).ok());
  ASSERT_TRUE(shard_->DeleteEdge(Now(second), edges[0]).ok());
  bool done = false;
  for (size_t slice_count = 0; !done; ++slice_count) {
    ASSERT_LT(slice_count, 2 * kBlockCount * kBlockEntryCount);
    done = true;
    for (const TxId tx : {first, second}) {
      int64_t units = kSliceUnits;
      done = shard_->FindDeletedEdges(tx, &units).value() && done;
    }
  }
  Commit(second);
  Commit(first);
  shard_->CheckInvariants();
  EXPECT_EQ(Expand(Now(), hub_, Direction::kOut).size() + 2,
            Expand({view.read_csn, TxId(0)}, hub_, Direction::kOut).size());
}

// What was found moves to another block before it is deleted.
TEST_F(HubTest, AnEntryMayMoveBetweenItsSearchAndTheCommit) {
  const EdgeId edge = MakeMergedHub().back();
  const TxId tx = NextTx();
  ASSERT_TRUE(shard_->DeleteEdge(Now(tx), edge).ok());
  FindDeleted(tx);
  CollectAll();
  Commit(tx);
  EXPECT_FALSE(shard_->GetEdge(Now(), edge).has_value());
  shard_->CheckInvariants();
}

// Such a deletion must not get into the log: whoever reads that would stop there each time.
TEST_F(HubTest, WhatIsNotThereIsNotCommitted) {
  MakeMergedHub();
  const EdgeId unknown(hub_.slot(), UINT32_MAX - 1);
  const TxId tx = NextTx();
  ASSERT_TRUE(shard_->UnlinkTarget(Now(tx), {unknown, hub_, leaf_, kType}).ok());
  int64_t units = kNoLimit;
  const auto found = shard_->FindDeletedEdges(tx, &units);
  EXPECT_EQ(found.status().code(), absl::StatusCode::kInternal) << found.status();
  shard_->Abort(tx);
  shard_->CheckInvariants();
}

// The other owner of an edge aborts one of two transactions that delete it; this one does not let
// the second of them commit either.
TEST_F(HubTest, AnEdgeIsDeletedOnce) {
  const EdgeId edge = MakeMergedHub().front();
  const TxId first = NextTx();
  const TxId second = NextTx();
  for (const TxId tx : {first, second}) {
    ASSERT_TRUE(shard_->UnlinkTarget(Now(tx), {edge, hub_, leaf_, kType}).ok());
  }
  Commit(first);
  int64_t units = kNoLimit;
  EXPECT_EQ(shard_->FindDeletedEdges(second, &units).status().code(), absl::StatusCode::kAborted);
  shard_->Abort(second);
}

}  // namespace
}  // namespace tidemark::storage
