// SPDX-License-Identifier: Apache-2.0
#include "tests/storage/reference_graph.h"

#include "base/check.h"

namespace tidemark::storage {
namespace {

using absl::StatusCode;

template <typename Map, typename Key>
Csn LastOf(const Map& map, const Key& key) {
  const auto it = map.find(key);
  return it == map.end() ? Csn(0) : it->second;
}

}  // namespace

bool ReferenceState::HasEdges(VertexId vertex) const {
  for (const auto& [id, edge] : edges) {
    if (edge.source == vertex || edge.target == vertex) return true;
  }
  return false;
}

const ReferenceState& ReferenceGraph::At(Csn csn) const {
  return std::prev(states_.upper_bound(csn))->second;
}

void ReferenceGraph::Begin(TxId tx, Csn read_csn) {
  Transaction& transaction = open_[tx];
  transaction.read_csn = read_csn;
  transaction.state = At(read_csn);
}

std::vector<TxId> ReferenceGraph::Open() const {
  std::vector<TxId> result;
  for (const auto& [tx, transaction] : open_) result.push_back(tx);
  return result;
}

StatusCode ReferenceGraph::CheckVertex(const Transaction& tx, TxId id, VertexId vertex) const {
  for (const auto& [other_id, other] : open_) {
    if (other_id != id && other.vertices.contains(vertex)) return StatusCode::kAborted;
  }
  if (LastOf(Last().vertices, vertex) > tx.read_csn) {
    // Gone altogether, nothing is left to conflict with.
    return StatusCode::kAborted;
  }
  return tx.state.vertices.contains(vertex) ? StatusCode::kOk : StatusCode::kNotFound;
}

StatusCode ReferenceGraph::CheckEndpoint(const Transaction& tx, TxId id, VertexId vertex) const {
  if (!tx.state.vertices.contains(vertex)) return StatusCode::kNotFound;
  if (!At(newest()).vertices.contains(vertex) && !tx.vertices.contains(vertex)) {
    return StatusCode::kAborted;  // deleted by a later commit
  }
  for (const auto& [other_id, other] : open_) {
    if (other_id != id && other.vertices.contains(vertex) &&
        !other.state.vertices.contains(vertex)) {
      return StatusCode::kAborted;
    }
  }
  return StatusCode::kOk;
}

StatusCode ReferenceGraph::CheckEdge(const Transaction& tx, TxId id, EdgeId edge) const {
  const bool exists = tx.state.edges.contains(edge);
  if (tx.own_edges.contains(edge)) return exists ? StatusCode::kOk : StatusCode::kNotFound;
  for (const auto& [other_id, other] : open_) {
    if (other_id != id && other.edges.contains(edge)) return StatusCode::kAborted;
  }
  if (LastOf(Last().edges, edge) > tx.read_csn) return StatusCode::kAborted;
  return exists ? StatusCode::kOk : StatusCode::kNotFound;
}

StatusCode ReferenceGraph::CreateVertex(TxId tx, VertexId vertex, ReferenceState::Vertex content) {
  Transaction& transaction = open_.at(tx);
  transaction.vertices.insert(vertex);
  transaction.state.vertices[vertex] = std::move(content);
  return StatusCode::kOk;
}

StatusCode ReferenceGraph::DeleteVertex(TxId tx, VertexId vertex) {
  Transaction& transaction = open_.at(tx);
  const StatusCode code = CheckVertex(transaction, tx, vertex);
  if (code != StatusCode::kOk) return code;
  for (const auto& [other_id, other] : open_) {
    const auto it = other.adjacencies.find(vertex);
    if (other_id != tx && it != other.adjacencies.end() && it->second != 0) {
      return StatusCode::kAborted;
    }
  }
  if (LastOf(Last().adjacencies, vertex) > transaction.read_csn) return StatusCode::kAborted;
  if (transaction.state.HasEdges(vertex)) return StatusCode::kFailedPrecondition;
  transaction.vertices.insert(vertex);
  transaction.state.vertices.erase(vertex);
  return StatusCode::kOk;
}

StatusCode ReferenceGraph::SetLabel(TxId tx, VertexId vertex, LabelId label, bool present) {
  Transaction& transaction = open_.at(tx);
  const StatusCode code = CheckVertex(transaction, tx, vertex);
  if (code != StatusCode::kOk) return code;
  std::set<LabelId>& labels = transaction.state.vertices[vertex].labels;
  const bool changed = present ? labels.insert(label).second : labels.erase(label) != 0;
  if (changed) transaction.vertices.insert(vertex);
  return StatusCode::kOk;
}

StatusCode ReferenceGraph::SetVertexProperty(TxId tx, VertexId vertex, KeyId key,
                                             std::string value) {
  Transaction& transaction = open_.at(tx);
  const StatusCode code = CheckVertex(transaction, tx, vertex);
  if (code != StatusCode::kOk) return code;
  std::map<KeyId, std::string>& properties = transaction.state.vertices[vertex].properties;
  if (value.empty() && !properties.contains(key)) return StatusCode::kOk;
  transaction.vertices.insert(vertex);
  if (value.empty()) {
    properties.erase(key);
  } else {
    properties[key] = std::move(value);
  }
  return StatusCode::kOk;
}

StatusCode ReferenceGraph::CheckNewEdge(TxId tx, VertexId source, VertexId target) const {
  const Transaction& transaction = open_.at(tx);
  const StatusCode code = CheckEndpoint(transaction, tx, source);
  return code != StatusCode::kOk ? code : CheckEndpoint(transaction, tx, target);
}

void ReferenceGraph::CreateEdge(TxId tx, EdgeId edge, ReferenceState::Edge content) {
  Transaction& transaction = open_.at(tx);
  ++transaction.adjacencies[content.source];
  ++transaction.adjacencies[content.target];
  transaction.own_edges[edge] = true;
  transaction.state.edges[edge] = std::move(content);
}

StatusCode ReferenceGraph::DeleteEdge(TxId tx, EdgeId edge) {
  Transaction& transaction = open_.at(tx);
  const StatusCode code = CheckEdge(transaction, tx, edge);
  if (code != StatusCode::kOk) return code;
  const ReferenceState::Edge& content = transaction.state.edges[edge];
  if (transaction.own_edges.contains(edge)) {
    transaction.own_edges[edge] = false;
    --transaction.adjacencies[content.source];
    --transaction.adjacencies[content.target];
  } else {
    ++transaction.adjacencies[content.source];
    ++transaction.adjacencies[content.target];
    transaction.removed[edge] = {content.source, content.target};
    transaction.edges.insert(edge);
  }
  transaction.state.edges.erase(edge);
  return StatusCode::kOk;
}

StatusCode ReferenceGraph::SetEdgeProperty(TxId tx, EdgeId edge, KeyId key, std::string value) {
  Transaction& transaction = open_.at(tx);
  const StatusCode code = CheckEdge(transaction, tx, edge);
  if (code != StatusCode::kOk) return code;
  std::map<KeyId, std::string>& properties = transaction.state.edges[edge].properties;
  if (value.empty() && !properties.contains(key)) return StatusCode::kOk;
  if (!transaction.own_edges.contains(edge)) transaction.edges.insert(edge);
  if (value.empty()) {
    properties.erase(key);
  } else {
    properties[key] = std::move(value);
  }
  return StatusCode::kOk;
}

void ReferenceGraph::Commit(TxId tx, Csn csn) {
  const Transaction transaction = open_.at(tx);
  open_.erase(tx);
  ReferenceState state = At(newest());
  LastChange changes = Last();
  const auto copy = [](auto* to, const auto& from, const auto& id) {
    const auto it = from.find(id);
    if (it == from.end()) {
      to->erase(id);
    } else {
      (*to)[id] = it->second;
    }
  };
  for (VertexId vertex : transaction.vertices) {
    copy(&state.vertices, transaction.state.vertices, vertex);
    changes.vertices[vertex] = csn;
  }
  for (EdgeId edge : transaction.edges) {
    copy(&state.edges, transaction.state.edges, edge);
    changes.edges[edge] = csn;
  }
  for (const auto& [edge, exists] : transaction.own_edges) {
    if (!exists) continue;
    copy(&state.edges, transaction.state.edges, edge);
    const ReferenceState::Edge& content = transaction.state.edges.at(edge);
    changes.adjacencies[content.source] = csn;
    changes.adjacencies[content.target] = csn;
  }
  for (const auto& [edge, ends] : transaction.removed) {
    changes.adjacencies[ends.first] = csn;
    changes.adjacencies[ends.second] = csn;
  }
  states_[csn] = std::move(state);
  changes_[csn] = std::move(changes);
}

void ReferenceGraph::RollbackTo(Csn csn) {
  open_.clear();
  states_.erase(states_.upper_bound(csn), states_.end());
  changes_.erase(changes_.upper_bound(csn), changes_.end());
}

}  // namespace tidemark::storage
