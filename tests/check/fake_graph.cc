// SPDX-License-Identifier: Apache-2.0
#include "tests/check/fake_graph.h"

#include <utility>

namespace tidemark::check {
namespace {

constexpr uint64_t kEdgeBit = uint64_t{1} << 63;

}  // namespace

bool FakeClient::Deliver() {
  if (!pending_) return false;
  std::exchange(pending_, nullptr)();
  return true;
}

void FakeClient::Begin(bool, std::optional<CommitPlace>, StatusCallback done) {
  pending_ = [this, done] {
    view_ = graph_->newest;
    if (graph_->bug == FakeBug::kStaleReads && graph_->old_states.size() > 5 && number_ == 0) {
      view_ = graph_->old_states[graph_->old_states.size() - 5];
    }
    read_csn_ = graph_->csn;
    done(absl::OkStatus());
  };
}

void FakeClient::Run(std::vector<Operation> operations, ResultsCallback done) {
  pending_ = [this, operations, done] {
    std::vector<OperationResult> results;
    for (const Operation& operation : operations) {
      auto result = Do(operation);
      if (!result.ok()) {
        if (graph_->bug == FakeBug::kKeepsAborted) {
          for (const Change& change : changes_) change(&graph_->newest);
        }
        Release();
        return done(result.status());
      }
      results.push_back(*std::move(result));
    }
    done(std::move(results));
  };
}

void FakeClient::Commit(CommitCallback done) {
  pending_ = [this, done] {
    const CommitPlace place{Epoch(1), Csn(changes_.empty() ? read_csn_ : ++graph_->csn)};
    graph_->old_states.push_back(graph_->newest);
    if (!changes_.empty()) {
      ++graph_->commits;
      size_t count = changes_.size();
      if (graph_->bug == FakeBug::kLosesCommits && graph_->commits % 50 == 0) count = 0;
      if (graph_->bug == FakeBug::kHalfCommits && graph_->commits % 50 == 0) count /= 2;
      for (size_t i = 0; i < count; ++i) changes_[i](&graph_->newest);
      for (const uint64_t id : touched_) graph_->changed_at[id] = graph_->csn;
    }
    Release();
    done(place);
  };
}

void FakeClient::Rollback(StatusCallback done) {
  pending_ = [this, done] {
    Release();
    done(absl::OkStatus());
  };
}

void FakeClient::CreateUnique(const std::string& label, const std::string& key,
                              StatusCallback done) {
  graph_->unique.insert({label, key});
  done(absl::OkStatus());
}

void FakeClient::Release() {
  for (const uint64_t id : touched_) graph_->writers.erase(id);
  std::erase_if(graph_->intents, [this](const auto& intent) { return intent.second == number_; });
  for (const VertexId vertex : deleting_) graph_->deleting.erase(vertex);
  deleting_.clear();
  created_.clear();
  touched_.clear();
  changes_.clear();
}

void FakeClient::Apply(Change change) {
  change(&view_);
  changes_.push_back(std::move(change));
}

absl::Status FakeClient::Touch(uint64_t id) {
  if (graph_->bug == FakeBug::kNoConflicts) return absl::OkStatus();
  const auto [holder, first] = graph_->writers.emplace(id, number_);
  if (holder->second != number_ || graph_->changed_at[id] > read_csn_) {
    if (first) graph_->writers.erase(id);
    return absl::AbortedError("conflict");
  }
  touched_.insert(id);
  return absl::OkStatus();
}

absl::Status FakeClient::CheckUnique(const Operation& operation, const std::string& label,
                                     VertexId self) {
  if (graph_->bug == FakeBug::kIgnoresUnique) return absl::OkStatus();
  for (const auto& [key, value] : operation.properties) {
    if (!graph_->unique.contains({label, key})) continue;
    for (const FakeState* state : {&graph_->newest, &view_}) {
      for (const auto& [id, vertex] : state->vertices) {
        const auto it = vertex.properties.find(key);
        if (id == self || vertex.label != label || it == vertex.properties.end()) continue;
        if (it->second == value) return absl::AlreadyExistsError("key taken");
      }
    }
    // Claims of open transactions: one lock per (label, key value).
    const uint64_t hash = std::hash<std::string>()(label) ^ (uint64_t{1} << 62);
    const uint64_t lock = hash + static_cast<uint64_t>(std::get<int64_t>(value)) * 1000;
    const auto [holder, first] = graph_->writers.emplace(lock, number_);
    if (holder->second != number_) return absl::AbortedError("key claimed");
    touched_.insert(lock);
  }
  return absl::OkStatus();
}

absl::StatusOr<OperationResult> FakeClient::Do(const Operation& operation) {
  switch (operation.kind) {
    case OperationKind::kGetVertex:
    case OperationKind::kFindVertex:
    case OperationKind::kScanLabel:
    case OperationKind::kExpand:
      return Read(operation);
    default:
      return Write(operation);
  }
}

OperationResult FakeClient::Read(const Operation& operation) const {
  OperationResult result;
  const FakeState& view =
      graph_->bug == FakeBug::kReadsNewest && changes_.empty() ? graph_->newest : view_;
  auto add = [&result](VertexId id, const FakeState::Vertex& vertex) {
    VertexRow row;
    row.id = id;
    row.properties.assign(vertex.properties.begin(), vertex.properties.end());
    result.vertices.push_back(std::move(row));
  };
  if (operation.kind == OperationKind::kExpand) {
    for (const auto& [id, edge] : view.edges) {
      if (edge.source == operation.vertex && edge.at_source) {
        result.neighbours.push_back({edge.target, id, true});
        if (edge.source == edge.target) continue;
      }
      if (edge.target == operation.vertex && edge.at_target) {
        result.neighbours.push_back({edge.source, id, false});
      }
    }
    return result;
  }
  for (const auto& [id, vertex] : view.vertices) {
    if (operation.kind == OperationKind::kGetVertex) {
      if (id == operation.vertex) add(id, vertex);
    } else if (vertex.label == operation.name) {
      if (operation.kind == OperationKind::kFindVertex) {
        const auto& [key, value] = operation.properties[0];
        const auto it = vertex.properties.find(key);
        if (it == vertex.properties.end() || it->second != value) continue;
      }
      add(id, vertex);
    }
  }
  return result;
}

absl::Status FakeClient::DeleteVertex(VertexId vertex) {
  absl::Status status = Touch(vertex.value());
  if (!status.ok()) return status;
  for (const auto& [end, client] : graph_->intents) {
    if (end == vertex.value() && client != number_) return absl::AbortedError("edge on its way");
  }
  graph_->deleting.insert(vertex);
  deleting_.insert(vertex);
  std::vector<EdgeId> edges;
  for (const auto& [id, edge] : view_.edges) {
    if (edge.source == vertex || edge.target == vertex) edges.push_back(id);
  }
  for (const auto& [id, edge] : graph_->newest.edges) {
    const bool theirs = edge.source == vertex || edge.target == vertex;
    if (theirs && !view_.edges.contains(id)) status = absl::AbortedError("new edge");
  }
  for (const EdgeId edge : edges) status.Update(Touch(kEdgeBit | edge.value()));
  Apply([vertex, edges](FakeState* state) {
    state->vertices.erase(vertex);
    for (const EdgeId edge : edges) state->edges.erase(edge);
  });
  return status;
}

absl::StatusOr<OperationResult> FakeClient::Write(const Operation& operation) {
  OperationResult result;
  absl::Status status;
  switch (operation.kind) {
    case OperationKind::kCreateVertex: {
      result.vertex = VertexId(SlotId(1), static_cast<uint32_t>(graph_->next_vertex++));
      status = CheckUnique(operation, operation.name, result.vertex);
      FakeState::Vertex vertex{operation.name, {}};
      for (const auto& [key, value] : operation.properties) vertex.properties[key] = value;
      created_.insert(result.vertex);
      Apply([id = result.vertex, vertex](FakeState* state) { state->vertices[id] = vertex; });
      break;
    }
    case OperationKind::kCreateEdge: {
      result.edge = EdgeId(SlotId(1), static_cast<uint32_t>(graph_->next_edge++));
      for (const VertexId end : {operation.vertex, operation.target}) {
        if (!view_.vertices.contains(end)) return absl::NotFoundError("no vertex");
        const bool gone = graph_->deleting.contains(end) || !graph_->newest.vertices.contains(end);
        if (gone && !created_.contains(end)) return absl::AbortedError("deleted");
        graph_->intents.insert({end.value(), number_});
      }
      FakeState::Edge edge{operation.vertex, operation.target};
      edge.at_target = graph_->bug != FakeBug::kOneEndedEdges || graph_->next_edge % 40 != 0;
      Apply([id = result.edge, edge](FakeState* state) { state->edges[id] = edge; });
      break;
    }
    case OperationKind::kSetProperty: {
      if (!view_.vertices.contains(operation.vertex)) return absl::NotFoundError("no vertex");
      status = Touch(operation.vertex.value());
      const std::string label = view_.vertices.at(operation.vertex).label;
      status.Update(CheckUnique(operation, label, operation.vertex));
      Apply([operation](FakeState* state) {
        for (const auto& [key, value] : operation.properties) {
          state->vertices[operation.vertex].properties[key] = value;
        }
      });
      break;
    }
    case OperationKind::kDeleteVertex:
      status = DeleteVertex(operation.vertex);
      break;
    default:
      if (!view_.edges.contains(operation.edge)) return absl::NotFoundError("no edge");
      status = Touch(kEdgeBit | operation.edge.value());
      Apply([operation](FakeState* state) { state->edges.erase(operation.edge); });
  }
  if (!status.ok()) return status;
  return result;
}

}  // namespace tidemark::check
