// SPDX-License-Identifier: Apache-2.0
// Pages of scans, by fragments as sessions send them.
#include "exec/operators/scan_page.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <set>

#include "exec/cursor_coding.h"
#include "graph/index_key.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/exec/graph_reads.h"

namespace tidemark::exec {
namespace {

using query::plan::Direction;

class ScanPageTest : public ::testing::Test {
 protected:
  VertexId NewVertex(uint32_t worker) {
    return cluster_.RunAndCommit({CreateVertex(cluster_.SlotAt(worker))}).at(0).vertex;
  }
  absl::StatusOr<Page> Read(const MiniCluster::Tx& tx, const PageRequest& request) {
    return ReadPage(&cluster_, tx, request);
  }
  // Pages through a scan; every page but the last has a cursor.
  std::vector<ElementRow> AllPages(const MiniCluster::Tx& tx, PageRequest scan,
                                   size_t max_page_rows) {
    std::vector<ElementRow> rows;
    page_count_ = 0;
    while (true) {
      auto page = Read(tx, scan);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) return rows;
      EXPECT_LE(page->rows.size(), max_page_rows);
      std::move(page->rows.begin(), page->rows.end(), std::back_inserter(rows));
      ++page_count_;
      if (page->cursor.empty()) return rows;
      scan.cursor = page->cursor;
    }
  }
  // The ages found by an index scan that goes from `first` on and stays below `last`.
  std::vector<int64_t> AgesBetween(const std::optional<graph::Value>& first,
                                   const std::optional<graph::Value>& last) {
    const auto keys = graph::IndexKeyRangeBetween(first, last);
    EXPECT_TRUE(keys.ok() && keys->has_value());
    PageRequest range = ScanAges((*keys)->first, (*keys)->second);
    range.limit = 2;
    std::vector<int64_t> ages;
    for (const ElementRow& row : AllPages(cluster_.Begin(), range, 2)) {
      const auto encoded = graph::FindProperty(row.properties, kAge);
      ages.push_back(graph::DecodeValue(*encoded)->integer());
    }
    return ages;
  }

  MiniCluster cluster_{2};
  int page_count_ = 0;
};

TEST_F(ScanPageTest, ScansGoPageByPage) {
  cluster_.CreateIndexes();
  std::vector<Change> creates;
  for (int i = 0; i < 300; ++i) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1, static_cast<uint32_t>(i % 3)),
                                   {i % 2 == 0 ? kPerson : kTown}, Aged(i / 4)));
  }
  cluster_.RunAndCommit(creates);
  PageRequest scan = ScanLabel(LabelId());
  scan.limit = 7;
  const MiniCluster::Tx tx = cluster_.Begin();
  EXPECT_EQ(AllPages(tx, scan, 7).size(), 300u);
  EXPECT_GE(page_count_, 300 / 7);
  scan.name = kPerson.value();
  const auto people = AllPages(tx, scan, 7);
  EXPECT_EQ(people.size(), 150u);
  std::set<VertexId> distinct;
  for (const ElementRow& row : people) {
    EXPECT_EQ(row.labels, std::vector<LabelId>({kPerson}));
    EXPECT_FALSE(row.properties.empty());
    EXPECT_TRUE(distinct.insert(row.vertex).second);
  }
  scan.ids_only = true;
  const auto ids = AllPages(tx, scan, 7);
  ASSERT_EQ(ids.size(), 150u);
  EXPECT_TRUE(ids[0].properties.empty());
  PageRequest range = ScanAges(KeyOf(int64_t{10}), KeyOf(int64_t{20}));
  range.limit = 3;
  EXPECT_EQ(AllPages(tx, range, 3).size(), 20u);
  range.last_key = range.first_key + '\0';
  EXPECT_EQ(AllPages(tx, range, 3).size(), 2u);
  range.name = 99;
  EXPECT_EQ(Read(tx, range).status().code(), absl::StatusCode::kFailedPrecondition);
}

