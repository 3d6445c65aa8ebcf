// SPDX-License-Identifier: Apache-2.0
// Changes at the shards of a small cluster, with their follow-ups.
#include "exec/operators/change_graph.h"

#include <gtest/gtest.h>

#include <optional>

#include "exec/change_rows.h"
#include "tests/exec/fragment_calls.h"
#include "tests/exec/graph_reads.h"

namespace tidemark::exec {
namespace {

class ChangeGraphTest : public ::testing::Test {
 protected:
  VertexId NewVertex(uint32_t worker) {
    return cluster_.RunAndCommit({CreateVertex(cluster_.SlotAt(worker))}).at(0).vertex;
  }
  std::vector<ElementRow> Neighbours(const MiniCluster::Tx& tx, VertexId vertex) {
    PageRequest expand = ExpandAll(vertex);
    std::vector<ElementRow> rows;
    do {
      auto page = ReadPage(&cluster_, tx, expand);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      std::move(page->rows.begin(), page->rows.end(), std::back_inserter(rows));
      expand.cursor = page->cursor;
    } while (!expand.cursor.empty());
    return rows;
  }
  std::vector<ElementRow> Neighbours(VertexId vertex) {
    return Neighbours(cluster_.Begin(), vertex);
  }
  bool Exists(VertexId vertex) {
    return GetVertex(&cluster_, cluster_.Begin(), vertex).has_value();
  }
  bool Exists(EdgeId edge) { return GetEdge(&cluster_, cluster_.Begin(), edge).has_value(); }
  VertexId HolderOf(const std::string& name) { return FindName(&cluster_, cluster_.Begin(), name); }
  absl::Status StatusOf(const std::vector<Change>& changes) {
    const MiniCluster::Tx tx = cluster_.Begin();
    const absl::Status status = cluster_.Run(tx, changes).status();
    cluster_.Abort(tx);
    return status;
  }

  MiniCluster cluster_{2};
};

TEST_F(ChangeGraphTest, AnEdgeBetweenTwoWorkersHasBothEntries) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  const EdgeId edge = cluster_.RunAndCommit({CreateEdge(a, b)}).at(0).edge;
  EXPECT_EQ(edge.slot(), a.slot());
  const auto out = Neighbours(a);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].vertex, b);
  EXPECT_EQ(out[0].edge.edge, edge);
  EXPECT_TRUE(out[0].is_outgoing);
  const auto in = Neighbours(b);
  ASSERT_EQ(in.size(), 1u);
  EXPECT_EQ(in[0].vertex, a);
  EXPECT_EQ(in[0].edge.edge, edge);
  EXPECT_FALSE(in[0].is_outgoing);
  EXPECT_EQ(StatusOf({OnVertex(ChangeKind::kDeleteVertex, b)}).code(),
            absl::StatusCode::kFailedPrecondition);
  cluster_.RunAndCommit({OnEdge(ChangeKind::kDeleteEdge, edge)});
  EXPECT_TRUE(Neighbours(a).empty());
  EXPECT_TRUE(Neighbours(b).empty());
  cluster_.RunAndCommit({OnVertex(ChangeKind::kDeleteVertex, b)});
  EXPECT_FALSE(Exists(b));
  cluster_.CheckInvariants();
}

TEST_F(ChangeGraphTest, AnEdgeToNothingIsRefused) {
  const VertexId a = NewVertex(1);
  const VertexId nothing(cluster_.SlotAt(2), 77);
  const absl::Status status = StatusOf({CreateEdge(a, nothing)});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Neighbours(a).empty());
}

