// SPDX-License-Identifier: Apache-2.0
// Two shards get the same operations. One applies each commit at once; the other one in slices, and
// meanwhile transactions read, write and end. Nobody must be able to tell the difference.
#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <random>
#include <string>
#include <tuple>
#include <vector>

#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "tests/storage/shard_fixture.h"

namespace tidemark::storage {
namespace {

constexpr KeyId kNumber{1};
constexpr LabelId kLabel{1};
constexpr size_t kPage = 100'000;

std::string Number(uint64_t number) {
  return graph::WithProperty(
      "", kNumber, graph::EncodeValue(graph::Value::Integer(static_cast<int64_t>(number))));
}

class CommitSlicesTest : public testing::Test {
 protected:
  CommitSlicesTest() {
    for (auto& shard : shards_) {
      shard = std::make_unique<Shard>(ShardLimits(), 1, NodeId(1));
      for (const auto& [id, kind] : {std::pair(1u, graph::IndexKind::kLabelProperty),
                                     std::pair(2u, graph::IndexKind::kEdgeType)}) {
        graph::IndexDefinition definition;
        definition.id = IndexId(id);
        definition.name = "index" + std::to_string(id);
        definition.kind = kind;
        definition.state = graph::IndexState::kOnline;
        if (kind == graph::IndexKind::kEdgeType) {
          definition.type = kType;
        } else {
          definition.label = kLabel;
          definition.keys = {kNumber};
        }
        shard->AddSchemaChange(TxId(1), definition);
      }
    }
    Commit(TxId(1));
    Finish();
  }

  uint64_t Below(uint64_t bound) { return random_() % bound; }
  Shard& slow() { return *shards_[0]; }
  Shard& quick() { return *shards_[1]; }
  View Now(TxId tx) { return {visible_, tx}; }
  TxId NextTx() { return last_tx_ = last_tx_.Next(); }

  void Commit(TxId tx) {
    last_csn_ = last_csn_.Next();
    for (auto& shard : shards_) {
      shard->TakePendingMutations(tx);
      shard->Commit(tx, last_csn_);
    }
    int64_t units = kNoLimit;
    ASSERT_TRUE(quick().ApplySome(&units));
  }
  // Everything is applied and visible.
  void Finish() {
    int64_t units = kNoLimit;
    ASSERT_TRUE(slow().ApplySome(&units));
    visible_ = last_csn_;
  }

  bool IsThere(View view, VertexId vertex) { return quick().GetVertex(view, vertex).has_value(); }
  // One random write by `tx` at both shards. False after a conflict: it must be aborted.
  bool Write(TxId tx) {
    const View view = Now(tx);
    const uint64_t choice = Below(100);
    if (vertices_.empty() || choice < 3) {
      const std::string properties = Number(Below(50));
      const NewVertex vertex{std::nullopt, {&kLabel, Below(2)}, properties};
      const VertexId made = *slow().CreateVertex(view, vertex, nullptr);
      EXPECT_EQ(made, *quick().CreateVertex(view, vertex, nullptr));
      vertices_.push_back(made);
      return true;
    }
    if (choice < 65) {
      const EdgeEnds ends{EdgeId(), Pick(), Pick(), Below(3) == 0 ? TypeId(2) : kType};
      if (!IsThere(view, ends.source) || !IsThere(view, ends.target)) return true;
      const auto made = slow().CreateEdge(view, ends, {});
      const auto expected = quick().CreateEdge(view, ends, {});
      EXPECT_EQ(made.status().code(), expected.status().code());
      if (!made.ok()) return false;
      EXPECT_EQ(*made, *expected);
      edges_.push_back(*made);
      return true;
    }
    absl::Status results[2];
    const VertexId vertex = Pick();
    const EdgeId edge = edges_.empty() ? EdgeId() : edges_[Below(edges_.size())];
    if (choice < 90 && !quick().GetEdge(view, edge).has_value()) return true;
    if (choice >= 90 && !IsThere(view, vertex)) return true;
    if (choice >= 99 && !EdgesOf(&quick(), view, vertex).empty()) return true;
    const std::string value = graph::EncodeValue(graph::Value::Integer(Below(50)));
    for (int i = 0; i < 2; ++i) {
      results[i] = choice < 85   ? shards_[i]->DeleteEdge(view, edge).status()
                   : choice < 90 ? shards_[i]->SetEdgeProperty(view, edge, kNumber, value)
                   : choice < 99
                       ? shards_[i]->SetVertexProperty(view, vertex, kNumber, value, nullptr)
                       : shards_[i]->DeleteVertex(view, vertex, nullptr);
    }
    EXPECT_EQ(results[0].code(), results[1].code()) << results[0] << " " << results[1];
    return results[0].ok();
  }
  // Vertex 0 has most of the edges.
  VertexId Pick() { return vertices_[Below(3) == 0 ? 0 : Below(vertices_.size())]; }

