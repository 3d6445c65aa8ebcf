// SPDX-License-Identifier: Apache-2.0
#include "tests/exec/graph_cases.h"

#include <map>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "graph/value_text.h"

namespace tidemark::exec {

using graph::EdgeRef;
using graph::Value;

std::string Row(const std::vector<Value>& values) {
  std::string row;
  for (const Value& value : values) {
    absl::StrAppend(&row, row.empty() ? "" : " ", graph::ToText(value, 100));
  }
  return row;
}

namespace {

// Calls `use(end)` for each path of different edges from the vertex, whose edges go as the letters
// say: > out, < in, - either. Edges of one type, or of any.
struct Walk {
  const Model& model;
  std::string_view letters;
  std::function<void(VertexId)> use;
  TypeId type = TypeId();
  std::vector<EdgeId> edges = {};

  void From(VertexId vertex) {
    if (edges.size() == letters.size()) return use(vertex);
    const char letter = letters[edges.size()];
    for (const EdgeRef& edge : model.edges) {
      if (type != TypeId() && edge.type != type) continue;
      if (std::find(edges.begin(), edges.end(), edge.edge) != edges.end()) continue;
      const bool goes_out = letter != '<' && edge.source == vertex;
      const bool comes_in = letter != '>' && edge.target == vertex;
      if (!goes_out && !comes_in) continue;
      edges.push_back(edge.edge);
      From(goes_out ? edge.target : edge.source);
      edges.pop_back();
    }
  }
};

Value Count(size_t count) { return Value::Integer(static_cast<int64_t>(count)); }

size_t CountPathsFrom(const Model& m, VertexId vertex, std::string_view letters,
                      TypeId type = TypeId()) {
  size_t count = 0;
  Walk{m, letters, [&](VertexId) { ++count; }, type}.From(vertex);
  return count;
}

// How many paths there are from all vertices with the label, all in all.
size_t CountPaths(const Model& m, LabelId label, std::string_view letters, TypeId type) {
  size_t count = 0;
  for (const ModelVertex& a : m.vertices) {
    if (label == LabelId() || a.Has(label)) count += CountPathsFrom(m, a.id, letters, type);
  }
  return count;
}

// DISTINCT of vertices and of what is computed from the end alone.
void AddDistinctCases(std::vector<Case>* cases) {
  cases->push_back(
      {"MATCH (a:Person)-->()-->(d) RETURN DISTINCT d.age, d.name", [](const Model& m, Rows* rows) {
         std::set<std::string> ends;
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kPerson)) continue;
           Walk{m, ">>",
                [&](VertexId end) {
                  ends.insert(Row({m.At(end).age, m.At(end).name}));
                }}
               .From(a.id);
         }
         rows->assign(ends.begin(), ends.end());
       }});
  cases->push_back(
      {"MATCH (a:Person) OPTIONAL MATCH (a)-[:LIKES]->(b) RETURN DISTINCT b",
       [](const Model& m, Rows* rows) {
         std::set<std::string> ends;
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kPerson)) continue;
           const size_t paths = CountPathsFrom(m, a.id, ">", kLikes);
           if (paths == 0) ends.insert(Row({Value()}));
           Walk{m, ">", [&](VertexId end) { ends.insert(Row({Value::Of(end)})); }, kLikes}.From(
               a.id);
         }
         rows->assign(ends.begin(), ends.end());
       }});
  cases->push_back({"MATCH (a:Person)-->() WITH DISTINCT a RETURN count(*), sum(a.age)",
                    [](const Model& m, Rows* rows) {
                      size_t count = 0;
                      int64_t sum = 0;
                      for (const ModelVertex& a : m.vertices) {
                        if (!a.Has(kPerson) || CountPathsFrom(m, a.id, ">") == 0) continue;
                        ++count;
                        sum += a.age.is_null() ? 0 : a.age.integer();
                      }
                      rows->push_back(Row({Count(count), Value::Integer(sum)}));
                    }});
  cases->push_back({"MATCH (a:Town)-->(d) WITH DISTINCT d MATCH (d)--() RETURN count(*)",
                    [](const Model& m, Rows* rows) {
                      std::set<VertexId> ends;
                      for (const ModelVertex& a : m.vertices) {
                        if (!a.Has(kTown)) continue;
                        Walk{m, ">", [&](VertexId end) { ends.insert(end); }}.From(a.id);
                      }
                      size_t count = 0;
                      for (const VertexId end : ends) count += CountPathsFrom(m, end, "-");
                      rows->push_back(Row({Count(count)}));
                    }});
}

