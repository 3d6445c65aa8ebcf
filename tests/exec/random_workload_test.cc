// SPDX-License-Identifier: Apache-2.0
// Random transactions, several open at a time, over some shards, against a model of the graph.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "tests/exec/graph_reads.h"

namespace tidemark::exec {
namespace {

struct ModelEdge {
  VertexId source;
  VertexId target;
  TypeId type;
  friend auto operator<=>(const ModelEdge&, const ModelEdge&) = default;
};

struct ModelGraph {
  std::map<VertexId, std::string> vertices;  // its name, empty = none
  std::map<EdgeId, ModelEdge> edges;

  VertexId HolderOf(const std::string& name) const {
    for (const auto& [vertex, held] : vertices) {
      if (held == name) return vertex;
    }
    return VertexId();
  }
};

// What a transaction did, to be done to the committed model when it commits.
struct Changes {
  std::map<VertexId, std::string> set;  // created or renamed
  std::set<VertexId> created;
  std::set<VertexId> deleted;
  std::map<EdgeId, ModelEdge> created_edges;
  std::set<EdgeId> deleted_edges;
};

struct OpenTx {
  MiniCluster::Tx tx;
  ModelGraph seen;  // as the transaction must see it
  Changes changes;
};

class RandomWorkload {
 public:
  RandomWorkload(uint64_t seed, uint32_t worker_count) : random_(seed), cluster_(worker_count) {
    cluster_.CreateIndexes();
    cluster_.slice_units = 1 + static_cast<int64_t>(Number(600));
  }

  void Step() {
    if (Number(50) == 0) Collect();
    if (open_.size() < 4 && Number(4) == 0) {
      open_.push_back({cluster_.Begin(), committed_, {}});
      return;
    }
    if (open_.empty()) return;
    const size_t at = Number(open_.size());
    const uint64_t choice = Number(100);
    if (choice < 8) return End(at, /*commit=*/true);
    if (choice < 10) return End(at, /*commit=*/false);
    OpenTx& tx = open_[at];
    if (choice < 20) return Read(&tx);
    const absl::Status status = Write(&tx, choice);
    if (status.ok()) return;
    // A conflict, or a rule that the newest state breaks though the transaction cannot see it.
    EXPECT_TRUE(absl::IsAborted(status) || absl::IsAlreadyExists(status)) << status;
    ++conflict_count_;
    End(at, /*commit=*/false);
  }

  void Finish() {
    while (!open_.empty()) End(0, Number(2) == 0);
    CheckAll();
    cluster_.CollectAll();
    CheckAll();
    EXPECT_GT(commit_count_, 100);
    EXPECT_GT(conflict_count_, 10);
  }

 private:
  uint64_t Number(uint64_t bound) { return random_() % bound; }

  void Collect() {
    Csn horizon = cluster_.Begin().view.read_csn;
    for (const OpenTx& open : open_) horizon = std::min(horizon, open.tx.view.read_csn);
    cluster_.CollectUpTo(horizon);
  }

  template <typename Map>
  auto Pick(const Map& map) {
    return std::next(map.begin(), static_cast<ptrdiff_t>(Number(map.size())))->first;
  }

  std::string RandomName() { return "name" + std::to_string(Number(12)); }

  absl::Status Write(OpenTx* tx, uint64_t choice) {
    if (tx->seen.vertices.empty() || choice < 30) return Create(tx);
    if (choice < 66) return Connect(tx);
    if (choice < 78) return tx->seen.edges.empty() ? absl::OkStatus() : Disconnect(tx);
    if (choice < 96) return Rename(tx);
    return choice < 98 ? Detach(tx) : Delete(tx);
  }

  // What the newest visible state says about taking a name.
  bool NameIsFree(const OpenTx& tx, const std::string& name, VertexId except) const {
    const VertexId holder = name.empty() ? VertexId() : tx.seen.HolderOf(name);
    return !holder.valid() || holder == except;
  }

  absl::Status Create(OpenTx* tx) {
    const std::string name = Number(2) == 0 ? RandomName() : "";
    const auto worker = static_cast<uint32_t>(1 + Number(cluster_.worker_count()));
    const SlotId slot = cluster_.SlotAt(worker, static_cast<uint32_t>(Number(2)));
    const auto result =
        cluster_.RunOne(tx->tx, CreateVertex(slot, {kPerson}, name.empty() ? "" : Named(name)));
    if (!result.ok()) return result.status();
    const VertexId vertex = result->vertex;
    tx->seen.vertices[vertex] = name;
    tx->changes.set[vertex] = name;
    tx->changes.created.insert(vertex);
    return absl::OkStatus();
  }

