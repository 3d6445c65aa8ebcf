// SPDX-License-Identifier: Apache-2.0
#include "exec/batch_executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "exec/cursor_coding.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/exec/mini_cluster.h"

namespace tidemark::exec {
namespace {

using storage::Direction;

class BatchExecutorTest : public ::testing::Test {
 protected:
  VertexId NewVertex(uint32_t worker) {
    return cluster_.RunAndCommit({CreateVertex(cluster_.SlotAt(worker))}).at(0).vertex;
  }
  std::vector<NeighbourRow> Neighbours(VertexId vertex, Direction direction = Direction::kAny) {
    Operation expand = ExpandAll(vertex, direction);
    std::vector<NeighbourRow> rows;
    do {
      auto page = cluster_.RunOne(cluster_.Begin(), expand);
      EXPECT_TRUE(page.ok()) << page.status();
      std::move(page->neighbours.begin(), page->neighbours.end(), std::back_inserter(rows));
      expand.cursor = page->cursor;
    } while (!expand.cursor.empty());
    return rows;
  }
  bool Exists(VertexId vertex) {
    const Operation get = OnVertex(OperationKind::kGetVertex, vertex);
    return !cluster_.RunOne(cluster_.Begin(), get)->vertices.empty();
  }
  bool Exists(EdgeId edge) {
    const Operation get = OnEdge(OperationKind::kGetEdge, edge);
    return !cluster_.RunOne(cluster_.Begin(), get)->edges.empty();
  }
  absl::Status StatusOf(std::vector<Operation> operations) {
    const MiniCluster::Tx tx = cluster_.Begin();
    const absl::Status status = cluster_.Run(tx, std::move(operations)).status();
    cluster_.Abort(tx);
    return status;
  }

  MiniCluster cluster_{2};
};

TEST_F(BatchExecutorTest, AnEdgeBetweenTwoWorkersHasBothEntries) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  const EdgeId edge = cluster_.RunAndCommit({CreateEdge(a, b)}).at(0).edge;
  EXPECT_EQ(edge.slot(), a.slot());
  const auto out = Neighbours(a);
  ASSERT_EQ(out.size(), 1u);
  EXPECT_EQ(out[0].vertex, b);
  EXPECT_EQ(out[0].edge, edge);
  EXPECT_TRUE(out[0].outgoing);
  const auto in = Neighbours(b);
  ASSERT_EQ(in.size(), 1u);
  EXPECT_EQ(in[0].vertex, a);
  EXPECT_EQ(in[0].edge, edge);
  EXPECT_FALSE(in[0].outgoing);
  EXPECT_EQ(StatusOf({OnVertex(OperationKind::kDeleteVertex, b)}).code(),
            absl::StatusCode::kFailedPrecondition);
  cluster_.RunAndCommit({OnEdge(OperationKind::kDeleteEdge, edge)});
  EXPECT_TRUE(Neighbours(a).empty());
  EXPECT_TRUE(Neighbours(b).empty());
  cluster_.RunAndCommit({OnVertex(OperationKind::kDeleteVertex, b)});
  EXPECT_FALSE(Exists(b));
  cluster_.CheckInvariants();
}

TEST_F(BatchExecutorTest, AnEdgeToNothingIsRefused) {
  const VertexId a = NewVertex(1);
  const VertexId nothing(cluster_.SlotAt(2), 77);
  const absl::Status status = StatusOf({CreateEdge(a, nothing)});
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(Neighbours(a).empty());
}

TEST_F(BatchExecutorTest, AnErrorNamesItsOperationAndEndsTheBatch) {
  const VertexId a = NewVertex(1);
  const VertexId nothing(cluster_.SlotAt(1), 77);
  const MiniCluster::Tx tx = cluster_.Begin();
  BatchExecutor executor(
      &cluster_.shard(NodeId(1)), tx.view,
      EncodeBatch({SetName(a, "x"), SetName(nothing, "y"), SetName(nothing, "z")}));
  EXPECT_EQ(executor.failed_operation(), std::nullopt);
  EXPECT_TRUE(executor.RunSome(1'000'000));
  EXPECT_EQ(executor.status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(executor.failed_operation(), 1u);
  cluster_.Abort(tx);
  const auto wrong =
      cluster_.RunAt(NodeId(2), cluster_.Begin(), {OnVertex(OperationKind::kGetVertex, a)});
  EXPECT_EQ(wrong.status().code(), absl::StatusCode::kInternal);
}

// A batch has run when its commit cannot fail any more.
TEST_F(BatchExecutorTest, ADeletionThatFindsNothingFailsItsBatch) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  cluster_.RunAndCommit({CreateEdge(a, b)});
  Operation unlink;
  unlink.kind = OperationKind::kUnlinkTarget;
  unlink.edge = EdgeId(a.slot(), 77);
  unlink.vertex = a;
  unlink.target = b;
  unlink.type = Neighbours(b).at(0).type;
  const MiniCluster::Tx tx = cluster_.Begin();
  const auto result = cluster_.RunAt(NodeId(2), tx, {unlink});
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInternal) << result.status();
  cluster_.Abort(tx);
  cluster_.CheckInvariants();
}