TEST_F(ChangeGraphTest, AnErrorNamesItsRowAndEndsTheRun) {
  const VertexId a = NewVertex(1);
  const VertexId nothing(cluster_.SlotAt(1), 77);
  const MiniCluster::Tx tx = cluster_.Begin();
  const absl::Status status =
      cluster_.RunAt(NodeId(1), tx, {SetName(a, "x"), SetName(nothing, "y"), SetName(nothing, "z")})
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  const std::optional<ChangeFailure> failure = FailureOf(status);
  ASSERT_TRUE(failure.has_value());
  EXPECT_EQ(failure->row, 1u);
  EXPECT_FALSE(failure->refused.has_value());
  cluster_.Abort(tx);
  const auto wrong = cluster_.RunAt(NodeId(2), cluster_.Begin(), {SetName(a, "x")});
  EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInternal);
}

// Those before it are made, and the transaction must be aborted nevertheless.
TEST_F(ChangeGraphTest, AMalformedRowIsRefusedInItsTurn) {
  const VertexId a = NewVertex(1);
  const MiniCluster::Tx tx = cluster_.Begin();
  std::vector<Change> changes(20, SetName(a, "x"));
  changes.push_back(SetName(VertexId(), "y"));
  const absl::Status status = cluster_.RunAt(NodeId(1), tx, changes).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(FailureOf(status).value_or(ChangeFailure()).row, 20u);
  EXPECT_EQ(GetVertex(&cluster_, tx, a)->properties, Named("x"));
  cluster_.Abort(tx);
}

// What a request wants to write, and when it may.
struct HandGate : public WriteGate {
  absl::StatusOr<bool> MayWrite(uint64_t request_bytes, uint64_t change_count) override {
    EXPECT_GT(request_bytes, 0u);
    EXPECT_EQ(change_count, 2u);
    return answer;
  }
  absl::StatusOr<bool> answer = false;
};

TEST_F(ChangeGraphTest, AClosedGateHoldsChangesBack) {
  const VertexId a = NewVertex(1);
  HandGate gate;
  FragmentRuns runs(uint64_t{1} << 30);
  for (const bool has_room : {true, false}) {
    gate.answer = false;
    const MiniCluster::Tx tx = cluster_.Begin();
    const auto work =
        runs.MakeWork({&cluster_.shard(NodeId(1)), tx.view, &gate},
                      {FragmentStepKind::kOpen, 1, CallOf({SetName(a, "x"), SetName(a, "y")})});
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(work->RunSome(1'000'000));
    EXPECT_TRUE(work->waits());
    EXPECT_FALSE(cluster_.shard(NodeId(1)).HasWrites(tx.view.tx));
    if (has_room) {
      gate.answer = true;
    } else {
      gate.answer = absl::ResourceExhaustedError("the log is full");
    }
    EXPECT_TRUE(work->RunSome(1'000'000));
    EXPECT_FALSE(work->waits());
    EXPECT_EQ(work->status().code(), gate.answer.status().code()) << work->status();
    EXPECT_EQ(cluster_.shard(NodeId(1)).HasWrites(tx.view.tx), has_room);
    cluster_.Abort(tx);
  }
}

// Changes are made when their commit cannot fail any more.
TEST_F(ChangeGraphTest, ADeletionThatFindsNothingFailsItsRun) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  cluster_.RunAndCommit({CreateEdge(a, b)});
  Change unlink;
  unlink.kind = ChangeKind::kUnlinkTarget;
  unlink.edge = EdgeId(a.slot(), 77);
  unlink.vertex = a;
  unlink.target = b;
  unlink.type = Neighbours(b).at(0).edge.type;
  const MiniCluster::Tx tx = cluster_.Begin();
  const auto result = cluster_.RunAt(NodeId(2), tx, {unlink});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInternal) << result.status();
  cluster_.Abort(tx);
  cluster_.CheckInvariants();
}

