// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/ids.h"
#include "base/split_table.h"
#include "catalog/names.h"
#include "exec/memory_account.h"
#include "exec/packed_graph.h"
#include "graph/value.h"
#include "graph/value_sink.h"
#include "graph/value_walk.h"

namespace tidemark::exec {

// The work of handing over a text.
inline int64_t UnitsOfText(size_t bytes) { return static_cast<int64_t>(bytes / 64); }

// Elements that values hold, each once, in the order in which they come first.
struct ElementSet {
  std::vector<VertexId> vertices;
  std::vector<EdgeId> edges;
  bool takes_ends = false;  // the vertices at the ends of edges too

  // Adds all that are in the value, in lists, maps and paths too.
  void Add(const graph::Value& value);

 private:
  SplitTable<absl::flat_hash_set<VertexId>> seen_vertices_;
  SplitTable<absl::flat_hash_set<EdgeId>> seen_edges_;
};

// What home knows of elements: labels and properties as their owners have given them. A statement
// that writes keeps it as it will be.
// Owner: the QueryRun. Threads: the loop. Errors: DeletedEntityAccess, ValueTooLarge.
class ElementTable final : public PackedGraph {
 public:
  // Both outlive the table.
  ElementTable(const catalog::NameTable* names, MemoryAccount* account)
      : PackedGraph(names), account_(account) {}

  struct Vertex {
    bool exists = false;
    std::vector<uint32_t> labels;  // ids, ascending
    std::string properties;        // packed
  };
  struct Edge {
    bool exists = false;
    std::string properties;
  };

  bool Knows(VertexId vertex) const { return vertices_.contains(vertex); }
  bool Knows(EdgeId edge) const { return edges_.contains(edge); }
  absl::Status Put(VertexId id, Vertex vertex);
  absl::Status Put(EdgeId id, Edge edge);
  // A property that a statement sets: the value, and as it is stored; null and empty to remove it.
  struct NewProperty {
    const graph::Value& value;
    const std::string& encoded;
  };
  // False when it was not there to be removed. REQUIRES: the element is known and exists.
  absl::StatusOr<bool> SetProperty(const graph::Value& element, const std::string& key,
                                   const NewProperty& property);
  // False when the vertex has the label already, or has it not when it is to be taken away.
  absl::StatusOr<bool> SetLabel(VertexId vertex, const std::string& label, bool present);
  // Nothing for an element that is not there, or of which more is known than ids can say.
  std::optional<Vertex> StateOf(VertexId vertex) const;
  std::optional<Edge> StateOf(const graph::EdgeRef& edge) const;
  // Vertices whose deletion waits for the end of the statement; Clear keeps them.
  ElementSet* postponed() { return &postponed_; }
  void Clear();
  // What is known now of labels and properties, for rows that are written later.
  absl::StatusOr<std::unique_ptr<ElementTable>> Copy() const;

  query::ValueOr Property(const graph::Value& element, std::string_view key) override;
  query::ValueOr Properties(const graph::Value& element) override;
  query::ValueOr Keys(const graph::Value& element) override;

  // Writes a value that a walk has come to, of a list or map its begin, with what is known of
  // elements. Those that are not known any more are written without labels and properties. Gives
  // the units of work that it was.
  int64_t Write(const graph::ValueWalk::Item& item, graph::ValueSink* sink) const;

 protected:
  absl::StatusOr<std::string_view> PropertiesOf(const graph::Value& element) override;
  absl::StatusOr<std::vector<uint32_t>> LabelsOf(VertexId vertex) override;

 private:
  // Vertices and edges have no ids in common that a table would mix up.
  static uint64_t KeyOf(const graph::Value& element);
  // Null when nothing is known of it, or it is not there.
  const Vertex* Existing(VertexId id) const;
  const Edge* Existing(EdgeId id) const;
  int64_t WriteVertex(VertexId id, graph::ValueSink* sink) const;
  int64_t WriteEdge(const graph::EdgeRef& edge, graph::ValueSink* sink) const;
  int64_t WritePath(const graph::Path& path, graph::ValueSink* sink) const;
  int64_t WriteProperties(std::string_view properties, graph::ValueSink* sink) const;

  MemoryAccount* const account_;
  ElementSet postponed_;
  MemoryHold hold_;
  SplitTable<absl::flat_hash_map<VertexId, Vertex>> vertices_;
  SplitTable<absl::flat_hash_map<EdgeId, Edge>> edges_;
  // A property beside the packed ones.
  struct LooseProperty {
    graph::Value value;
    size_t encoded_bytes = 0;
    size_t charged_bytes = 0;
  };
  struct LooseProperties {
    std::map<std::string, LooseProperty> by_key;
    size_t encoded_bytes = 0;
  };
  absl::Status AddLoose(const graph::Value& element, const std::string& key, graph::Value value,
                        size_t encoded_bytes);
  // Takes it out; false when it was not there.
  bool DropLoose(const graph::Value& element, const std::string& key);
  size_t LooseBytes(const graph::Value& element) const;
  uint32_t IdOrLast(std::string_view key) const;
  // Replaces the packed properties, and charges what they have grown.
  absl::Status SetPacked(const graph::Value& element, std::string after);
  // What the statement has set under names that the catalog does not know yet, and what it has set
  // that is large: to pack it, and to read it packed, would be to copy it. By KeyOf the element.
  absl::flat_hash_map<uint64_t, LooseProperties> loose_properties_;
  // The content of the one that came last, if it is a text: elements that share it one after the
  // other are charged for it once.
  const void* last_loose_text_ = nullptr;
  // Labels that it does not know yet.
  absl::flat_hash_map<VertexId, std::set<std::string>> new_labels_;
};

}  // namespace tidemark::exec