TEST_F(BatchExecutorTest, ATransactionReadsItsOwnWrites) {
  const MiniCluster::Tx tx = cluster_.Begin();
  const VertexId a = cluster_.RunOne(tx, CreateVertex(cluster_.SlotAt(1)))->vertex;
  const VertexId b = cluster_.RunOne(tx, CreateVertex(cluster_.SlotAt(2)))->vertex;
  const EdgeId edge = cluster_.RunOne(tx, CreateEdge(a, b))->edge;
  ASSERT_TRUE(cluster_.RunOne(tx, SetName(a, "Ann")).ok());
  const auto rows = cluster_.RunOne(tx, OnVertex(OperationKind::kGetVertex, a))->vertices;
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].properties, Named("Ann"));
  EXPECT_EQ(cluster_.RunOne(tx, ExpandAll(b))->neighbours.size(), 1u);
  EXPECT_EQ(cluster_.RunOne(tx, OnEdge(OperationKind::kGetEdge, edge))->edges.size(), 1u);
  EXPECT_FALSE(Exists(a));
  EXPECT_FALSE(Exists(edge));
  cluster_.Abort(tx);
  EXPECT_FALSE(Exists(a));
  cluster_.CheckInvariants();
}

// A hub with committed and own edges, both ways, loops, parallel ones, here and elsewhere.
TEST_F(BatchExecutorTest, DetachDeleteOfAHubIsCutIntoSlices) {
  const VertexId hub = NewVertex(1);
  std::vector<VertexId> others;
  for (uint32_t worker : {1, 2}) {
    for (int i = 0; i < 5; ++i) others.push_back(NewVertex(worker));
  }
  std::vector<Operation> edges;
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
  EXPECT_TRUE(cluster_.RunOne(tx, ExpandAll(others[0]))->neighbours.empty());
  EXPECT_EQ(Neighbours(hub).size(), 410u);  // for others it is as before
  cluster_.Commit(tx);
  EXPECT_FALSE(Exists(hub));
  for (VertexId other : others) EXPECT_TRUE(Neighbours(other).empty());
  for (uint32_t worker : {1, 2}) EXPECT_EQ(cluster_.shard(NodeId(worker)).stats().edges, 0u);
  cluster_.CollectAll();
  cluster_.CheckInvariants();
}

TEST_F(BatchExecutorTest, ALargeDetachDeleteGoesOnInAFollowUp) {
  const VertexId hub = NewVertex(1);
  const VertexId other = NewVertex(2);
  const size_t count = kMaxDetachFollowUpCount * 5 / 2;
  std::vector<Operation> edges;
  for (size_t i = 0; i < count; ++i) edges.push_back(CreateEdge(other, hub));
  cluster_.slice_units = 1000000;
  cluster_.RunAndCommit(edges);
  const MiniCluster::Tx tx = cluster_.Begin();
  const auto first = cluster_.RunAt(NodeId(1), tx, {DetachDelete(hub)});
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_GE(first->follow_ups.size(), kMaxDetachFollowUpCount);
  EXPECT_LT(first->follow_ups.size(), kMaxDetachFollowUpCount + 300);
  EXPECT_EQ(first->follow_ups.back().operation.kind, OperationKind::kDeleteVertex);
  cluster_.Abort(tx);
  cluster_.hop_count = 0;
  cluster_.RunAndCommit({DetachDelete(hub)});
  EXPECT_GE(cluster_.hop_count, 3);
  EXPECT_FALSE(Exists(hub));
  EXPECT_TRUE(Neighbours(other).empty());
  EXPECT_EQ(cluster_.shard(NodeId(2)).stats().edges, 0u);
}