TEST_F(ScanPageTest, RangesWithAnOpenEndReachOverNegativeNumbersToo) {
  cluster_.CreateIndexes();
  std::vector<Change> creates;
  for (int64_t age : {3, -1, 5, 0, -5}) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, Aged(age)));
  }
  const std::string named_as_age =
      graph::WithProperty("", kAge, graph::EncodeValue(graph::Value::String("old")));
  creates.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, named_as_age));
  cluster_.RunAndCommit(creates);
  EXPECT_EQ(AgesBetween(std::nullopt, graph::Value::Integer(5)),
            (std::vector<int64_t>{-5, -1, 0, 3}));
  EXPECT_EQ(AgesBetween(graph::Value::Integer(-5), std::nullopt),
            (std::vector<int64_t>{-5, -1, 0, 3, 5}));
}

TEST_F(ScanPageTest, PagesOfVerticesAreBoundedInBytes) {
  const std::string large = Named(std::string(kMaxPageBytes / 5, 'x'));
  std::vector<Change> creates;
  for (int i = 0; i < 66; ++i) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1), {kTown}, large));
  }
  const auto created = cluster_.RunAndCommit(creates);
  std::vector<Change> deletes;  // the index has their entries still
  for (size_t i = 0; i < created.size(); i += 2) {
    deletes.push_back(OnVertex(ChangeKind::kDeleteVertex, created[i].vertex));
  }
  cluster_.RunAndCommit(deletes);
  PageRequest scan = ScanLabel(kTown);
  std::set<VertexId> seen;
  for (const ElementRow& row : AllPages(cluster_.Begin(), scan, 5)) {
    EXPECT_EQ(row.properties, large);
    EXPECT_TRUE(seen.insert(row.vertex).second);
  }
  EXPECT_EQ(seen.size(), 33u);
  EXPECT_GE(page_count_, 7);
  EXPECT_LE(page_count_, 9);
  // Properties that nobody asked for do not count.
  scan.ids_only = true;
  EXPECT_GT(Read(cluster_.Begin(), scan)->rows.size(), 10u);
}

TEST_F(ScanPageTest, PagesOfEdgesAreBoundedInBytes) {
  const VertexId a = NewVertex(1);
  constexpr size_t kCount = 300;
  constexpr size_t kPageRows = 40;
  const std::string large = Named(std::string(kMaxPageBytes / kPageRows, 'x'));
  std::vector<Change> creates(kCount, CreateEdge(a, a));
  for (Change& change : creates) change.bytes = large;
  cluster_.RunAndCommit(creates);
  std::set<EdgeId> seen;
  for (const ElementRow& row : AllPages(cluster_.Begin(), ScanType(kKnows), kPageRows)) {
    EXPECT_EQ(row.properties, large);
    EXPECT_EQ(row.edge.source, a);
    EXPECT_EQ(row.edge.target, a);
    EXPECT_TRUE(seen.insert(row.edge.edge).second);
  }
  EXPECT_EQ(seen.size(), kCount);
  EXPECT_GE(page_count_, static_cast<int>(kCount / kPageRows));
}

TEST_F(ScanPageTest, APageHasABoundedNumberOfRows) {
  const VertexId hub = NewVertex(1);
  cluster_.RunAndCommit(std::vector<Change>(kMaxPageRowCount + 10, CreateEdge(hub, hub, kLikes)));
  for (const int64_t limit : {int64_t{1} << 40, int64_t{kMaxPageRowCount}}) {
    PageRequest scan = ScanType(kLikes);
    scan.limit = limit;
    const auto page = Read(cluster_.Begin(), scan);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->rows.size(), kMaxPageRowCount);
    EXPECT_FALSE(page->cursor.empty());
  }
  PageRequest scan = ScanType(kLikes);
  scan.limit = -1;
  EXPECT_EQ(Read(cluster_.Begin(), scan)->rows.size(), 1u);
}

