// SPDX-License-Identifier: Apache-2.0
// Statements that read a random graph give what nested loops over a list of its elements give: for
// one worker and for three, for readers of an old commit, of the newest, and of their own writes.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/property_set.h"
#include "graph/value_coding.h"
#include "graph/value_text.h"
#include "query/text/error.h"
#include "tests/exec/fragment_workers.h"
#include "tests/exec/graph_cases.h"

namespace tidemark::exec {
namespace {

using graph::EdgeRef;
using graph::Value;

bool IsTrue(const Value& value, const std::function<bool(int64_t)>& holds) {
  return value.type() == graph::ValueType::kInteger && holds(value.integer());
}

// A graph that grows by transactions of random writes. The model has what the newest has made.
class RandomGraph {
 public:
  RandomGraph(uint32_t worker_count, uint32_t seed) : cluster_(worker_count), random_(seed) {
    cluster_.CreateIndexes();
  }

  void AddVertices(const MiniCluster::Tx& tx, size_t count);
  void AddEdges(const MiniCluster::Tx& tx, size_t count);
  void DeleteSome(const MiniCluster::Tx& tx, size_t count);

  MiniCluster& cluster() { return cluster_; }
  const Model& model() const { return model_; }

 private:
  size_t Below(size_t bound) { return random_() % bound; }
  Change Run(const MiniCluster::Tx& tx, const Change& change) {
    absl::StatusOr<Change> made = cluster_.RunOne(tx, change);
    CHECK(made.ok()) << made.status();
    return *std::move(made);
  }

  MiniCluster cluster_;
  std::minstd_rand random_;
  Model model_;
  size_t name_count_ = 0;
};

void RandomGraph::AddVertices(const MiniCluster::Tx& tx, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    ModelVertex vertex;
    std::string properties;
    if (Below(2) == 0) vertex.labels.insert(kPerson);
    if (Below(3) == 0) vertex.labels.insert(kTown);
    if (Below(3) != 0) {
      vertex.name = Value::String(absl::StrCat("n", name_count_++));
      properties = Named(vertex.name.string());
    }
    if (Below(4) != 0) {
      vertex.age = Value::Integer(static_cast<int64_t>(Below(10)));
      properties = graph::WithProperty(properties, kAge, graph::EncodeValue(vertex.age));
    }
    const uint32_t worker = 1 + static_cast<uint32_t>(Below(cluster_.worker_count()));
    vertex.id = Run(tx, CreateVertex(cluster_.SlotAt(worker),
                                     {vertex.labels.begin(), vertex.labels.end()}, properties))
                    .vertex;
    model_.vertices.push_back(vertex);
  }
}

void RandomGraph::AddEdges(const MiniCluster::Tx& tx, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const VertexId source = model_.vertices[Below(model_.vertices.size())].id;
    const VertexId target =
        Below(8) == 0 ? source : model_.vertices[Below(model_.vertices.size())].id;
    const TypeId type = Below(2) == 0 ? kKnows : kLikes;
    const EdgeId edge = Run(tx, CreateEdge(source, target, type)).edge;
    model_.edges.push_back({edge, source, target, type});
  }
}

void RandomGraph::DeleteSome(const MiniCluster::Tx& tx, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    const size_t at = Below(model_.edges.size());
    Run(tx, OnEdge(ChangeKind::kDeleteEdge, model_.edges[at].edge));
    model_.edges.erase(model_.edges.begin() + static_cast<std::ptrdiff_t>(at));
  }
  for (size_t i = 0; i < count / 4; ++i) {
    const size_t at = Below(model_.vertices.size());
    const VertexId id = model_.vertices[at].id;
    Run(tx, DetachDelete(id));
    model_.vertices.erase(model_.vertices.begin() + static_cast<std::ptrdiff_t>(at));
    std::erase_if(model_.edges,
                  [id](const EdgeRef& edge) { return edge.source == id || edge.target == id; });
  }
}

// Calls `use(edge, end)` for each edge at the vertex; a loop comes once.
void ForEachEdgeAt(const Model& model, VertexId vertex,
                   const std::function<void(const EdgeRef&, VertexId)>& use) {
  for (const EdgeRef& edge : model.edges) {
    if (edge.source == vertex) {
      use(edge, edge.target);
    } else if (edge.target == vertex) {
      use(edge, edge.source);
    }
  }
}

