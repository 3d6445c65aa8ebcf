// SPDX-License-Identifier: Apache-2.0
#include "tests/storage/hub_model.h"

#include <algorithm>

#include "base/check.h"

namespace tidemark::storage {

bool HubModel::Element::VisibleTo(View view) const {
  if (creator.value() != 0) return creator == view.tx;
  if (created > view.read_csn.value() || deleted <= view.read_csn.value()) return false;
  return !(deleted_by_writer && writer == view.tx);
}

const HubModel::Properties& HubModel::Element::PropertiesFor(View view) const {
  const bool own = view.tx.value() != 0 && (creator == view.tx || writer == view.tx);
  if (own && open_version.has_value()) return *open_version;
  auto version = versions.rbegin();
  while (version->first > view.read_csn.value()) ++version;
  return version->second;
}

uint64_t HubModel::Element::LastChange() const {
  if (deleted != kNever) return deleted;
  return versions.empty() || versions.back().first == created ? 0 : versions.back().first;
}

std::vector<TxId> HubModel::Open() const {
  std::vector<TxId> result;
  for (const auto& [tx, transaction] : open_) result.push_back(tx);
  return result;
}

absl::StatusCode HubModel::CodeForChange(const Element& element, View view) {
  const bool is_held = element.writer.value() != 0 && element.writer != view.tx;
  return is_held || element.LastChange() > view.read_csn.value() ? absl::StatusCode::kAborted
                                                                 : absl::StatusCode::kOk;
}

absl::StatusCode HubModel::CodeForEndpoint(const Vertex& vertex, View view) {
  const bool goes = vertex.deleted_by_writer && vertex.writer != view.tx;
  return goes || vertex.deleted != kNever ? absl::StatusCode::kAborted : absl::StatusCode::kOk;
}

template <typename T, typename Id>
void HubModel::Hold(T* element, Id id, std::vector<Id>* changed, TxId tx) {
  if (element->creator == tx || element->writer == tx) return;
  element->writer = tx;
  changed->push_back(id);
}

void HubModel::CreateVertex(TxId tx, VertexId id, std::vector<LabelId> labels,
                            Properties properties) {
  Vertex& vertex = vertices_[id];
  vertex = Vertex();
  vertex.id = id;
  vertex.labels = std::move(labels);
  vertex.creator = tx;
  vertex.open_version = std::move(properties);
  open_.at(tx).created_vertices.push_back(id);
}

void HubModel::CreateEdge(TxId tx, const EdgeEnds& ends, Properties properties) {
  Edge& edge = edges_[ends.edge.value()];
  edge = Edge();
  edge.ends = ends;
  edge.creator = tx;
  edge.open_version = std::move(properties);
  open_.at(tx).created_edges.push_back(ends.edge);
}

void HubModel::DeleteVertex(TxId tx, VertexId id) {
  Vertex& vertex = vertices_.at(id);
  if (vertex.creator == tx) {
    vertices_.erase(id);
    return;
  }
  Hold(&vertex, id, &open_.at(tx).changed_vertices, tx);
  vertex.deleted_by_writer = true;
}

void HubModel::DeleteEdge(TxId tx, EdgeId id) {
  Edge& edge = edges_.at(id.value());
  if (edge.creator == tx) {
    edges_.erase(id.value());
    return;
  }
  Hold(&edge, id, &open_.at(tx).changed_edges, tx);
  edge.deleted_by_writer = true;
}

void HubModel::SetVertexProperty(TxId tx, VertexId id, KeyId key, std::string value) {
  Vertex& vertex = vertices_.at(id);
  Properties properties = vertex.PropertiesFor(ViewOf(tx));
  properties[key] = std::move(value);
  Hold(&vertex, id, &open_.at(tx).changed_vertices, tx);
  vertex.open_version = std::move(properties);
}

void HubModel::SetEdgeProperty(TxId tx, EdgeId id, KeyId key, const std::string& value) {
  Edge& edge = edges_.at(id.value());
  Properties properties = edge.PropertiesFor(ViewOf(tx));
  if (value.empty() && !properties.contains(key)) return;
  if (value.empty()) {
    properties.erase(key);
  } else {
    properties[key] = value;
  }
  Hold(&edge, id, &open_.at(tx).changed_edges, tx);
  edge.open_version = std::move(properties);
}

void HubModel::CommitChange(Element* element, uint64_t csn) {
  if (element->creator.value() != 0) element->created = csn;
  if (element->open_version.has_value()) {
    element->versions.emplace_back(csn, std::move(*element->open_version));
  }
  if (element->deleted_by_writer) element->deleted = csn;
  element->creator = TxId();
  ReleaseChange(element);
}

void HubModel::ReleaseChange(Element* element) {
  element->writer = TxId();
  element->deleted_by_writer = false;
  element->open_version.reset();
}

void HubModel::NoteAdjacency(const EdgeEnds& ends, uint64_t csn) {
  for (const VertexId id : {ends.source, ends.target}) {
    const auto it = vertices_.find(id);
    if (it != vertices_.end()) it->second.last_adjacency = csn;
  }
}

void HubModel::Commit(TxId tx, Csn csn) {
  const Transaction transaction = std::move(open_.at(tx));
  open_.erase(tx);
  for (const VertexId id : transaction.created_vertices) {
    const auto it = vertices_.find(id);
    if (it != vertices_.end()) CommitChange(&it->second, csn.value());
  }
  for (const VertexId id : transaction.changed_vertices) {
    CommitChange(&vertices_.at(id), csn.value());
  }
  for (const EdgeId id : transaction.created_edges) {
    const auto it = edges_.find(id.value());
    if (it == edges_.end()) continue;  // taken back
    CommitChange(&it->second, csn.value());
    const EdgeEnds& ends = it->second.ends;
    NoteAdjacency(ends, csn.value());
    order_[ends.source].push_back(id);
    if (ends.target != ends.source) order_[ends.target].push_back(id);
  }
  for (const EdgeId id : transaction.changed_edges) {
    Edge& edge = edges_.at(id.value());
    if (edge.deleted_by_writer) NoteAdjacency(edge.ends, csn.value());
    CommitChange(&edge, csn.value());
  }
}

void HubModel::Abort(TxId tx) {
  const Transaction transaction = std::move(open_.at(tx));
  open_.erase(tx);
  for (const VertexId id : transaction.created_vertices) vertices_.erase(id);
  for (const EdgeId id : transaction.created_edges) edges_.erase(id.value());
  for (const VertexId id : transaction.changed_vertices) ReleaseChange(&vertices_.at(id));
  for (const EdgeId id : transaction.changed_edges) ReleaseChange(&edges_.at(id.value()));
}

void HubModel::TakeBack(Element* element, uint64_t csn) {
  if (element->deleted > csn) element->deleted = kNever;
  while (!element->versions.empty() && element->versions.back().first > csn) {
    element->versions.pop_back();
  }
}

void HubModel::RollbackTo(Csn csn) {
  CHECK(open_.empty());
  absl::erase_if(edges_, [csn](const auto& entry) { return entry.second.created > csn.value(); });
  std::erase_if(vertices_, [csn](const auto& entry) { return entry.second.created > csn.value(); });
  for (auto& [id, edge] : edges_) TakeBack(&edge, csn.value());
  for (auto& [id, vertex] : vertices_) {
    TakeBack(&vertex, csn.value());
    vertex.last_adjacency = std::min(vertex.last_adjacency, csn.value());
  }
  ForgetOrder();
}

void HubModel::ForgetOrder() {
  for (auto& [vertex, ids] : order_) {
    std::erase_if(ids, [this](EdgeId id) { return !edges_.contains(id.value()); });
  }
}

void HubModel::ForgetVersions(Element* element, uint64_t horizon) {
  size_t newest = 0;  // that a reader at the horizon sees
  while (newest + 1 < element->versions.size() && element->versions[newest + 1].first <= horizon) {
    ++newest;
  }
  if (newest == 0) return;
  element->versions.erase(element->versions.begin(),
                          element->versions.begin() + static_cast<ptrdiff_t>(newest));
}

void HubModel::Purge(Csn horizon) {
  absl::erase_if(edges_,
                 [horizon](const auto& entry) { return entry.second.deleted <= horizon.value(); });
  for (auto& [id, edge] : edges_) ForgetVersions(&edge, horizon.value());
  for (auto& [id, vertex] : vertices_) ForgetVersions(&vertex, horizon.value());
  ForgetOrder();
  std::erase_if(vertices_,
                [horizon](const auto& entry) { return entry.second.deleted <= horizon.value(); });
}

const HubModel::Edge* HubModel::FindEdge(EdgeId edge) const {
  const auto it = edges_.find(edge.value());
  return it == edges_.end() ? nullptr : &it->second;
}

bool HubModel::HasEdges(View view, VertexId vertex) const {
  for (const auto& [id, edge] : edges_) {
    if ((edge.ends.source == vertex || edge.ends.target == vertex) && edge.VisibleTo(view)) {
      return true;
    }
  }
  return false;
}

}  // namespace tidemark::storage