// A row of the input has a page of its own, with a limit and a place of its own.
TEST_F(ScanPageTest, SeveralPagesAreReadAtOnce) {
  std::vector<PageRequest> requests;
  for (int i = 0; i < 40; ++i) {
    const VertexId vertex = NewVertex(1);
    cluster_.RunAndCommit(std::vector<Change>(static_cast<size_t>(i), CreateEdge(vertex, vertex)));
    requests.push_back(ExpandAll(vertex));
    requests.back().direction = Direction::kOut;
    requests.back().limit = i % 3 == 0 ? 10 : kMaxPageRowCount;
  }
  const auto pages = ReadPages(&cluster_, cluster_.Begin(), requests);
  ASSERT_TRUE(pages.ok()) << pages.status();
  for (size_t i = 0; i < requests.size(); ++i) {
    const size_t limit = static_cast<size_t>(requests[i].limit);
    EXPECT_LE((*pages)[i].rows.size(), std::min(i, limit));
    EXPECT_GE((*pages)[i].rows.size(), std::min<size_t>(i, 10));
    for (const ElementRow& row : (*pages)[i].rows) {
      EXPECT_EQ(row.vertex, requests[i].vertex);
      EXPECT_EQ(row.edge.source, requests[i].vertex);
    }
    // The pages go on where they end.
    PageRequest rest = requests[i];
    rest.cursor = (*pages)[i].cursor;
    const size_t rest_count =
        rest.cursor.empty() ? 0 : AllPages(cluster_.Begin(), rest, limit).size();
    EXPECT_EQ((*pages)[i].rows.size() + rest_count, i);
  }
}

TEST_F(ScanPageTest, ExpansionsGoPageByPageWhileTheTransactionWrites) {
  const VertexId hub = NewVertex(1);
  const VertexId other = NewVertex(2);
  cluster_.RunAndCommit(std::vector<Change>(100, CreateEdge(hub, other)));
  const MiniCluster::Tx tx = cluster_.Begin();
  ASSERT_TRUE(cluster_.Run(tx, {CreateEdge(other, hub), CreateEdge(hub, hub)}).ok());
  PageRequest expand = ExpandAll(hub);
  expand.limit = 9;
  std::set<EdgeId> seen;
  while (true) {
    const auto page = Read(tx, expand);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_LE(page->rows.size(), 9u);
    for (const ElementRow& row : page->rows) EXPECT_TRUE(seen.insert(row.edge.edge).second);
    if (page->cursor.empty()) break;
    expand.cursor = page->cursor;
    // What was read already goes; the cursor does not slip.
    const Change remove = OnEdge(ChangeKind::kDeleteEdge, page->rows.at(0).edge.edge);
    ASSERT_TRUE(cluster_.RunOne(tx, remove).ok());
  }
  EXPECT_EQ(seen.size(), 102u);
  expand = ExpandAll(hub);
  expand.direction = Direction::kOut;
  expand.types = {kLikes.value()};
  EXPECT_TRUE(Read(tx, expand)->rows.empty());
  expand.types = {kKnows.value()};
  EXPECT_FALSE(Read(tx, expand)->rows.empty());
  const VertexId nothing(cluster_.SlotAt(1), 999);
  EXPECT_TRUE(Read(tx, ExpandAll(nothing))->rows.empty());
  EXPECT_EQ(cluster_.RunOne(tx, DetachDelete(nothing)).status().code(),
            absl::StatusCode::kNotFound);
}

TEST_F(ScanPageTest, EdgesAreScannedByTypeAtTheirSource) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  cluster_.RunAndCommit(
      {CreateEdge(a, b), CreateEdge(a, a), CreateEdge(b, a), CreateEdge(a, b, kLikes)});
  PageRequest scan = ScanType(kKnows);
  scan.limit = 1;
  std::set<EdgeId> seen;
  for (uint32_t worker : {1, 2}) {
    cluster_.scan_worker = NodeId(worker);
    for (const ElementRow& row : AllPages(cluster_.Begin(), scan, 1)) {
      EXPECT_EQ(cluster_.OwnerOf(row.edge.source.slot()), NodeId(worker));
      EXPECT_EQ(row.edge.type, kKnows);
      EXPECT_TRUE(seen.insert(row.edge.edge).second);
    }
  }
  EXPECT_EQ(seen.size(), 3u);
}