void AddScanCases(std::vector<Case>* cases) {
  cases->push_back({"MATCH (a:Person) RETURN a, a.age, a.name", [](const Model& m, Rows* rows) {
                      for (const ModelVertex& a : m.vertices) {
                        if (!a.Has(kPerson)) continue;
                        rows->push_back(Row({Value::Of(a.id), a.age, a.name}));
                      }
                    }});
  cases->push_back({"MATCH (a:Town:Person) RETURN a", [](const Model& m, Rows* rows) {
                      for (const ModelVertex& a : m.vertices) {
                        if (a.Has(kPerson) && a.Has(kTown)) rows->push_back(Row({Value::Of(a.id)}));
                      }
                    }});
  cases->push_back(
      {"MATCH (a:Person) WHERE a.age > 3 AND a.age <= 6 RETURN a", [](const Model& m, Rows* rows) {
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kPerson)) continue;
           if (IsTrue(a.age, [](int64_t age) { return age > 3 && age <= 6; })) {
             rows->push_back(Row({Value::Of(a.id)}));
           }
         }
       }});
  cases->push_back(
      {"UNWIND ['n0', 'n1', 'n2', 'n3', 'n5', 'n8', 'n13', 'n21', 'n34', 'n1'] AS x "
       "MATCH (a:Person {name: x}) RETURN a, a.age, x",
       [](const Model& m, Rows* rows) {
         for (const ModelVertex& a : m.vertices) {
           for (const int i : {0, 1, 2, 3, 5, 8, 13, 21, 34, 1}) {
             const Value name = Value::String(absl::StrCat("n", i));
             if (!a.Has(kPerson) || Row({a.name}) != Row({name})) continue;
             rows->push_back(Row({Value::Of(a.id), a.age, name}));
           }
         }
       }});
  cases->push_back(
      {"MATCH (a:Town) RETURN a, labels(a), keys(a)", [](const Model& m, Rows* rows) {
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kTown)) continue;
           std::vector<Value> labels;
           std::vector<Value> keys;
           if (a.Has(kPerson)) labels.push_back(Value::String("Person"));
           labels.push_back(Value::String("Town"));
           if (!a.name.is_null()) keys.push_back(Value::String("name"));
           if (!a.age.is_null()) keys.push_back(Value::String("age"));
           rows->push_back(Row({Value::Of(a.id), Value::List(labels), Value::List(keys)}));
         }
       }});
}

void AddAggregateCases(std::vector<Case>* cases) {
  cases->push_back({"MATCH (a) RETURN count(*), sum(a.age)", [](const Model& m, Rows* rows) {
                      int64_t sum = 0;
                      for (const ModelVertex& a : m.vertices) {
                        sum += a.age.is_null() ? 0 : a.age.integer();
                      }
                      rows->push_back(Row({Value::Integer(static_cast<int64_t>(m.vertices.size())),
                                           Value::Integer(sum)}));
                    }});
  cases->push_back(
      {"MATCH (a)-->(b:Person) RETURN a.age, count(b.age), max(b.age)",
       [](const Model& m, Rows* rows) {
         std::map<std::string, std::pair<int64_t, int64_t>> groups;
         for (const EdgeRef& e : m.edges) {
           if (!m.At(e.target).Has(kPerson)) continue;
           auto& group = groups.try_emplace(Row({m.At(e.source).age}), 0, -1).first->second;
           const Value& age = m.At(e.target).age;
           if (age.is_null()) continue;
           ++group.first;
           group.second = std::max(group.second, age.integer());
         }
         for (const auto& [key, group] : groups) {
           rows->push_back(absl::StrCat(key, " ", group.first, " ",
                                        group.first == 0 ? "null" : absl::StrCat(group.second)));
         }
       }});
  cases->push_back({"MATCH (a) RETURN DISTINCT a.age", [](const Model& m, Rows* rows) {
                      std::set<std::string> ages;
                      for (const ModelVertex& a : m.vertices) ages.insert(Row({a.age}));
                      rows->assign(ages.begin(), ages.end());
                    }});
}

