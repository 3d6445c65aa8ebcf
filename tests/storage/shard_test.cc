// SPDX-License-Identifier: Apache-2.0
// What the random test does not reach: hubs, limits, constraints, large transactions, damage.
#include "storage/shard.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

#include "base/status.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/storage/shard_cluster.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

constexpr Csn kFar{1000000};

// What the tables of pages may keep when their records are gone: more when pages are small.
#ifdef TIDEMARK_TINY_LIMITS
constexpr uint64_t kTableShare = 3;
constexpr uint64_t kTableBytes = 32 << 10;
#else
constexpr uint64_t kTableShare = 5;
constexpr uint64_t kTableBytes = 16 << 10;
#endif

TEST_F(ShardTest, ManyClientsAddEdgesToOneHub) {
  const VertexId hub = MakeHub(1, 40);
  std::vector<TxId> open;
  const Csn read_csn = shard_->applied();
  for (int i = 0; i < 32; ++i) {
    open.push_back(NextTx());
    const View view{read_csn, open.back()};
    for (int k = 0; k < 10; ++k) {
      ASSERT_TRUE(shard_->CreateEdge(view, {EdgeId(), hub, leaves_[k], kType}, {}).ok());
      ASSERT_TRUE(shard_->CreateEdge(view, {EdgeId(), leaves_[k], hub, kType}, {}).ok());
    }
  }
  for (TxId tx : open) {
    EXPECT_EQ(Expand({read_csn, tx}, hub, Direction::kAny).size(), 21u);
    Commit(tx);
  }
  EXPECT_EQ(Expand(Now(), hub, Direction::kOut).size(), 321u);
  EXPECT_EQ(Expand({read_csn, TxId(0)}, hub, Direction::kAny).size(), 1u);
  EXPECT_EQ(Expand({read_csn.Next(), TxId(0)}, hub, Direction::kAny).size(), 21u);
  shard_->CheckInvariants();
}

TEST_F(ShardTest, HubOfManyEdgesIsDeletedInLinearTime) {
  constexpr size_t kDegree = 100000;
  const VertexId hub = MakeHub(kDegree, 1000);
  const uint64_t full_bytes = shard_->stats().memory_bytes;
  const Csn before = shard_->applied();
  EXPECT_EQ(Expand(Now(), hub, Direction::kOut).size(), kDegree);

  const TxId tx = NextTx();
  const View view = Now(tx);
  for (const Neighbour& neighbour : Expand(view, hub, Direction::kOut)) {
    ASSERT_TRUE(shard_->DeleteEdge(view, neighbour.edge).ok());
  }
  EXPECT_TRUE(Expand(view, hub, Direction::kAny).empty());
  ASSERT_TRUE(shard_->DeleteVertex(view, hub, nullptr).ok());
  Commit(tx);
  EXPECT_EQ(Expand({before, TxId(0)}, hub, Direction::kOut).size(), kDegree);
  EXPECT_FALSE(shard_->GetVertex(Now(), hub).has_value());
  EXPECT_EQ(shard_->stats().edges, 0u);
  shard_->CheckInvariants();
  CollectAll();
  shard_->CheckInvariants();
  EXPECT_LT(shard_->stats().memory_bytes, full_bytes / kTableShare);
  EXPECT_LT(shard_->stats().undo_bytes, 1u << 20);

  Shard replayed(ShardLimits(), 1, NodeId(1));
  for (size_t i = 0; i < log_.size(); ++i) {
    ASSERT_TRUE(replayed.Replay(Csn(i + 1), log_[i]).ok());
  }
  replayed.FinishRecovery(Csn(log_.size()));
  replayed.CheckInvariants();
  EXPECT_EQ(replayed.stats().vertices, 1000u);
  EXPECT_EQ(replayed.stats().edges, 0u);
}

