// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/graph.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "graph/value_text.h"
#include "tests/query/feature_scenario.h"

namespace tidemark::reference {
namespace {

constexpr SlotId kSlot{0};

// Element (as text), key and value of every property.
std::multiset<std::string> PropertyFacts(const Graph& graph) {
  std::multiset<std::string> facts;
  for (const auto& [id, vertex] : graph.vertices) {
    for (const auto& [key, value] : vertex.properties) {
      facts.insert(absl::StrCat("v", id.value(), " ", key, " ", CellText(graph, value)));
    }
  }
  for (const auto& [id, edge] : graph.edges) {
    for (const auto& [key, value] : edge.properties) {
      facts.insert(absl::StrCat("e", id.value(), " ", key, " ", CellText(graph, value)));
    }
  }
  return facts;
}

template <typename T>
std::set<T> KeysOf(const auto& map) {
  std::set<T> keys;
  for (const auto& [key, value] : map) keys.insert(key);
  return keys;
}

std::set<std::string> LabelsOf(const Graph& graph) {
  std::set<std::string> labels;
  for (const auto& [id, vertex] : graph.vertices) {
    labels.insert(vertex.labels.begin(), vertex.labels.end());
  }
  return labels;
}

// How many of `b` are not in `a`.
template <typename Set>
int64_t Missing(const Set& a, const Set& b) {
  return std::count_if(b.begin(), b.end(), [&](const auto& item) { return a.count(item) == 0; });
}

std::string MapText(const Graph& graph, const Properties& map, bool sort_lists) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : map) {
    parts.push_back(absl::StrCat(key, ": ", CellText(graph, value, sort_lists)));
  }
  return absl::StrCat("{", absl::StrJoin(parts, ", "), "}");
}

std::string VertexText(const Graph& graph, VertexId id, bool sort_lists) {
  const Vertex& vertex = graph.vertices.at(id);
  std::string text = "(";
  for (const std::string& label : vertex.labels) absl::StrAppend(&text, ":", label);
  if (!vertex.properties.empty()) {
    if (text.size() > 1) text += " ";
    text += MapText(graph, vertex.properties, sort_lists);
  }
  return text + ")";
}

std::string EdgeText(const Graph& graph, EdgeId id, bool sort_lists) {
  const Edge& edge = graph.edges.at(id);
  std::string text = absl::StrCat("[:", edge.type);
  if (!edge.properties.empty()) {
    absl::StrAppend(&text, " ", MapText(graph, edge.properties, sort_lists));
  }
  return text + "]";
}

std::string PathText(const Graph& graph, const graph::Path& path, bool sort_lists) {
  std::string text = "<" + VertexText(graph, path.vertices[0], sort_lists);
  for (size_t i = 0; i < path.edges.size(); ++i) {
    const bool forward = path.edges[i].source == path.vertices[i];
    absl::StrAppend(&text, forward ? "-" : "<-", EdgeText(graph, path.edges[i].edge, sort_lists),
                    forward ? "->" : "-", VertexText(graph, path.vertices[i + 1], sort_lists));
  }
  return text + ">";
}

}  // namespace

VertexId Graph::AddVertex() {
  const VertexId id(kSlot, ++last_vertex_);
  vertices[id];
  return id;
}

EdgeId Graph::AddEdge(VertexId source, VertexId target, const std::string& type) {
  const TypeId type_id = types_.emplace(type, TypeId(types_.size() + 1)).first->second;
  const EdgeId id(kSlot, ++last_edge_);
  edges[id] = {{id, source, target, type_id}, type, {}, false};
  return id;
}

void Graph::Purge() {
  std::erase_if(edges, [](const auto& entry) { return entry.second.deleted; });
  std::erase_if(vertices, [](const auto& entry) { return entry.second.deleted; });
}

bool Graph::HasEdges(VertexId vertex) const {
  return std::any_of(edges.begin(), edges.end(), [&](const auto& entry) {
    const Edge& edge = entry.second;
    return !edge.deleted && (edge.ref.source == vertex || edge.ref.target == vertex);
  });
}

SideEffects Difference(const Graph& before, const Graph& after) {
  SideEffects effects;
  const auto v1 = KeysOf<VertexId>(before.vertices), v2 = KeysOf<VertexId>(after.vertices);
  const auto e1 = KeysOf<EdgeId>(before.edges), e2 = KeysOf<EdgeId>(after.edges);
  const auto p1 = PropertyFacts(before), p2 = PropertyFacts(after);
  const auto l1 = LabelsOf(before), l2 = LabelsOf(after);
  effects.added_nodes = Missing(v1, v2);
  effects.removed_nodes = Missing(v2, v1);
  effects.added_relationships = Missing(e1, e2);
  effects.removed_relationships = Missing(e2, e1);
  effects.added_properties = Missing(p1, p2);
  effects.removed_properties = Missing(p2, p1);
  effects.added_labels = Missing(l1, l2);
  effects.removed_labels = Missing(l2, l1);
  return effects;
}

std::map<std::string, int64_t> ToMap(const SideEffects& effects) {
  std::map<std::string, int64_t> map = {
      {"+nodes", effects.added_nodes},
      {"-nodes", effects.removed_nodes},
      {"+relationships", effects.added_relationships},
      {"-relationships", effects.removed_relationships},
      {"+properties", effects.added_properties},
      {"-properties", effects.removed_properties},
      {"+labels", effects.added_labels},
      {"-labels", effects.removed_labels},
  };
  std::erase_if(map, [](const auto& entry) { return entry.second == 0; });
  return map;
}

std::string CellText(const Graph& graph, const Value& value, bool sort_lists) {
  switch (value.type()) {
    case graph::ValueType::kVertex:
      return VertexText(graph, value.vertex(), sort_lists);
    case graph::ValueType::kEdge:
      return EdgeText(graph, value.edge().edge, sort_lists);
    case graph::ValueType::kPath:
      return PathText(graph, value.path(), sort_lists);
    // The kit does not tell the zeros apart.
    case graph::ValueType::kFloat:
      return graph::FormatFloat(value.real() == 0 ? 0.0 : value.real());
    case graph::ValueType::kString:
      return query::QuotedCell(value.string());
    case graph::ValueType::kMap: {
      const auto entries = value.map();
      return MapText(graph, Properties(entries.begin(), entries.end()), sort_lists);
    }
    case graph::ValueType::kList: {
      std::vector<std::string> parts;
      for (const Value& item : value.list()) parts.push_back(CellText(graph, item, sort_lists));
      if (sort_lists) std::sort(parts.begin(), parts.end());
      return absl::StrCat("[", absl::StrJoin(parts, ", "), "]");
    }
    default:
      return graph::ToText(value);
  }
}

std::string Digest(const Graph& graph) {
  std::vector<std::string> facts;
  for (const auto& [id, vertex] : graph.vertices) facts.push_back(VertexText(graph, id, false));
  for (const auto& [id, edge] : graph.edges) {
    facts.push_back(absl::StrCat(VertexText(graph, edge.ref.source, false), "-",
                                 EdgeText(graph, id, false), "->",
                                 VertexText(graph, edge.ref.target, false)));
  }
  std::sort(facts.begin(), facts.end());
  return absl::StrJoin(facts, "\n");
}

}  // namespace tidemark::reference