void AddEdgeCases(std::vector<Case>* cases) {
  cases->push_back(
      {"MATCH (a)-[r]->(b) RETURN a, r, b", [](const Model& m, Rows* rows) {
         for (const EdgeRef& e : m.edges) {
           rows->push_back(Row({Value::Of(e.source), Value::Of(e), Value::Of(e.target)}));
         }
       }});
  cases->push_back(
      {"MATCH (a:Person)<-[r:LIKES]-(b) RETURN a, type(r), b.age", [](const Model& m, Rows* rows) {
         for (const EdgeRef& e : m.edges) {
           if (e.type != kLikes || !m.At(e.target).Has(kPerson)) continue;
           rows->push_back(Row({Value::Of(e.target), Value::String("LIKES"), m.At(e.source).age}));
         }
       }});
  cases->push_back({"MATCH (a)-[r]-(b) RETURN a, r, b", [](const Model& m, Rows* rows) {
                      for (const ModelVertex& a : m.vertices) {
                        ForEachEdgeAt(m, a.id, [&](const EdgeRef& e, VertexId b) {
                          rows->push_back(Row({Value::Of(a.id), Value::Of(e), Value::Of(b)}));
                        });
                      }
                    }});
  cases->push_back({"MATCH (a)-[r:KNOWS|LIKES]->(a) RETURN a, r", [](const Model& m, Rows* rows) {
                      for (const EdgeRef& e : m.edges) {
                        if (e.source == e.target) {
                          rows->push_back(Row({Value::Of(e.source), Value::Of(e)}));
                        }
                      }
                    }});
  cases->push_back(
      {"MATCH (a:Town) OPTIONAL MATCH (a)-[:LIKES]->(b:Person) RETURN a, b, b.age",
       [](const Model& m, Rows* rows) {
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kTown)) continue;
           const size_t before = rows->size();
           for (const EdgeRef& e : m.edges) {
             if (e.source != a.id || e.type != kLikes || !m.At(e.target).Has(kPerson)) continue;
             rows->push_back(Row({Value::Of(a.id), Value::Of(e.target), m.At(e.target).age}));
           }
           if (rows->size() == before) rows->push_back(Row({Value::Of(a.id), {}, {}}));
         }
       }});
}

void AddPathCases(std::vector<Case>* cases) {
  cases->push_back(
      {"MATCH (a:Person)-[r]-(b)-[s]-(c:Town) WHERE b.age = c.age RETURN a, r, s, c",
       [](const Model& m, Rows* rows) {
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kPerson)) continue;
           ForEachEdgeAt(m, a.id, [&](const EdgeRef& r, VertexId b) {
             ForEachEdgeAt(m, b, [&](const EdgeRef& s, VertexId c) {
               if (r.edge == s.edge || !m.At(c).Has(kTown)) return;
               if (m.At(b).age.is_null()) return;
               if (Row({m.At(b).age}) != Row({m.At(c).age})) return;
               rows->push_back(Row({Value::Of(a.id), Value::Of(r), Value::Of(s), Value::Of(c)}));
             });
           });
         }
       }});
  cases->push_back(
      {"MATCH (a:Town)-[:KNOWS*1..2]->(b) RETURN a, b.name", [](const Model& m, Rows* rows) {
         for (const EdgeRef& r : m.edges) {
           if (r.type != kKnows || !m.At(r.source).Has(kTown)) continue;
           rows->push_back(Row({Value::Of(r.source), m.At(r.target).name}));
           for (const EdgeRef& s : m.edges) {
             const bool follows = s.source == r.target && s.edge != r.edge;
             if (s.type != kKnows || !follows) continue;
             rows->push_back(Row({Value::Of(r.source), m.At(s.target).name}));
           }
         }
       }});
}

bool Seeks(const query::plan::Operator& node) {
  if (node.kind == query::plan::OperatorKind::kSeekIndex) return true;
  if (InnerOf(node) != nullptr && Seeks(*InnerOf(node)->root)) return true;
  return std::any_of(node.inputs.begin(), node.inputs.end(),
                     [](const auto& input) { return Seeks(*input); });
}

class GraphQueryTest : public testing::TestWithParam<uint32_t> {
 protected:
  void ExpectAll(const Model& model, storage::View view, const char* reader) {
    for (const Case& test : cases_) {
      SCOPED_TRACE(absl::StrCat(test.text, ", ", reader));
      workers_.slice_units = 1 + static_cast<int64_t>(++round_ * 37 % 500);
      absl::StatusOr<Rows> rows = workers_.Rows(test.text, view);
      ASSERT_TRUE(rows.ok()) << rows.status();
      Rows expected;
      test.expected(model, &expected);
      std::sort(rows->begin(), rows->end());
      std::sort(expected.begin(), expected.end());
      EXPECT_FALSE(expected.empty());
      EXPECT_EQ(*rows, expected);
    }
  }