  absl::Status Connect(OpenTx* tx) {
    const ModelEdge edge{Pick(tx->seen.vertices), Pick(tx->seen.vertices),
                         Number(2) == 0 ? kKnows : kLikes};
    const auto result = cluster_.RunOne(tx->tx, CreateEdge(edge.source, edge.target, edge.type));
    if (!result.ok()) return result.status();
    tx->seen.edges[result->edge] = edge;
    tx->changes.created_edges[result->edge] = edge;
    return absl::OkStatus();
  }

  void Forget(OpenTx* tx, EdgeId edge) {
    tx->seen.edges.erase(edge);
    if (tx->changes.created_edges.erase(edge) == 0) tx->changes.deleted_edges.insert(edge);
  }

  void Forget(OpenTx* tx, VertexId vertex) {
    tx->seen.vertices.erase(vertex);
    tx->changes.set.erase(vertex);
    if (tx->changes.created.erase(vertex) == 0) tx->changes.deleted.insert(vertex);
  }

  absl::Status Disconnect(OpenTx* tx) {
    const EdgeId edge = Pick(tx->seen.edges);
    const auto result = cluster_.RunOne(tx->tx, OnEdge(ChangeKind::kDeleteEdge, edge));
    if (!result.ok()) return result.status();
    Forget(tx, edge);
    return absl::OkStatus();
  }

  absl::Status Rename(OpenTx* tx) {
    const VertexId vertex = Pick(tx->seen.vertices);
    const std::string name = Number(3) == 0 ? "" : RandomName();
    const bool is_free = NameIsFree(*tx, name, vertex);
    const auto result = cluster_.RunOne(tx->tx, SetName(vertex, name));
    if (!result.ok()) return result.status();
    // Uniqueness is checked against the newest state: what the transaction sees as taken may have
    // become free, but not by itself.
    EXPECT_TRUE(is_free || !committed_.HolderOf(name).valid()) << name;
    // To remove what is not there is no write: another transaction may set it at the same time.
    if (name.empty() && tx->seen.vertices[vertex].empty()) return absl::OkStatus();
    tx->seen.vertices[vertex] = name;
    tx->changes.set[vertex] = name;
    return absl::OkStatus();
  }

  std::vector<EdgeId> EdgesOf(const OpenTx& tx, VertexId vertex) const {
    std::vector<EdgeId> edges;
    for (const auto& [id, edge] : tx.seen.edges) {
      if (edge.source == vertex || edge.target == vertex) edges.push_back(id);
    }
    return edges;
  }

  absl::Status Detach(OpenTx* tx) {
    const VertexId first = Pick(tx->seen.vertices);
    const VertexId second = Pick(tx->seen.vertices);
    std::vector<Change> deletes = {DetachDelete(first)};
    if (second != first) deletes.push_back(DetachDelete(second));
    const auto result = cluster_.Run(tx->tx, deletes);
    if (!result.ok()) return result.status();
    for (VertexId vertex : {first, second}) {
      for (EdgeId edge : EdgesOf(*tx, vertex)) Forget(tx, edge);
    }
    Forget(tx, first);
    if (second != first) Forget(tx, second);
    return absl::OkStatus();
  }

  absl::Status Delete(OpenTx* tx) {
    const VertexId vertex = Pick(tx->seen.vertices);
    const auto result = cluster_.RunOne(tx->tx, OnVertex(ChangeKind::kDeleteVertex, vertex));
    if (!EdgesOf(*tx, vertex).empty()) {
      EXPECT_TRUE(absl::IsFailedPrecondition(result.status()) || absl::IsAborted(result.status()))
          << result.status();
      return absl::AbortedError("the vertex has edges");
    }
    if (!result.ok()) return result.status();
    Forget(tx, vertex);
    return absl::OkStatus();
  }

  void Read(OpenTx* tx) {
    if (tx->seen.vertices.empty()) return;
    const VertexId vertex = Pick(tx->seen.vertices);
    const auto row = GetVertex(&cluster_, tx->tx, vertex);
    ASSERT_TRUE(row.has_value()) << vertex;
    const std::string& name = tx->seen.vertices[vertex];
    EXPECT_EQ(row->properties, name.empty() ? "" : Named(name));
    CheckNeighbours(tx->tx, tx->seen, vertex);
  }