// Follow-ups of one hop cross each other.
TEST_F(BatchExecutorTest, BothEndsOfEdgesAreDetachedByOneBatch) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  cluster_.RunAndCommit({CreateEdge(a, b), CreateEdge(b, a), CreateEdge(a, a), CreateEdge(b, b)});
  cluster_.RunAndCommit({DetachDelete(a), DetachDelete(b)});
  EXPECT_FALSE(Exists(a));
  EXPECT_FALSE(Exists(b));
  const VertexId c = NewVertex(1);
  const VertexId d = NewVertex(2);
  const EdgeId edge = cluster_.RunAndCommit({CreateEdge(c, d)}).at(0).edge;
  cluster_.RunAndCommit({OnEdge(OperationKind::kDeleteEdge, edge), DetachDelete(d)});
  EXPECT_TRUE(Exists(c));
  EXPECT_FALSE(Exists(d));
  EXPECT_FALSE(Exists(edge));
  EXPECT_TRUE(Neighbours(c).empty());
  for (uint32_t worker : {1, 2}) EXPECT_EQ(cluster_.shard(NodeId(worker)).stats().edges, 0u);
  cluster_.CollectAll();
  cluster_.CheckInvariants();
}

TEST_F(BatchExecutorTest, UniqueKeysAreHeldAcrossWorkers) {
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
    EXPECT_EQ(cluster_.RunOne(cluster_.Begin(), FindName(name))->vertex, vertices[i]);
    const SlotId slot = cluster_.SlotAt(1 + static_cast<uint32_t>(i / 2 % 2));
    EXPECT_EQ(StatusOf({CreateVertex(slot, {kPerson}, Named(name))}).code(),
              absl::StatusCode::kAlreadyExists);
    EXPECT_TRUE(StatusOf({CreateVertex(slot, {kTown}, Named(name))}).ok());
  }
  cluster_.RunAndCommit({SetName(vertices[0], "new")});
  EXPECT_FALSE(cluster_.RunOne(cluster_.Begin(), FindName("name0"))->vertex.valid());
  EXPECT_EQ(cluster_.RunOne(cluster_.Begin(), FindName("new"))->vertex, vertices[0]);
  cluster_.RunAndCommit({SetName(vertices[1], "name0")});
  Operation drop_label = OnVertex(OperationKind::kSetLabel, vertices[1]);
  drop_label.label = kPerson;
  cluster_.RunAndCommit({drop_label});
  EXPECT_FALSE(cluster_.RunOne(cluster_.Begin(), FindName("name0"))->vertex.valid());
  cluster_.RunAndCommit({OnVertex(OperationKind::kDeleteVertex, vertices[0])});
  EXPECT_FALSE(cluster_.RunOne(cluster_.Begin(), FindName("new"))->vertex.valid());
  cluster_.CollectAll();
  cluster_.CheckInvariants();
}

TEST_F(BatchExecutorTest, TwoTransactionsClaimOneKey) {
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
    EXPECT_TRUE(cluster_.RunOne(cluster_.Begin(), FindName(name))->vertex.valid());
  }
  cluster_.CheckInvariants();
}

// Pages through a scan; every page but the last has a cursor.
std::vector<VertexRow> AllPages(MiniCluster* cluster, const MiniCluster::Tx& tx, Operation scan,
                                size_t max_page_rows, int* page_count) {
  std::vector<VertexRow> rows;
  *page_count = 0;
  while (true) {
    auto page = cluster->RunOne(tx, scan);
    EXPECT_TRUE(page.ok()) << page.status();
    if (!page.ok()) return rows;
    EXPECT_LE(page->vertices.size(), max_page_rows);
    std::move(page->vertices.begin(), page->vertices.end(), std::back_inserter(rows));
    ++*page_count;
    if (page->cursor.empty()) return rows;
    scan.cursor = page->cursor;
  }
}

TEST_F(BatchExecutorTest, ScansGoPageByPage) {
  cluster_.CreateIndexes();
  std::vector<Operation> creates;
  for (int i = 0; i < 300; ++i) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1, static_cast<uint32_t>(i % 3)),
                                   {i % 2 == 0 ? kPerson : kTown}, Aged(i / 4)));
  }
  cluster_.RunAndCommit(creates);
  Operation scan;
  scan.kind = OperationKind::kScanLabel;
  scan.limit = 7;
  int page_count = 0;
  const MiniCluster::Tx tx = cluster_.Begin();
  EXPECT_EQ(AllPages(&cluster_, tx, scan, 7, &page_count).size(), 300u);
  EXPECT_GE(page_count, 300 / 7);
  scan.label = kPerson;
  const auto people = AllPages(&cluster_, tx, scan, 7, &page_count);
  EXPECT_EQ(people.size(), 150u);
  std::set<VertexId> distinct;
  for (const VertexRow& row : people) {
    EXPECT_EQ(row.labels, std::vector<LabelId>({kPerson}));
    EXPECT_FALSE(row.properties.empty());
    EXPECT_TRUE(distinct.insert(row.id).second);
  }
  scan.ids_only = true;
  const auto ids = AllPages(&cluster_, tx, scan, 7, &page_count);
  ASSERT_EQ(ids.size(), 150u);
  EXPECT_TRUE(ids[0].properties.empty());
  Operation range;
  range.kind = OperationKind::kScanIndex;
  range.index = kAgeIndex;
  range.bytes = KeyOf(int64_t{10});
  range.last_key = KeyOf(int64_t{20});
  range.limit = 3;
  EXPECT_EQ(AllPages(&cluster_, tx, range, 3, &page_count).size(), 20u);
  range.last_key = range.bytes + '\0';
  EXPECT_EQ(AllPages(&cluster_, tx, range, 3, &page_count).size(), 2u);
  range.index = IndexId(99);
  EXPECT_EQ(cluster_.RunOne(tx, range).status().code(), absl::StatusCode::kFailedPrecondition);
}

