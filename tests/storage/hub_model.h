// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "base/ids.h"
#include "storage/shard.h"

namespace tidemark::storage {

// The multi-version graph that hubs are compared with: every edge and vertex once, with the commits
// that made, changed and deleted it; whoever reads looks at all of them. Unlike ReferenceGraph it
// bears tens of thousands of edges. Threads: one.
class HubModel {
 public:
  static constexpr uint64_t kNever = UINT64_MAX;
  using Properties = std::map<KeyId, std::string>;  // encoded values

  // What edges and vertices have in common: who sees them, and which transaction holds them.
  struct Element {
    uint64_t created = kNever;  // csn; kNever while the transaction that made it is open
    uint64_t deleted = kNever;
    TxId creator;  // open; 0 = none
    TxId writer;   // open: has changed or deleted it; 0 = none
    bool deleted_by_writer = false;
    std::vector<std::pair<uint64_t, Properties>> versions;  // ascending csn
    std::optional<Properties> open_version;                 // of creator or writer

    bool VisibleTo(View view) const;
    const Properties& PropertiesFor(View view) const;
    // The newest commit that changed or deleted it; its creation does not count.
    uint64_t LastChange() const;
  };
  struct Edge : Element {
    EdgeEnds ends;
  };
  struct Vertex : Element {
    VertexId id;
    std::vector<LabelId> labels;
    uint64_t last_adjacency = 0;  // the newest commit that added or deleted one of its edges
  };
  using Edges = absl::flat_hash_map<uint64_t, Edge>;

  void Begin(TxId tx, Csn read_csn) { open_[tx].view = {read_csn, tx}; }
  bool IsOpen(TxId tx) const { return open_.contains(tx); }
  std::vector<TxId> Open() const;
  View ViewOf(TxId tx) const { return open_.at(tx).view; }

  // What a write of something that the transaction sees must answer.
  static absl::StatusCode CodeForChange(const Element& element, View view);
  static absl::StatusCode CodeForEndpoint(const Vertex& vertex, View view);

  // Writes that were answered OK.
  void CreateVertex(TxId tx, VertexId id, std::vector<LabelId> labels, Properties properties);
  void CreateEdge(TxId tx, const EdgeEnds& ends, Properties properties);
  void DeleteVertex(TxId tx, VertexId vertex);
  // An edge of the transaction itself is gone at once.
  void DeleteEdge(TxId tx, EdgeId edge);
  void SetVertexProperty(TxId tx, VertexId vertex, KeyId key, std::string value);
  // An empty value removes it.
  void SetEdgeProperty(TxId tx, EdgeId edge, KeyId key, const std::string& value);

  void Commit(TxId tx, Csn csn);
  void Abort(TxId tx);
  // Undoes commits above `csn`. REQUIRES: no transaction is open.
  void RollbackTo(Csn csn);
  // Forgets what no reader at or above `horizon` sees.
  void Purge(Csn horizon);

  const Edges& edges() const { return edges_; }
  const Edge* FindEdge(EdgeId edge) const;
  const std::map<VertexId, Vertex>& vertices() const { return vertices_; }
  // Committed edges of a vertex in commit order; some may be gone.
  const std::vector<EdgeId>& EdgesOf(VertexId vertex) { return order_[vertex]; }
  // Edges that the transaction has made.
  const std::vector<EdgeId>& OwnEdges(TxId tx) const { return open_.at(tx).created_edges; }
  bool HasEdges(View view, VertexId vertex) const;

 private:
  struct Transaction {
    View view;
    std::vector<EdgeId> created_edges;
    std::vector<EdgeId> changed_edges;
    std::vector<VertexId> created_vertices;
    std::vector<VertexId> changed_vertices;
  };
  template <typename T, typename Id>
  void Hold(T* element, Id id, std::vector<Id>* changed, TxId tx);
  static void CommitChange(Element* element, uint64_t csn);
  static void ReleaseChange(Element* element);
  static void TakeBack(Element* element, uint64_t csn);
  static void ForgetVersions(Element* element, uint64_t horizon);
  // Drops ids of edges that are no more.
  void ForgetOrder();
  void NoteAdjacency(const EdgeEnds& ends, uint64_t csn);

  std::map<TxId, Transaction> open_;
  Edges edges_;  // by id
  std::map<VertexId, Vertex> vertices_;
  std::map<VertexId, std::vector<EdgeId>> order_;
};

}  // namespace tidemark::storage