TEST_F(ShardTest, EdgesOfAHubAreDeletedInAnyOrder) {
  constexpr size_t kDegree = 30000;
  const VertexId hub = MakeHub(kDegree, 100);
  std::vector<Neighbour> edges = Expand(Now(), hub, Direction::kOut);
  for (size_t round = 0; round < 10; ++round) {
    const TxId tx = NextTx();
    const View view = Now(tx);
    for (size_t i = 0; i < edges.size() / 10; ++i) {
      // 7919 is prime, so every edge has its turn once.
      const size_t at = (round * (edges.size() / 10) + i) * 7919 % edges.size();
      ASSERT_TRUE(shard_->DeleteEdge(view, edges[at].edge).ok());
    }
    const Csn csn = Commit(tx);
    EXPECT_EQ(Expand({csn.Previous(), TxId(0)}, hub, Direction::kOut).size(),
              kDegree - round * kDegree / 10);
    shard_->SetHorizon(csn.Previous());
    while (!shard_->CollectSome(500)) {
    }
    EXPECT_EQ(Expand(Now(), hub, Direction::kOut).size(), kDegree - (round + 1) * kDegree / 10);
  }
  shard_->CheckInvariants();
}

// A group of many blocks is searched until its table knows the edges: a part at a time.
TEST_F(ShardTest, FirstDeletionsInAHubKeepToTheirSlices) {
  constexpr size_t kDegree = 300'000;
  constexpr int64_t kSliceUnits = 1000;
  const VertexId hub = MakeHub(kDegree, 100);
  const std::vector<Neighbour> edges = Expand(Now(), hub, Direction::kOut);
  const TxId tx = NextTx();
  const View view = Now(tx);
  for (size_t i = 0; i < 3000; ++i) {
    ASSERT_TRUE(shard_->DeleteEdge(view, edges[i * 7919 % kDegree].edge).ok());
  }
  size_t slice_count = 0;
  bool done = false;
  while (!done) {
    int64_t units = kSliceUnits;
    done = shard_->FindDeletedEdges(tx, &units).value();
    EXPECT_GT(units, -kSliceUnits);
    ASSERT_LT(++slice_count, 30 * kDegree / kSliceUnits);
  }
  EXPECT_GT(slice_count, kDegree / kSliceUnits);
  // The commit, which others wait for, searches no more.
  shard_->Commit(tx, shard_->applied().Next());
  slice_count = 0;
  done = false;
  while (!done) {
    int64_t units = kSliceUnits;
    done = shard_->ApplySome(&units);
    EXPECT_GT(units, -kSliceUnits);
    ASSERT_LT(++slice_count, 3 * 3000 * kUnitsPerRecord / kSliceUnits);
  }
  EXPECT_EQ(Expand(Now(), hub, Direction::kOut).size(), kDegree - 3000);
  EXPECT_EQ(Expand({view.read_csn, TxId(0)}, hub, Direction::kOut).size(), kDegree);
  shard_->CheckInvariants();
}

TEST_F(ShardTest, RollbackOfAHub) {
  const VertexId hub = MakeHub(10000, 10);
  const Csn before = shard_->applied();
  for (int i = 0; i < 5; ++i) {
    const TxId tx = NextTx();
    const View view = Now(tx);
    const std::vector<Neighbour> edges = Expand(view, hub, Direction::kOut);
    for (size_t k = 0; k < edges.size(); k += 7) {
      ASSERT_TRUE(shard_->DeleteEdge(view, edges[k].edge).ok());
    }
    for (size_t k = 0; k < 3000; ++k) Edge(view, hub, leaves_[k % 10]);
    Commit(tx);
  }
  const TxId open = NextTx();
  Edge(Now(open), hub, leaves_[0]);
  shard_->RollbackTo(before);
  EXPECT_EQ(shard_->applied(), before);
  EXPECT_EQ(shard_->stats().edges, 10000u);
  EXPECT_EQ(Expand(Now(), hub, Direction::kOut).size(), 10000u);
  shard_->CheckInvariants();
  CollectAll();
  EXPECT_EQ(shard_->stats().undo_bytes, 0u);
}

