// SPDX-License-Identifier: Apache-2.0
// The graph of the reference evaluator: maps of plain structs, nothing shared with storage.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include "base/ids.h"
#include "graph/value.h"

namespace tidemark::reference {

using graph::Value;
using Properties = std::map<std::string, Value>;

struct Vertex {
  std::set<std::string> labels;
  Properties properties;
  bool deleted = false;  // by the statement that runs
};

struct Edge {
  graph::EdgeRef ref;
  std::string type;
  Properties properties;
  bool deleted = false;
};

// Owner: a test. Threads: one.
class Graph {
 public:
  VertexId AddVertex();
  EdgeId AddEdge(VertexId source, VertexId target, const std::string& type);
  // Forgets what is marked as deleted.
  void Purge();
  bool HasEdges(VertexId vertex) const;

  std::map<VertexId, Vertex> vertices;
  std::map<EdgeId, Edge> edges;

 private:
  uint32_t last_vertex_ = 0;
  uint32_t last_edge_ = 0;
  std::map<std::string, TypeId> types_;
};

// What a statement changed, as openCypher's kit counts it: differences of two graphs.
struct SideEffects {
  int64_t added_nodes = 0, removed_nodes = 0;
  int64_t added_relationships = 0, removed_relationships = 0;
  int64_t added_properties = 0, removed_properties = 0;
  int64_t added_labels = 0, removed_labels = 0;
};
SideEffects Difference(const Graph& before, const Graph& after);
// In the words of the kit: "+nodes" to how many; without those that are zero.
std::map<std::string, int64_t> ToMap(const SideEffects& effects);

// A value as a cell of the kit's tables writes it, with labels and keys in order: (:A:B {p: 1}).
// Lists are sorted by the text of their elements when `sort_lists`.
std::string CellText(const Graph& graph, const Value& value, bool sort_lists = false);

// Equal for graphs that differ in nothing but ids, as far as one step of neighbours tells.
std::string Digest(const Graph& graph);

}  // namespace tidemark::reference