  void End(size_t at, bool commit) {
    OpenTx tx = std::move(open_[at]);
    open_.erase(open_.begin() + static_cast<ptrdiff_t>(at));
    if (!commit) return cluster_.Abort(tx.tx);
    cluster_.Commit(tx.tx);
    ++commit_count_;
    const Changes& changes = tx.changes;
    for (EdgeId edge : changes.deleted_edges) EXPECT_EQ(committed_.edges.erase(edge), 1u);
    for (VertexId vertex : changes.deleted) EXPECT_EQ(committed_.vertices.erase(vertex), 1u);
    for (const auto& [vertex, name] : changes.set) {
      EXPECT_EQ(committed_.vertices.contains(vertex), !changes.created.contains(vertex));
      committed_.vertices[vertex] = name;
    }
    for (const auto& [id, edge] : changes.created_edges) {
      EXPECT_TRUE(committed_.vertices.contains(edge.source)) << id;
      EXPECT_TRUE(committed_.vertices.contains(edge.target)) << id;
      EXPECT_TRUE(committed_.edges.emplace(id, edge).second);
    }
    for (const auto& [id, edge] : committed_.edges) {
      EXPECT_TRUE(committed_.vertices.contains(edge.source)) << id;
      EXPECT_TRUE(committed_.vertices.contains(edge.target)) << id;
    }
    if (commit_count_ % 20 == 0) {
      CheckAll();
      // Open transactions still read what they saw.
      for (OpenTx& open : open_) Read(&open);
    }
  }

  void CheckNeighbours(const MiniCluster::Tx& tx, const ModelGraph& graph, VertexId vertex) {
    std::multiset<std::pair<EdgeId, bool>> expected;
    for (const auto& [id, edge] : graph.edges) {
      if (edge.source == vertex) expected.emplace(id, true);
      if (edge.target == vertex && edge.source != vertex) expected.emplace(id, false);
    }
    PageRequest expand = ExpandAll(vertex);
    expand.limit = 1 + static_cast<int64_t>(Number(9));
    std::multiset<std::pair<EdgeId, bool>> found;
    do {
      const auto page = ReadPage(&cluster_, tx, expand);
      ASSERT_TRUE(page.ok()) << page.status();
      for (const ElementRow& row : page->rows) {
        const EdgeId id = row.edge.edge;
        found.emplace(id, row.is_outgoing);
        const auto edge = graph.edges.find(id);
        ASSERT_NE(edge, graph.edges.end()) << id;
        EXPECT_EQ(row.edge.type, edge->second.type);
        EXPECT_EQ(row.edge.source, edge->second.source);
        EXPECT_EQ(row.edge.target, edge->second.target);
        EXPECT_EQ(row.vertex, row.is_outgoing ? edge->second.target : edge->second.source);
      }
      expand.cursor = page->cursor;
    } while (!expand.cursor.empty());
    EXPECT_EQ(found, expected) << vertex;
  }

  void CheckAll() {
    const MiniCluster::Tx tx = cluster_.Begin();
    size_t vertex_count = 0;
    for (uint32_t worker = 1; worker <= cluster_.worker_count(); ++worker) {
      cluster_.scan_worker = NodeId(worker);
      PageRequest scan = ScanLabel(kPerson);
      scan.ids_only = true;
      do {
        const auto page = ReadPage(&cluster_, tx, scan);
        ASSERT_TRUE(page.ok()) << page.status();
        vertex_count += page->rows.size();
        for (const ElementRow& row : page->rows) {
          EXPECT_TRUE(committed_.vertices.contains(row.vertex)) << row.vertex;
        }
        scan.cursor = page->cursor;
      } while (!scan.cursor.empty());
    }
    EXPECT_EQ(vertex_count, committed_.vertices.size());
    for (const auto& [vertex, name] : committed_.vertices) {
      CheckNeighbours(tx, committed_, vertex);
    }
    for (int i = 0; i < 12; ++i) {
      const std::string name = "name" + std::to_string(i);
      EXPECT_EQ(FindName(&cluster_, tx, name), committed_.HolderOf(name)) << name;
    }
    cluster_.CheckInvariants();
  }

  std::mt19937_64 random_;
  MiniCluster cluster_;
  ModelGraph committed_;
  std::vector<OpenTx> open_;
  int commit_count_ = 0;
  int conflict_count_ = 0;
};

class RandomWorkloadTest : public ::testing::TestWithParam<uint64_t> {};

TEST_P(RandomWorkloadTest, AgreesWithAModel) {
  RandomWorkload workload(GetParam(), 1 + static_cast<uint32_t>(GetParam() % 3));
  for (int step = 0; step < 3000 && !::testing::Test::HasFailure(); ++step) workload.Step();
  workload.Finish();
}

INSTANTIATE_TEST_SUITE_P(Seeds, RandomWorkloadTest, ::testing::Range<uint64_t>(1, 25));

}  // namespace
}  // namespace tidemark::exec
