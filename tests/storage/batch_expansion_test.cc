// SPDX-License-Identifier: Apache-2.0
// Expansion of many vertices at once against expansion of each alone, for readers of every age with
// writes of their own, at vertices with tombstones, several blocks, self loops and several types.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <utility>
#include <vector>

#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

class BatchExpansionTest : public ShardTest {
 protected:
  static constexpr int kVertexCount = 12;

  uint64_t Number(uint64_t bound) { return random_() % bound; }
  // Vertex 0 is a hub of several blocks.
  VertexId Pick() { return all_[Number(2) == 0 ? 0 : Number(all_.size())]; }
  TypeId PickType() { return TypeId(1 + static_cast<uint32_t>(Number(2))); }

  void Write(View view, size_t count) {
    for (size_t i = 0; i < count; ++i) {
      if (edges_.empty() || Number(3) != 0) {
        edges_.push_back(Edge(view, Pick(), Pick(), PickType()));
        continue;
      }
      const size_t at = Number(edges_.size());
      if (shard_->DeleteEdge(view, edges_[at]).ok()) {
        edges_[at] = edges_.back();
        edges_.pop_back();
      }
    }
  }
  // Of each vertex the neighbours, with the edges to them.
  using Found = std::vector<std::pair<VertexId, EdgeId>>;
  std::vector<Found> OneByOne(View view, Direction direction, const std::vector<TypeId>& types) {
    std::vector<Found> result;
    for (const VertexId vertex : all_) {
      std::vector<Neighbour> found;
      for (Shard::Cursor cursor; !cursor.done;) {
        if (!shard_->Expand(view, {vertex, direction, types, 500}, &cursor, &found)) break;
      }
      Found& pairs = result.emplace_back();
      for (const Neighbour& neighbour : found) pairs.emplace_back(neighbour.vertex, neighbour.edge);
    }
    return result;
  }
  // Without edges when they are not wanted.
  std::vector<Found> AtOnce(View view, Direction direction, const std::vector<TypeId>& types,
                            bool wants_edges) {
    NeighbourColumns columns;
    columns.wants_edges = wants_edges;
    Found pairs;
    std::vector<size_t> ends;
    const size_t page = Number(4) == 0 ? 1 + Number(5) : 1 + Number(3000);
    for (Shard::BatchCursor cursor; cursor.next < all_.size();) {
      columns.vertices.clear();
      columns.edges.clear();
      columns.ends.clear();
      shard_->ExpandBatch(view, {all_, direction, types, page}, &cursor, &columns);
      EXPECT_LE(columns.vertices.size(), page);
      EXPECT_EQ(columns.edges.size(), wants_edges ? columns.vertices.size() : 0);
      for (const size_t end : columns.ends) ends.push_back(pairs.size() + end);
      for (size_t i = 0; i < columns.vertices.size(); ++i) {
        pairs.emplace_back(columns.vertices[i], wants_edges ? columns.edges[i] : EdgeId());
      }
    }
    std::vector<Found> result;
    size_t begin = 0;
    for (const size_t end : ends) {
      result.emplace_back(pairs.begin() + static_cast<ptrdiff_t>(begin),
                          pairs.begin() + static_cast<ptrdiff_t>(end));
      begin = end;
    }
    return result;
  }
  std::vector<uint64_t> DegreesAtOnce(View view, Direction direction,
                                      const std::vector<TypeId>& types) {
    std::vector<uint64_t> degrees(all_.size());
    Shard::BatchCursor cursor;
    const auto at_once = static_cast<int64_t>(1 + Number(Number(4) == 0 ? 4 : 3000));
    int64_t units = at_once;
    while (!shard_->Degrees(view, {all_, direction, types}, &cursor, &units,
                            absl::MakeSpan(degrees))) {
      units = at_once;
    }
    return degrees;
  }
  void Check(View view) {
    constexpr Direction kDirections[] = {Direction::kOut, Direction::kIn, Direction::kAny};
    const Direction direction = kDirections[Number(3)];
    std::vector<TypeId> types;
    if (Number(3) == 0) types.push_back(PickType());
    std::vector<Found> wanted = OneByOne(view, direction, types);
    ASSERT_EQ(AtOnce(view, direction, types, true), wanted);
    std::vector<uint64_t> degrees;
    for (Found& found : wanted) {
      degrees.push_back(found.size());
      for (auto& [vertex, edge] : found) edge = EdgeId();
    }
    ASSERT_EQ(AtOnce(view, direction, types, false), wanted);
    ASSERT_EQ(DegreesAtOnce(view, direction, types), degrees);
  }

  std::mt19937_64 random_{17};
  std::vector<VertexId> all_;
  std::vector<EdgeId> edges_;
};

TEST_F(BatchExpansionTest, AgreesWithTheExpansionOfEachVertex) {
  TxId tx = NextTx();
  for (int i = 0; i < kVertexCount; ++i) all_.push_back(Vertex(Now(tx)));
  Write(Now(tx), 12'000);
  Commit(tx);
  Csn horizon = shard_->applied();
  for (int round = 0; round < 300; ++round) {
    tx = NextTx();
    Write(Now(tx), Number(8) == 0 ? 600 : Number(40));
    const TxId reader = NextTx();  // sees its own writes and none of those above
    std::vector<EdgeId> kept = edges_;
    if (Number(2) == 0) Write(Now(reader), 1 + Number(20));
    for (int i = 0; i < 3; ++i) Check(Now(reader));
    shard_->Abort(reader);
    edges_ = kept;
    Check(Now(tx));
    Commit(tx);
    for (int i = 0; i < 3; ++i) {
      Check({Csn(horizon.value() + Number(shard_->applied().value() - horizon.value() + 1)),
             TxId(0)});
    }
    if (Number(10) == 0) {
      horizon = Csn(horizon.value() + Number(shard_->applied().value() - horizon.value() + 1));
      shard_->SetHorizon(horizon);
      while (!shard_->CollectSome(1000)) {
      }
    }
  }
  shard_->CheckInvariants();
}

// A call looks at a bounded number of vertices, with or without neighbours.
TEST_F(BatchExpansionTest, ALongFrontierIsTakenInSteps) {
  const TxId tx = NextTx();
  all_.push_back(Vertex(Now(tx)));
  Commit(tx);
  const std::vector<VertexId> frontier(100'000, all_[0]);
  NeighbourColumns columns;
  int call_count = 0;
  for (Shard::BatchCursor cursor; cursor.next < frontier.size(); ++call_count) {
    shard_->ExpandBatch(Now(), {frontier, Direction::kAny, {}, 1000}, &cursor, &columns);
  }
  EXPECT_GT(call_count, 3);
  EXPECT_EQ(columns.ends.size(), frontier.size());
}

}  // namespace
}  // namespace tidemark::storage