  using Edges = std::vector<std::tuple<VertexId, EdgeId, TypeId, bool>>;
  static Edges EdgesOf(Shard* shard, View view, VertexId vertex) {
    std::vector<Neighbour> found;
    for (Shard::Cursor cursor; !cursor.done;) {
      if (!shard->Expand(view, {vertex, Direction::kAny, {}, 300}, &cursor, &found)) break;
    }
    Edges edges;
    for (const Neighbour& n : found) edges.emplace_back(n.vertex, n.edge, n.type, n.outgoing);
    return edges;
  }
  void CheckVertex(View view, VertexId vertex) {
    const auto seen = slow().GetVertex(view, vertex);
    const auto expected = quick().GetVertex(view, vertex);
    ASSERT_EQ(seen.has_value(), expected.has_value());
    if (seen.has_value()) {
      EXPECT_EQ(seen->labels, expected->labels);
      EXPECT_EQ(seen->properties, expected->properties);
    }
    EXPECT_EQ(EdgesOf(&slow(), view, vertex), EdgesOf(&quick(), view, vertex));
  }
  void CheckEdge(View view, EdgeId edge) {
    const auto seen = slow().GetEdge(view, edge);
    const auto expected = quick().GetEdge(view, edge);
    ASSERT_EQ(seen.has_value(), expected.has_value()) << "edge " << edge;
    if (!seen.has_value()) return;
    EXPECT_EQ(seen->properties, expected->properties);
  }
  void CheckScans(View view) {
    std::vector<VertexId> found[3][2];
    std::vector<EdgeId> edges[2];
    for (int i = 0; i < 2; ++i) {
      Shard::Cursor cursor;
      shards_[i]->ScanLabel(view, LabelId(0), kPage, &cursor, &found[0][i]);
      cursor = {};
      shards_[i]->ScanLabel(view, kLabel, kPage, &cursor, &found[1][i]);
      cursor = {};
      EXPECT_TRUE(
          shards_[i]->ScanIndex(view, {IndexId(1), "", "\xff", kPage}, &cursor, &found[2][i]).ok());
      std::vector<EdgeEnds> ends;
      for (cursor = {}; !cursor.done;) shards_[i]->ScanEdgeType(view, kType, kPage, &cursor, &ends);
      for (const EdgeEnds& end : ends) edges[i].push_back(end.edge);
    }
    for (const auto& pair : found) EXPECT_EQ(pair[0], pair[1]);
    EXPECT_EQ(edges[0], edges[1]);
  }
  void Read(TxId tx) {
    if (vertices_.empty()) return;
    CheckVertex(Now(tx), Pick());
    if (!edges_.empty()) CheckEdge(Now(tx), edges_[Below(edges_.size())]);
    if (Below(40) == 0) CheckScans(Now(tx));
  }

  // What clients do while a commit is being applied; each transaction has one step in a row.
  void StepBesideCommit() {
    if (open_.size() < 4 && Below(3) == 0) open_.push_back(NextTx());
    Read(TxId(0));
    if (open_.empty()) return;
    const size_t at = Below(open_.size());
    const TxId tx = open_[at];
    Read(tx);
    const uint64_t choice = Below(10);
    if (choice < 7 && Write(tx)) return;
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
    if (choice == 9) return Commit(tx);
    for (auto& shard : shards_) shard->Abort(tx);
  }
  void AbortAllOpen() {
    for (const TxId tx : open_) {
      for (auto& shard : shards_) shard->Abort(tx);
    }
    open_.clear();
  }
  void Collect() {
    for (auto& shard : shards_) {
      shard->SetHorizon(visible_);
      shard->CollectSome(static_cast<int64_t>(Below(3000)));
    }
  }

  std::mt19937_64 random_{23};
  std::unique_ptr<Shard> shards_[2];
  std::vector<VertexId> vertices_;
  std::vector<EdgeId> edges_;
  std::vector<TxId> open_;
  TxId last_tx_{1};
  Csn last_csn_;
  Csn visible_;
};

TEST_F(CommitSlicesTest, NobodySeesACommitThatIsHalfApplied) {
  int step_count = 0;
  for (int round = 0; round < 60; ++round) {
    const TxId large = NextTx();
    for (size_t i = 50 + Below(1500); i > 0; --i) ASSERT_TRUE(Write(large));
    Commit(large);
    while (true) {
      int64_t units = 1 + static_cast<int64_t>(Below(8000));
      if (slow().ApplySome(&units)) break;
      for (size_t i = Below(4); i > 0; --i, ++step_count) StepBesideCommit();
      if (Below(20) == 0) Collect();
      if (HasFailure()) return;
    }
    // A transaction that goes on keeps what it has read; here each begins anew.
    AbortAllOpen();
    Finish();
    for (int i = 0; i < 20; ++i) Read(TxId(0));
    CheckScans(Now(TxId(0)));
    slow().CheckInvariants();
  }
  EXPECT_GT(step_count, 2000);
}

}  // namespace
}  // namespace tidemark::storage