// The ages found by an operation that goes from `first` on and stays below `last`.
std::vector<int64_t> AgesBetween(MiniCluster* cluster, const std::optional<graph::Value>& first,
                                 const std::optional<graph::Value>& last) {
  const auto keys = graph::IndexKeyRangeBetween(first, last);
  EXPECT_TRUE(keys.ok() && keys->has_value());
  Operation range;
  range.kind = OperationKind::kScanIndex;
  range.index = kAgeIndex;
  range.bytes = (*keys)->first;
  range.last_key = (*keys)->second;
  range.limit = 2;
  int page_count = 0;
  std::vector<int64_t> ages;
  for (const VertexRow& row : AllPages(cluster, cluster->Begin(), range, 2, &page_count)) {
    const auto encoded = graph::FindProperty(row.properties, kAge);
    ages.push_back(graph::DecodeValue(*encoded)->integer());
  }
  return ages;
}

TEST_F(BatchExecutorTest, RangesWithAnOpenEndReachOverNegativeNumbersToo) {
  cluster_.CreateIndexes();
  std::vector<Operation> creates;
  for (int64_t age : {3, -1, 5, 0, -5}) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, Aged(age)));
  }
  const std::string named_as_age =
      graph::WithProperty("", kAge, graph::EncodeValue(graph::Value::String("old")));
  creates.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, named_as_age));
  cluster_.RunAndCommit(creates);
  EXPECT_EQ(AgesBetween(&cluster_, std::nullopt, graph::Value::Integer(5)),
            (std::vector<int64_t>{-5, -1, 0, 3}));
  EXPECT_EQ(AgesBetween(&cluster_, graph::Value::Integer(-5), std::nullopt),
            (std::vector<int64_t>{-5, -1, 0, 3, 5}));
}

TEST_F(BatchExecutorTest, PagesAreBoundedInBytes) {
  const std::string large = Named(std::string(kMaxResultBytes / 5, 'x'));
  std::vector<Operation> creates;
  for (int i = 0; i < 66; ++i) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1), {kTown}, large));
  }
  const auto created = cluster_.RunAndCommit(creates);
  std::vector<Operation> deletes;  // the index has their entries still
  for (size_t i = 0; i < created.size(); i += 2) {
    deletes.push_back(OnVertex(OperationKind::kDeleteVertex, created[i].vertex));
  }
  cluster_.RunAndCommit(deletes);
  Operation scan;
  scan.kind = OperationKind::kScanLabel;
  scan.label = kTown;
  int page_count = 0;
  std::set<VertexId> seen;
  for (const VertexRow& row : AllPages(&cluster_, cluster_.Begin(), scan, 5, &page_count)) {
    EXPECT_EQ(row.properties, large);
    EXPECT_TRUE(seen.insert(row.id).second);
  }
  EXPECT_EQ(seen.size(), 33u);
  EXPECT_GE(page_count, 7);
  EXPECT_LE(page_count, 9);
}

TEST_F(BatchExecutorTest, ABatchWithTooLargeAResultIsRefused) {
  const VertexId vertex = NewVertex(1);
  const size_t size = size_t{1} << 20;
  cluster_.RunAndCommit({SetName(vertex, std::string(size, 'x'))});
  std::vector<Operation> gets(kMaxBatchResultBytes / size + 1,
                              OnVertex(OperationKind::kGetVertex, vertex));
  EXPECT_EQ(StatusOf(gets).code(), absl::StatusCode::kResourceExhausted);
  gets.resize(gets.size() - 3);
  EXPECT_TRUE(StatusOf(gets).ok());
}