TEST_F(ChangeGraphTest, ATransactionReadsItsOwnWrites) {
  const MiniCluster::Tx tx = cluster_.Begin();
  const VertexId a = cluster_.RunOne(tx, CreateVertex(cluster_.SlotAt(1)))->vertex;
  const VertexId b = cluster_.RunOne(tx, CreateVertex(cluster_.SlotAt(2)))->vertex;
  const EdgeId edge = cluster_.RunOne(tx, CreateEdge(a, b))->edge;
  ASSERT_TRUE(cluster_.RunOne(tx, SetName(a, "Ann")).ok());
  const auto row = GetVertex(&cluster_, tx, a);
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->properties, Named("Ann"));
  EXPECT_EQ(Neighbours(tx, b).size(), 1u);
  EXPECT_TRUE(GetEdge(&cluster_, tx, edge).has_value());
  EXPECT_FALSE(Exists(a));
  EXPECT_FALSE(Exists(edge));
  cluster_.Abort(tx);
  EXPECT_FALSE(Exists(a));
  cluster_.CheckInvariants();
}

// A hub with committed and own edges, both ways, loops, parallel ones, here and elsewhere.
TEST_F(ChangeGraphTest, DetachDeleteOfAHubIsCutIntoSlices) {
  const VertexId hub = NewVertex(1);
  std::vector<VertexId> others;
  for (uint32_t worker : {1, 2}) {
    for (int i = 0; i < 5; ++i) others.push_back(NewVertex(worker));
  }
  std::vector<Change> edges;
  for (int i = 0; i < 400; ++i) {
    const VertexId other = others[static_cast<size_t>(i) % others.size()];
    edges.push_back(i % 3 == 0 ? CreateEdge(hub, other) : CreateEdge(other, hub, kLikes));
    if (i % 40 == 0) edges.push_back(CreateEdge(hub, hub));
  }
  cluster_.RunAndCommit(edges);
  const MiniCluster::Tx tx = cluster_.Begin();
  const auto own = cluster_.Run(tx, edges);
  ASSERT_TRUE(own.ok()) << own.status();
  cluster_.slice_count = 0;
  const absl::Status status = cluster_.Run(tx, {DetachDelete(hub)}).status();
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_GT(cluster_.slice_count, 10);
  EXPECT_TRUE(Neighbours(tx, others[0]).empty());
  EXPECT_EQ(Neighbours(hub).size(), 410u);  // for others it is as before
  cluster_.Commit(tx);
  EXPECT_FALSE(Exists(hub));
  for (VertexId other : others) EXPECT_TRUE(Neighbours(other).empty());
  for (uint32_t worker : {1, 2}) EXPECT_EQ(cluster_.shard(NodeId(worker)).stats().edges, 0u);
  cluster_.CollectAll();
  cluster_.CheckInvariants();
}

TEST_F(ChangeGraphTest, ALargeDetachDeleteGoesOnInAFollowUp) {
  const VertexId hub = NewVertex(1);
  const VertexId other = NewVertex(2);
  const size_t count = kMaxDetachFollowUpCount * 5 / 2;
  std::vector<Change> edges;
  for (size_t i = 0; i < count; ++i) edges.push_back(CreateEdge(other, hub));
  cluster_.slice_units = 1000000;
  cluster_.RunAndCommit(edges);
  const MiniCluster::Tx tx = cluster_.Begin();
  const auto first = cluster_.RunAt(NodeId(1), tx, {DetachDelete(hub)});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GE(first->size(), kMaxDetachFollowUpCount);
  EXPECT_LT(first->size(), kMaxDetachFollowUpCount + 300);
  EXPECT_EQ(first->back().change.kind, ChangeKind::kDeleteVertex);
  cluster_.Abort(tx);
  cluster_.hop_count = 0;
  cluster_.RunAndCommit({DetachDelete(hub)});
  EXPECT_GE(cluster_.hop_count, 3);
  EXPECT_FALSE(Exists(hub));
  EXPECT_TRUE(Neighbours(other).empty());
  EXPECT_EQ(cluster_.shard(NodeId(2)).stats().edges, 0u);
}