  void SetUp() override {
    AddScanCases(&cases_);
    AddAggregateCases(&cases_);
    AddEdgeCases(&cases_);
    AddPathCases(&cases_);
    AddCountCases(&cases_);
  }

  RandomGraph graph_{GetParam(), 5};
  FragmentWorkers workers_{&graph_.cluster(), 6};
  std::vector<Case> cases_;
  uint64_t round_ = 0;
};

TEST_P(GraphQueryTest, GivesWhatNestedLoopsGive) {
  MiniCluster& cluster = graph_.cluster();
  const MiniCluster::Tx first = cluster.Begin();
  graph_.AddVertices(first, 120);
  graph_.AddEdges(first, 300);
  cluster.Commit(first);
  const Model old_model = graph_.model();
  const storage::View old_view = cluster.Begin().view;
  ExpectAll(old_model, old_view, "a reader of the newest commit");

  const MiniCluster::Tx writer = cluster.Begin();
  graph_.AddVertices(writer, 30);
  graph_.AddEdges(writer, 100);
  graph_.DeleteSome(writer, 40);
  ExpectAll(graph_.model(), writer.view, "a reader of its own writes");
  ExpectAll(old_model, old_view, "a reader beside a writer");
  cluster.Commit(writer);
  ExpectAll(old_model, old_view, "a reader of an old commit");
  ExpectAll(graph_.model(), cluster.Begin().view, "a reader of the newest commit");
}

TEST_P(GraphQueryTest, IndexesAreUsed) {
  size_t count = 0;
  for (const Case& test : cases_) {
    count += Seeks(*PlanOf(test.text, GetParam()).home.root) ? 1 : 0;
  }
  EXPECT_EQ(count, 2u);
}

TEST_P(GraphQueryTest, SortsAndStopsEarly) {
  const MiniCluster::Tx tx = graph_.cluster().Begin();
  graph_.AddVertices(tx, 300);
  graph_.AddEdges(tx, 900);
  graph_.cluster().Commit(tx);
  const storage::View view = graph_.cluster().Begin().view;
  std::vector<int64_t> ages;
  for (const ModelVertex& vertex : graph_.model().vertices) {
    if (!vertex.age.is_null()) ages.push_back(vertex.age.integer());
  }
  std::sort(ages.begin(), ages.end());
  const absl::StatusOr<Rows> top = workers_.Rows(
      "MATCH (a) WHERE a.age IS NOT NULL RETURN a.age ORDER BY a.age SKIP 10 LIMIT 90", view);
  ASSERT_TRUE(top.ok()) << top.status();
  ASSERT_EQ(top->size(), 90u);
  for (size_t i = 0; i < 90; ++i) EXPECT_EQ((*top)[i], absl::StrCat(ages[10 + i]));
  // Rows closes what is left open at the workers.
  const absl::StatusOr<Rows> some =
      workers_.Rows("MATCH (a)--(b)--(c)--(d) WITH a, d LIMIT 7 RETURN a, d.name", view);
  ASSERT_TRUE(some.ok()) << some.status();
  EXPECT_EQ(some->size(), 7u);
}

TEST_P(GraphQueryTest, AnErrorAtAWorkerComesAsItWas) {
  const MiniCluster::Tx tx = graph_.cluster().Begin();
  graph_.AddVertices(tx, 50);
  graph_.cluster().Commit(tx);
  const absl::StatusOr<Rows> rows = workers_.Rows(
      "MATCH (a) WHERE 1 / (a.age - a.age) = 1 RETURN a", graph_.cluster().Begin().view);
  ASSERT_FALSE(rows.ok());
  const auto error = query::ErrorOf(rows.status());
  ASSERT_TRUE(error.has_value()) << rows.status();
  EXPECT_EQ(error->id, query::ErrorId::kDivisionByZero);
  EXPECT_TRUE(error->position.has_value());
}

INSTANTIATE_TEST_SUITE_P(Workers, GraphQueryTest, testing::Values(1u, 3u));

}  // namespace
}  // namespace tidemark::exec