TEST_F(BatchExecutorTest, ExpansionsGoPageByPageWhileTheTransactionWrites) {
  const VertexId hub = NewVertex(1);
  const VertexId other = NewVertex(2);
  std::vector<Operation> edges(100, CreateEdge(hub, other));
  cluster_.RunAndCommit(edges);
  const MiniCluster::Tx tx = cluster_.Begin();
  ASSERT_TRUE(cluster_.Run(tx, {CreateEdge(other, hub), CreateEdge(hub, hub)}).ok());
  Operation expand = ExpandAll(hub);
  expand.limit = 9;
  std::set<EdgeId> seen;
  while (true) {
    const auto page = cluster_.RunOne(tx, expand);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->neighbours.size(), 9u);
    for (const NeighbourRow& row : page->neighbours) EXPECT_TRUE(seen.insert(row.edge).second);
    if (page->cursor.empty()) break;
    expand.cursor = page->cursor;
    // What was read already goes; the cursor does not slip.
    const Operation remove = OnEdge(OperationKind::kDeleteEdge, page->neighbours[0].edge);
    ASSERT_TRUE(cluster_.RunOne(tx, remove).ok());
  }
  EXPECT_EQ(seen.size(), 102u);
  expand = ExpandAll(hub, Direction::kOut);
  expand.types = {kLikes};
  EXPECT_TRUE(cluster_.RunOne(tx, expand)->neighbours.empty());
  const VertexId nothing(cluster_.SlotAt(1), 999);
  EXPECT_TRUE(cluster_.RunOne(tx, ExpandAll(nothing))->neighbours.empty());
  EXPECT_EQ(cluster_.RunOne(tx, DetachDelete(nothing)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(BatchExecutorTest, EdgesAreScannedByTypeAtTheirSource) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  cluster_.RunAndCommit(
      {CreateEdge(a, b), CreateEdge(a, a), CreateEdge(b, a), CreateEdge(a, b, kLikes)});
  Operation scan;
  scan.kind = OperationKind::kScanType;
  scan.type = kKnows;
  scan.limit = 1;
  std::set<EdgeId> seen;
  for (uint32_t worker : {1, 2}) {
    cluster_.scan_worker = NodeId(worker);
    scan.cursor.clear();
    do {
      const auto page = cluster_.RunOne(cluster_.Begin(), scan);
      ASSERT_TRUE(page.ok());
      for (const EdgeRow& row : page->edges) {
        EXPECT_EQ(cluster_.OwnerOf(row.source.slot()), NodeId(worker));
        EXPECT_TRUE(seen.insert(row.id).second);
      }
      scan.cursor = page->cursor;
    } while (!scan.cursor.empty());
  }
  EXPECT_EQ(seen.size(), 3u);
}

// Clients hand cursors in: whatever they say, the worker lives.
TEST_F(BatchExecutorTest, ForgedCursorsDoNoHarm) {
  cluster_.CreateIndexes();
  const VertexId hub = NewVertex(1);
  std::vector<Operation> operations(50, CreateEdge(hub, hub));
  for (int i = 0; i < 50; ++i) {
    operations.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, Aged(i)));
  }
  cluster_.RunAndCommit(operations);
  std::mt19937_64 random(5);
  const MiniCluster::Tx tx = cluster_.Begin();
  ASSERT_TRUE(cluster_.RunOne(tx, CreateEdge(hub, hub)).ok());
  for (int i = 0; i < 5000; ++i) {
    storage::Shard::Cursor forged;
    forged.position = random() >> random() % 64;
    constexpr uint64_t kParts[] = {0, 1, 2, uint64_t{1} << 32, (uint64_t{1} << 32) + 1};
    forged.part = random() % 2 == 0 ? kParts[random() % 5] : random() >> random() % 64;
    forged.key.assign(random() % 10, static_cast<char>(random()));
    Operation operation = ExpandAll(hub);
    operation.limit = 10;
    operation.label = random() % 2 == 0 ? kPerson : LabelId();
    operation.type = kKnows;
    operation.index = kAgeIndex;
    operation.bytes = KeyOf(int64_t{5});
    operation.last_key = KeyOf(int64_t{40});
    constexpr OperationKind kKinds[] = {OperationKind::kExpand, OperationKind::kScanLabel,
                                        OperationKind::kScanType, OperationKind::kScanIndex};
    operation.kind = kKinds[random() % 4];
    operation.cursor = EncodeCursor(forged);
    EXPECT_TRUE(cluster_.RunOne(tx, operation).ok());
    operation.cursor.pop_back();
    EXPECT_EQ(cluster_.RunOne(tx, operation).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace tidemark::exec