// Follow-ups of one hop cross each other.
TEST_F(ChangeGraphTest, BothEndsOfEdgesAreDetachedAtOnce) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  cluster_.RunAndCommit({CreateEdge(a, b), CreateEdge(b, a), CreateEdge(a, a), CreateEdge(b, b)});
  cluster_.RunAndCommit({DetachDelete(a), DetachDelete(b)});
  EXPECT_FALSE(Exists(a));
  EXPECT_FALSE(Exists(b));
  const VertexId c = NewVertex(1);
  const VertexId d = NewVertex(2);
  const EdgeId edge = cluster_.RunAndCommit({CreateEdge(c, d)}).at(0).edge;
  cluster_.RunAndCommit({OnEdge(ChangeKind::kDeleteEdge, edge), DetachDelete(d)});
  EXPECT_TRUE(Exists(c));
  EXPECT_FALSE(Exists(d));
  EXPECT_FALSE(Exists(edge));
  EXPECT_TRUE(Neighbours(c).empty());
  for (uint32_t worker : {1, 2}) EXPECT_EQ(cluster_.shard(NodeId(worker)).stats().edges, 0u);
  cluster_.CollectAll();
  cluster_.CheckInvariants();
}

TEST_F(ChangeGraphTest, UniqueKeysAreHeldAcrossWorkers) {
  cluster_.CreateIndexes();
  std::vector<VertexId> vertices;
  for (int i = 0; i < 40; ++i) {
    const SlotId slot = cluster_.SlotAt(1 + static_cast<uint32_t>(i % 2));
    const std::string name = "name" + std::to_string(i);
    vertices.push_back(
        cluster_.RunAndCommit({CreateVertex(slot, {kPerson}, Named(name))}).at(0).vertex);
  }
  for (int i = 0; i < 40; ++i) {
    const std::string name = "name" + std::to_string(i);
    EXPECT_EQ(HolderOf(name), vertices[i]);
    const SlotId slot = cluster_.SlotAt(1 + static_cast<uint32_t>(i / 2 % 2));
    const absl::Status taken = StatusOf({CreateVertex(slot, {kPerson}, Named(name))});
    EXPECT_EQ(taken.code(), absl::StatusCode::kAlreadyExists);
    const std::optional<ChangeFailure> failure = FailureOf(taken);
    ASSERT_TRUE(failure.has_value() && failure->refused.has_value());
    EXPECT_EQ(failure->refused->index, kUniqueName);
    EXPECT_EQ(failure->refused->bytes, KeyOf(name));
    EXPECT_TRUE(StatusOf({CreateVertex(slot, {kTown}, Named(name))}).ok());
  }
  cluster_.RunAndCommit({SetName(vertices[0], "new")});
  EXPECT_FALSE(HolderOf("name0").valid());
  EXPECT_EQ(HolderOf("new"), vertices[0]);
  cluster_.RunAndCommit({SetName(vertices[1], "name0")});
  Change drop_label = OnVertex(ChangeKind::kSetLabel, vertices[1]);
  drop_label.label = kPerson;
  cluster_.RunAndCommit({drop_label});
  EXPECT_FALSE(HolderOf("name0").valid());
  cluster_.RunAndCommit({OnVertex(ChangeKind::kDeleteVertex, vertices[0])});
  EXPECT_FALSE(HolderOf("new").valid());
  cluster_.CollectAll();
  cluster_.CheckInvariants();
}

TEST_F(ChangeGraphTest, TwoTransactionsClaimOneKey) {
  cluster_.CreateIndexes();
  for (int i = 0; i < 10; ++i) {
    const std::string name = "n" + std::to_string(i);
    const MiniCluster::Tx first = cluster_.Begin();
    const MiniCluster::Tx second = cluster_.Begin();
    const auto create = [&](uint32_t worker) {
      return CreateVertex(cluster_.SlotAt(worker), {kPerson}, Named(name));
    };
    ASSERT_TRUE(cluster_.RunOne(first, create(1)).ok());
    EXPECT_EQ(cluster_.RunOne(second, create(2)).status().code(), absl::StatusCode::kAborted);
    cluster_.Abort(second);
    cluster_.Commit(first);
    EXPECT_TRUE(HolderOf(name).valid());
  }
  cluster_.CheckInvariants();
}

}  // namespace
}  // namespace tidemark::exec