TEST_F(ShardTest, LargeAbortIsFinishedInSlices) {
  const VertexId hub = MakeHub(10, 10);
  const uint64_t bytes = shard_->stats().memory_bytes;
  const TxId tx = NextTx();
  const View view = Now(tx);
  for (int i = 0; i < 20000; ++i) Edge(view, hub, leaves_[0]);
  for (int i = 0; i < 100; ++i) Vertex(view, {LabelId(1)});
  shard_->Abort(tx);
  EXPECT_FALSE(shard_->HasWrites(tx));
  const TxId other = NextTx();
  EXPECT_EQ(Expand(Now(other), hub, Direction::kOut).size(), 10u);
  EXPECT_TRUE(absl::IsAborted(shard_->DeleteVertex(Now(other), leaves_[0], nullptr)));
  int slices = 0;
  while (!shard_->CollectSome(1000)) ++slices;
  EXPECT_GT(slices, 10);
  EXPECT_EQ(shard_->DeleteVertex(Now(other), leaves_[0], nullptr).code(),
            absl::StatusCode::kFailedPrecondition);
  std::vector<VertexId> found;
  Shard::Cursor cursor;
  shard_->ScanLabel(Now(), LabelId(1), 10, &cursor, &found);
  EXPECT_TRUE(found.empty());
  shard_->Abort(other);
  EXPECT_LT(shard_->stats().memory_bytes, bytes + kTableBytes);
  shard_->CheckInvariants();
}