TEST_F(ScanPageTest, AnEdgeIsFoundByItsIdAtItsOwner) {
  const VertexId a = NewVertex(1);
  const VertexId b = NewVertex(2);
  Change create = CreateEdge(b, a, kLikes);
  create.bytes = Named("tie");
  const EdgeId edge = cluster_.RunAndCommit({create}).at(0).edge;
  const auto found = GetEdge(&cluster_, cluster_.Begin(), edge);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->edge.edge, edge);
  EXPECT_EQ(found->edge.source, b);
  EXPECT_EQ(found->edge.target, a);
  EXPECT_EQ(found->edge.type, kLikes);
  EXPECT_EQ(found->properties, Named("tie"));
  EXPECT_FALSE(GetEdge(&cluster_, cluster_.Begin(), EdgeId(b.slot(), 999)).has_value());
}

// Scans of 50 persons with ages from 0 on and of 50 loops at `hub`.
std::vector<PageRequest> AllScans(VertexId hub) {
  return {ScanLabel(LabelId()), ScanLabel(kPerson), ScanType(kKnows),
          ScanAges(KeyOf(int64_t{5}), KeyOf(int64_t{40})), ExpandAll(hub)};
}

// Clients hand cursors in: whatever they say, the worker lives.
TEST_F(ScanPageTest, ForgedCursorsDoNoHarm) {
  cluster_.CreateIndexes();
  const VertexId hub = NewVertex(1);
  std::vector<Change> changes(50, CreateEdge(hub, hub));
  for (int i = 0; i < 50; ++i) {
    changes.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, Aged(i)));
  }
  cluster_.RunAndCommit(changes);
  std::mt19937_64 random(5);
  const std::vector<PageRequest> scans = AllScans(hub);
  const MiniCluster::Tx tx = cluster_.Begin();
  ASSERT_TRUE(cluster_.RunOne(tx, CreateEdge(hub, hub)).ok());
  for (int i = 0; i < 5000; ++i) {
    storage::Shard::Cursor forged;
    forged.position = random() >> random() % 64;
    constexpr uint64_t kParts[] = {0, 1, 2, uint64_t{1} << 32, (uint64_t{1} << 32) + 1};
    forged.part = random() % 2 == 0 ? kParts[random() % 5] : random() >> random() % 64;
    forged.key.assign(random() % 10, static_cast<char>(random()));
    PageRequest request = scans[random() % scans.size()];
    request.limit = 10;
    request.cursor = EncodeCursor(forged);
    const auto page = Read(tx, request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_LE(page->rows.size(), 10u);
    request.cursor.pop_back();
    EXPECT_EQ(Read(tx, request).status().code(), absl::StatusCode::kInvalidArgument);
  }
}

// A cursor of another scan, or near to one that was given.
TEST_F(ScanPageTest, ACursorThatNobodyGaveDoesNoHarm) {
  cluster_.CreateIndexes();
  std::vector<Change> creates;
  for (int i = 0; i < 100; ++i) {
    creates.push_back(CreateVertex(cluster_.SlotAt(1), {kPerson}, Aged(i)));
  }
  const std::vector<Change> created = cluster_.RunAndCommit(creates);
  const VertexId hub = created[0].vertex;
  for (const Change& one : created) cluster_.RunAndCommit({CreateEdge(hub, one.vertex)});
  const std::vector<PageRequest> scans = AllScans(hub);
  const MiniCluster::Tx tx = cluster_.Begin();
  std::mt19937_64 random(11);
  const auto number = [&random] {
    return random() % 3 == 0 ? random() : random() % 3 == 0 ? random() % 5000 : random() % 100;
  };
  for (int i = 0; i < 20'000; ++i) {
    PageRequest request = scans[random() % scans.size()];
    request.limit = 7;
    storage::Shard::Cursor cursor{number(), number(), {}, false};
    if (random() % 2 == 0) cursor.key = KeyOf(static_cast<int64_t>(random() % 100));
    if (random() % 8 == 0) cursor.key = std::string(random() % 30, static_cast<char>(random()));
    request.cursor = EncodeCursor(cursor);
    const auto page = Read(tx, request);
    ASSERT_TRUE(page.ok()) << page.status();
    ASSERT_LE(page->rows.size(), 7u);
  }
}

}  // namespace
}  // namespace tidemark::exec