void AddEndCases(std::vector<Case>* cases) {
  cases->push_back({"MATCH (a:Person)-->()-->()-->(d) RETURN a, count(DISTINCT d)",
                    [](const Model& m, Rows* rows) {
                      for (const ModelVertex& a : m.vertices) {
                        std::set<VertexId> ends;
                        if (a.Has(kPerson)) {
                          Walk{m, ">>>", [&](VertexId end) { ends.insert(end); }}.From(a.id);
                        }
                        if (ends.empty()) continue;
                        rows->push_back(Row({Value::Of(a.id), Count(ends.size())}));
                      }
                    }});
  cases->push_back(
      {"MATCH (a:Town)-[r]->()-[s]-()<-[t]-(d) RETURN DISTINCT d", [](const Model& m, Rows* rows) {
         std::set<VertexId> ends;
         for (const ModelVertex& a : m.vertices) {
           if (!a.Has(kTown)) continue;
           Walk{m, ">-<", [&](VertexId end) { ends.insert(end); }}.From(a.id);
         }
         for (const VertexId end : ends) rows->push_back(Row({Value::Of(end)}));
       }});
  cases->push_back({"MATCH (a:Town)-->()-->(d) RETURN count(DISTINCT d), count(*)",
                    [](const Model& m, Rows* rows) {
                      std::set<VertexId> ends;
                      size_t count = 0;
                      for (const ModelVertex& a : m.vertices) {
                        if (!a.Has(kTown)) continue;
                        Walk{m, ">>",
                             [&](VertexId end) {
                               ends.insert(end);
                               ++count;
                             }}
                            .From(a.id);
                      }
                      rows->push_back(Row({Count(ends.size()), Count(count)}));
                    }});
}

// Each path as often as it is there, of which none passes an edge twice: the graph has loops,
// circles and edges beside one another.
void AddDifferentEdgeCases(std::vector<Case>* cases) {
  const auto add = [&](std::string pattern, LabelId label, std::string letters,
                       TypeId type = TypeId()) {
    cases->push_back(
        {absl::StrCat("MATCH ", pattern, " RETURN a, d"), [=](const Model& m, Rows* rows) {
           for (const ModelVertex& a : m.vertices) {
             if (!a.Has(label)) continue;
             const auto use = [&](VertexId end) {
               rows->push_back(Row({Value::Of(a.id), Value::Of(end)}));
             };
             Walk{m, letters, use, type}.From(a.id);
           }
         }});
  };
  add("(a:Person)-->()-->()-->(d)", kPerson, ">>>");
  add("(a:Town)-[:KNOWS]->()-[:KNOWS]->()-[:KNOWS]->()-[:KNOWS]->(d)", kTown, ">>>>", kKnows);
  add("(a:Town)<--()<--()<--(d)", kTown, "<<<");
  add("(a:Town)--()--()-->(d)", kTown, "-->");
  add("(a:Town)<--()-->()-->(d)", kTown, "<>>");
}

}  // namespace

void AddCountCases(std::vector<Case>* cases) {
  const auto add = [&](std::string text, LabelId label, std::string letters,
                       TypeId type = TypeId()) {
    cases->push_back({std::move(text), [=](const Model& m, Rows* rows) {
                        rows->push_back(Row({Count(CountPaths(m, label, letters, type))}));
                      }});
  };
  add("MATCH (a:Person)-[e:LIKES]->() RETURN count(e)", kPerson, ">", kLikes);
  add("MATCH ()<-[e:KNOWS]-() RETURN count(e)", LabelId(), "<", kKnows);
  add("MATCH (a:Town)--() RETURN count(*)", kTown, "-");
  add("MATCH (a:Person)-->()-->() RETURN count(*)", kPerson, ">>");
  add("MATCH (a:Town)-->()--() RETURN count(*)", kTown, ">-");
  add("MATCH (a:Town)-[:KNOWS]-()<-[:KNOWS]-()-[:KNOWS]-() RETURN count(*)", kTown, "-<-", kKnows);
  cases->push_back(
      {"MATCH (a)-->() RETURN a.age, count(*), sum(a.age)", [](const Model& m, Rows* rows) {
         std::map<std::string, std::pair<int64_t, int64_t>> groups;
         for (const EdgeRef& e : m.edges) {
           const Value& age = m.At(e.source).age;
           auto& group = groups[Row({age})];
           ++group.first;
           group.second += age.is_null() ? 0 : age.integer();
         }
         for (const auto& [key, group] : groups) {
           rows->push_back(absl::StrCat(key, " ", group.first, " ", group.second));
         }
       }});
  cases->push_back(
      {"MATCH (a:Person) WHERE (a)-[:LIKES]->() RETURN a", [](const Model& m, Rows* rows) {
         for (const ModelVertex& a : m.vertices) {
           size_t count = 0;
           if (a.Has(kPerson)) {
             Walk{m, ">", [&](VertexId) { ++count; }, kLikes}.From(a.id);
           }
           if (count > 0) rows->push_back(Row({Value::Of(a.id)}));
         }
       }});
  AddEndCases(cases);
  AddDifferentEdgeCases(cases);
  AddDistinctCases(cases);
}

}  // namespace tidemark::exec