TEST_F(ShardTest, ASnapshotSliceWritesAboutAThousandElements) {
  constexpr int kEdges = 20'000;
  const VertexId hub = MakeHub(kEdges, 100);
  int slices = 1;
  Shard::SnapshotCursor cursor;
  std::string chunk;
  size_t longest = 0;
  for (bool done = false; !done; ++slices) {
    const size_t before = chunk.size();
    done = shard_->SnapshotSlot({shard_->applied(), hub.slot(), 16'384, 1 << 30}, &cursor, &chunk);
    longest = std::max(longest, chunk.size() - before);
  }
  EXPECT_GE(slices, kEdges / 1'024);
  EXPECT_LE(longest, chunk.size() / static_cast<size_t>(slices) * 2);
}

TEST_F(ShardTest, MemoryLimitNamesUsedAndLimit) {
  ShardLimits limits;
  limits.memory_limit_bytes = 200000;
  Shard shard(limits, 1, NodeId(1));
  absl::Status status;
  int count = 0;
  for (; count < 100000 && status.ok(); ++count) {
    status = shard.CreateVertex({Csn(0), TxId(1)}, {}, nullptr).status();
  }
  EXPECT_GT(count, 500);
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(status), testing::HasSubstr("of 200000 bytes"));
  EXPECT_LE(shard.stats().memory_bytes, 200000u + (16 << 10));  // the last page
  shard.Abort(TxId(1));
  while (!shard.CollectSome(1000)) {
  }
  EXPECT_TRUE(shard.CreateVertex({Csn(0), TxId(2)}, {}, nullptr).ok());
}

TEST_F(ShardTest, RoomCanBeMadeInAFullShard) {
  ShardLimits limits;
  limits.memory_limit_bytes = 400000;
  shard_ = std::make_unique<Shard>(limits, 1, NodeId(1));
  const std::string properties = graph::WithProperty(
      "", KeyId(1), graph::EncodeValue(graph::Value::String(std::string(500, 'x'))));
  const auto create = [&](TxId tx) {
    const auto made = shard_->CreateVertex(Now(tx), {std::nullopt, {}, properties}, nullptr);
    if (made.ok()) leaves_.push_back(*made);
    return made.status();
  };
  TxId tx = NextTx();
  for (; create(tx).ok(); tx = NextTx()) {
    Commit(tx);
    CollectAll();
  }
  shard_->Abort(tx);
  EXPECT_GT(leaves_.size(), 100u);
  // To the last byte: what needs less than a new vertex still goes.
  for (tx = NextTx(); shard_->TouchVertex(Now(tx), leaves_[0]).ok(); tx = NextTx()) Commit(tx);
  shard_->Abort(tx);
  tx = NextTx();
  for (size_t i = 0; i < 50; ++i) {
    ASSERT_EQ(shard_->DeleteVertex(Now(tx), leaves_[i], nullptr), absl::OkStatus()) << i;
  }
  EXPECT_EQ(create(NextTx()).code(), absl::StatusCode::kResourceExhausted);
  Commit(tx);
  CollectAll();
  EXPECT_EQ(create(NextTx()), absl::OkStatus());
}

TEST_F(ShardTest, TransactionLimitIsItsOwn) {
  ShardLimits limits;
  limits.transaction_limit_bytes = 100000;
  Shard shard(limits, 1, NodeId(1));
  const View view{Csn(0), TxId(1)};
  const VertexId vertex = *shard.CreateVertex(view, {}, nullptr);
  absl::Status status;
  for (int i = 0; i < 100000 && status.ok(); ++i) {
    status = shard.CreateEdge(view, {EdgeId(), vertex, vertex, kType}, {}).status();
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(MessageOf(status), testing::HasSubstr("of 100000 bytes"));
  EXPECT_TRUE(shard.CreateVertex({Csn(0), TxId(2)}, {}, nullptr).ok());
}

TEST_F(ShardTest, ExistenceConstraint) {
  const TxId old = NextTx();
  const View old_view = Now(old);
  const VertexId broken = Vertex(old_view, {LabelId(1)});
  Commit(old);
  Define(graph::IndexKind::kExists, graph::IndexState::kBuilding);
  std::vector<VertexId> found;
  EXPECT_TRUE(shard_->BuildIndexSome(IndexId(1), kNoLimit, [&](const KeyChange& change) {
    EXPECT_FALSE(change.claim);
    found.push_back(change.vertex);
  }));
  EXPECT_THAT(found, testing::ElementsAre(broken));

  const TxId tx = NextTx();
  const VertexId vertex = Vertex(Now(tx), {LabelId(1)});
  EXPECT_EQ(Validate(tx).code(), absl::StatusCode::kFailedPrecondition);
  ASSERT_TRUE(
      shard_->SetVertexProperty(Now(tx), vertex, KeyId(1), EncodedInteger(1), nullptr).ok());
  EXPECT_TRUE(Validate(tx).ok());
  ASSERT_TRUE(shard_->SetVertexProperty(Now(tx), vertex, KeyId(1), "", nullptr).ok());
  EXPECT_FALSE(Validate(tx).ok());
  ASSERT_TRUE(shard_->SetLabel(Now(tx), vertex, LabelId(1), false, nullptr).ok());
  EXPECT_TRUE(Validate(tx).ok());
}

TEST_F(ShardTest, ALookupIsForReadersThatSawTheIndexOnline) {
  const View before = Now();
  EXPECT_EQ(shard_->CheckLookup(Now(), IndexId(1)).code(), absl::StatusCode::kFailedPrecondition);
  Define(graph::IndexKind::kUnique, graph::IndexState::kBuilding);
  const View while_building = Now();
  EXPECT_EQ(shard_->CheckLookup(Now(), IndexId(1)).code(), absl::StatusCode::kFailedPrecondition);
  Define(graph::IndexKind::kUnique, graph::IndexState::kOnline);
  const View online = Now();
  EXPECT_EQ(shard_->CheckLookup(before, IndexId(1)).code(), absl::StatusCode::kAborted);
  EXPECT_EQ(shard_->CheckLookup(while_building, IndexId(1)).code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(shard_->CheckLookup(online, IndexId(1)).ok());
  Define(graph::IndexKind::kUnique, graph::IndexState::kDropped);
  EXPECT_EQ(shard_->CheckLookup(online, IndexId(1)).code(), absl::StatusCode::kAborted)
      << "writers maintain it no more";
}

TEST_F(ShardTest, DroppedIndexComesBackWithARollback) {
  graph::IndexDefinition definition =
      Define(graph::IndexKind::kLabelProperty, graph::IndexState::kOnline);
  const TxId tx = NextTx();
  const VertexId vertex = Vertex(Now(tx), {LabelId(1)});
  ASSERT_TRUE(
      shard_->SetVertexProperty(Now(tx), vertex, KeyId(1), EncodedInteger(5), nullptr).ok());
  const Csn before = Commit(tx);
  Define(graph::IndexKind::kLabelProperty, graph::IndexState::kDropped);
  EXPECT_TRUE(shard_->schema().empty());
  std::vector<VertexId> found;
  Shard::Cursor cursor;
  const auto scan = [&] {
    cursor = {};
    found.clear();
    return shard_->ScanIndex(Now(), {IndexId(1), "", "\xff", 10}, &cursor, &found);
  };
  EXPECT_EQ(scan().code(), absl::StatusCode::kFailedPrecondition);
  shard_->RollbackTo(before);
  EXPECT_THAT(shard_->schema(), testing::ElementsAre(definition));
  EXPECT_TRUE(scan().ok());
  EXPECT_THAT(found, testing::ElementsAre(vertex));
  shard_->CheckInvariants();
}

// A value that one index cannot hold leaves the other indexes complete.
TEST_F(ShardTest, AValueTooLongForANewIndexIsInTheOthers) {
  Define(graph::IndexKind::kLabelProperty, graph::IndexState::kOnline);
  TxId tx = NextTx();
  const VertexId vertex = Vertex(Now(tx), {LabelId(1)});
  const std::string text =
      graph::EncodeValue(graph::Value::String(std::string(graph::kMaxIndexKeyBytes + 1, 'x')));
  ASSERT_TRUE(
      shard_->SetVertexProperty(Now(tx), vertex, KeyId(1), EncodedInteger(5), nullptr).ok());
  ASSERT_TRUE(shard_->SetVertexProperty(Now(tx), vertex, KeyId(2), text, nullptr).ok());
  Commit(tx);
  graph::IndexDefinition too_short;
  too_short.id = IndexId(2);
  too_short.state = graph::IndexState::kBuilding;
  too_short.label = LabelId(1);
  too_short.keys = {KeyId(2)};
  too_short.name = "texts";
  shard_->AddSchemaChange(tx = NextTx(), too_short);
  Commit(tx);
  ASSERT_TRUE(shard_->SetVertexProperty(Now(tx = NextTx()), vertex, KeyId(2), "", nullptr).ok());
  shard_->Abort(tx);
  std::vector<VertexId> found;
  Shard::Cursor cursor;
  EXPECT_TRUE(shard_->ScanIndex(Now(), {IndexId(1), "", "\xff", 10}, &cursor, &found).ok());
  EXPECT_THAT(found, testing::ElementsAre(vertex));
  shard_->CheckInvariants();
}

TEST_F(ShardTest, WritesToWhatIsNotThere) {
  const View view = Now(NextTx());
  const VertexId nobody(SlotId(3), 3);
  EXPECT_TRUE(absl::IsNotFound(shard_->DeleteVertex(view, nobody, nullptr)));
  EXPECT_TRUE(absl::IsNotFound(shard_->SetLabel(view, nobody, LabelId(1), true, nullptr)));
  EXPECT_TRUE(absl::IsNotFound(shard_->DeleteEdge(view, EdgeId(SlotId(3), 3)).status()));
  EXPECT_TRUE(absl::IsNotFound(shard_->DeleteEdge(view, EdgeId(~uint64_t{0})).status()));
  EXPECT_TRUE(absl::IsNotFound(shard_->LinkTarget(view, {EdgeId(1), nobody, nobody, kType})));
  const VertexId vertex = Vertex(view);
  EXPECT_TRUE(
      absl::IsNotFound(shard_->CreateEdge(view, {EdgeId(), vertex, nobody, kType}, {}).status()));
  EXPECT_TRUE(absl::IsInvalidArgument(
      shard_->CreateEdge(view, {EdgeId(), vertex, vertex, TypeId(1 << 20)}, {}).status()));
  EXPECT_TRUE(
      absl::IsNotFound(shard_->UnlinkTarget(view, {EdgeId(SlotId(3), 3), nobody, vertex, kType})));
  EXPECT_FALSE(shard_->GetVertex({kFar, TxId(0)}, vertex).has_value());
}

}  // namespace
}  // namespace tidemark::storage
