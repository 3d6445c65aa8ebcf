// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "storage/shard.h"

namespace tidemark::storage {

// One version of a graph, as simple as can be.
struct ReferenceState {
  struct Vertex {
    std::set<LabelId> labels;
    std::map<KeyId, std::string> properties;  // encoded values
    friend bool operator==(const Vertex&, const Vertex&) = default;
  };
  struct Edge {
    VertexId source;
    VertexId target;
    TypeId type;
    std::map<KeyId, std::string> properties;
    friend bool operator==(const Edge&, const Edge&) = default;
  };
  std::map<VertexId, Vertex> vertices;
  std::map<EdgeId, Edge> edges;

  bool HasEdges(VertexId vertex) const;
};

// The multi-version graph that the shard is compared with: a whole state for every commit, the
// rules of conflicts word for word. Threads: one.
class ReferenceGraph {
 public:
  ReferenceGraph() { states_[Csn(0)]; }

  // What a transaction reads: its snapshot with its own writes.
  void Begin(TxId tx, Csn read_csn);
  const ReferenceState& Of(TxId tx) const { return open_.at(tx).state; }
  const ReferenceState& At(Csn csn) const;
  Csn ReadCsn(TxId tx) const { return open_.at(tx).read_csn; }
  std::vector<TxId> Open() const;

  // What the write must answer; OK means it was done.
  absl::StatusCode CreateVertex(TxId tx, VertexId vertex, ReferenceState::Vertex content);
  absl::StatusCode DeleteVertex(TxId tx, VertexId vertex);
  absl::StatusCode SetLabel(TxId tx, VertexId vertex, LabelId label, bool present);
  absl::StatusCode SetVertexProperty(TxId tx, VertexId vertex, KeyId key, std::string value);
  absl::StatusCode CheckNewEdge(TxId tx, VertexId source, VertexId target) const;
  void CreateEdge(TxId tx, EdgeId edge, ReferenceState::Edge content);
  absl::StatusCode DeleteEdge(TxId tx, EdgeId edge);
  absl::StatusCode SetEdgeProperty(TxId tx, EdgeId edge, KeyId key, std::string value);

  void Commit(TxId tx, Csn csn);
  void Abort(TxId tx) { open_.erase(tx); }
  void RollbackTo(Csn csn);
  Csn newest() const { return states_.rbegin()->first; }

 private:
  struct Transaction {
    Csn read_csn;
    ReferenceState state;
    std::set<VertexId> vertices;          // written
    std::set<EdgeId> edges;               // written, there before
    std::map<VertexId, int> adjacencies;  // vertices with operations not taken back
    std::map<EdgeId, bool> own_edges;     // made by it: still there
    std::map<EdgeId, std::pair<VertexId, VertexId>> removed;
  };
  // The commits that changed something, newest last.
  struct LastChange {
    std::map<VertexId, Csn> vertices;
    std::map<VertexId, Csn> adjacencies;
    std::map<EdgeId, Csn> edges;
  };
  absl::StatusCode CheckVertex(const Transaction& tx, TxId id, VertexId vertex) const;
  absl::StatusCode CheckEndpoint(const Transaction& tx, TxId id, VertexId vertex) const;
  absl::StatusCode CheckEdge(const Transaction& tx, TxId id, EdgeId edge) const;
  const LastChange& Last() const { return changes_.rbegin()->second; }

  std::map<Csn, ReferenceState> states_;
  std::map<Csn, LastChange> changes_{{Csn(0), LastChange()}};
  std::map<TxId, Transaction> open_;
};

}  // namespace tidemark::storage
