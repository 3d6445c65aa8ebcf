// SPDX-License-Identifier: Apache-2.0
// What random transactions write, and what they must be answered.
#include <algorithm>

#include "base/check.h"
#include "storage/limits.h"
#include "tests/storage/hub_model_run.h"

namespace tidemark::storage {
namespace {

constexpr size_t kMaxRunLength = kBlockEntryCount + kBlockEntryCount / 4;
// Hubs with more than this shrink.
constexpr size_t kMaxHubEdgeCount = 5 * kBlockEntryCount;
constexpr size_t kMaxHubModelVertexCount = 16;
constexpr uint32_t kTypeCount = 2;

}  // namespace

void HubModelRun::Write(TxId tx) {
  if (Chance(shape_.writes_per_run)) return WriteRun(tx);
  const uint64_t dice = Below(100);
  if (dice < 37) return AddEdges(tx, 1);
  if (dice < 69) return DeleteEdges(tx, 1);
  if (dice < 74) return TakeBackEdges(tx, 1);
  if (dice < 84) return SetEdgeProperty(tx);
  if (dice < 92) return SetVertexProperty(tx);
  if (dice < 96) return CreateVertex(tx);
  DeleteVertex(tx);
}

// What a run leaves behind is often collected before anything else happens.
void HubModelRun::WriteRun(TxId tx) {
  const size_t count = 1 + Below(kMaxRunLength);
  const bool deletes = hubs_shrink_ ? !Chance(4) : Chance(4);
  if (!deletes) {
    AddEdges(tx, count);
  } else if (Chance(8)) {
    TakeBackEdges(tx, count);
  } else {
    DeleteEdges(tx, count);
  }
  if (!model_.IsOpen(tx) || Chance(2)) return;
  Commit(tx);
  ApplyAll();
  if (Chance(2)) Collect();
}

bool HubModelRun::Expect(TxId tx, const absl::Status& got, absl::StatusCode wanted) {
  ++write_count_;
  const bool meets_an_abort = is_aborting_ && absl::IsAborted(got);
  CHECK(got.code() == wanted || meets_an_abort)
      << "got " << got << ", wanted " << absl::StatusCodeToString(wanted);
  if (got.ok()) return true;
  ++conflict_count_;
  Abort(tx);
  return false;
}

// Mostly a hub.
std::optional<VertexId> HubModelRun::AnyVertex(TxId tx) {
  const View view = model_.ViewOf(tx);
  std::vector<VertexId> seen;
  const bool only_hubs = !Chance(4);
  for (const auto& [id, vertex] : model_.vertices()) {
    const bool is_hub = std::find(hubs_.begin(), hubs_.end(), id) != hubs_.end();
    if ((is_hub || !only_hubs) && vertex.VisibleTo(view)) seen.push_back(id);
  }
  if (seen.empty()) return std::nullopt;
  return Any(seen);
}

std::optional<EdgeId> HubModelRun::AnyEdge(TxId tx) {
  const View view = model_.ViewOf(tx);
  const std::optional<VertexId> vertex = AnyVertex(tx);
  if (!vertex.has_value()) return std::nullopt;
  const std::vector<EdgeId>& edges = Chance(8) ? model_.OwnEdges(tx) : model_.EdgesOf(*vertex);
  for (int i = 0; i < 5 && !edges.empty(); ++i) {
    // The newest are where groups grow.
    const size_t n = Chance(3) ? std::min<size_t>(edges.size(), 4) : edges.size();
    const EdgeId id = edges[edges.size() - 1 - Below(n)];
    const HubModel::Edge* edge = model_.FindEdge(id);
    if (edge != nullptr && edge->VisibleTo(view)) return id;
  }
  return std::nullopt;
}

bool HubModelRun::CreateEdge(TxId tx, VertexId source, VertexId target) {
  const View view = model_.ViewOf(tx);
  ReferenceState::Edge content;
  content.source = source;
  content.target = target;
  content.type = TypeId(static_cast<uint32_t>(Chance(8) ? 1 + Below(kTypeCount) : 1));
  if (Chance(20)) content.properties[KeyId(1)] = EncodedInteger(static_cast<int64_t>(Below(99)));
  absl::StatusCode wanted = HubModel::CodeForEndpoint(model_.vertices().at(source), view);
  if (wanted == absl::StatusCode::kOk) {
    wanted = HubModel::CodeForEndpoint(model_.vertices().at(target), view);
  }
  const auto edge = live_->CreateEdge(view, content);
  if (!Expect(tx, edge.status(), wanted)) return false;
  model_.CreateEdge(tx, {*edge, source, target, content.type}, content.properties);
  return true;
}

// At one hub, one way: a run fills a block or two. Each hub has its own way most of the time.
void HubModelRun::AddEdges(TxId tx, size_t count) {
  const std::optional<VertexId> hub = AnyVertex(tx);
  if (!hub.has_value()) return;
  const bool out = (hub->value() % 2 == 0) != Chance(8);
  if (model_.EdgesOf(*hub).size() > kMaxHubEdgeCount) return DeleteEdges(tx, count);
  std::vector<VertexId> others;
  for (const auto& [id, vertex] : model_.vertices()) {
    if (vertex.VisibleTo(model_.ViewOf(tx))) others.push_back(id);
  }
  for (size_t i = 0; i < count; ++i) {
    const VertexId other = Any(others);
    if (!CreateEdge(tx, out ? *hub : other, out ? other : *hub)) return;
  }
}

bool HubModelRun::DeleteEdge(TxId tx, EdgeId id) {
  const HubModel::Edge* edge = model_.FindEdge(id);
  const absl::StatusCode wanted = HubModel::CodeForChange(*edge, model_.ViewOf(tx));
  if (!Expect(tx, live_->DeleteEdge(model_.ViewOf(tx), id), wanted)) return false;
  model_.DeleteEdge(tx, id);
  return true;
}

// Neighbours in commit order, which is the order in memory: forwards, backwards or in none; all of
// them or a share.
void HubModelRun::DeleteEdges(TxId tx, size_t count) {
  if (count == 1) {
    const std::optional<EdgeId> edge = AnyEdge(tx);
    if (edge.has_value()) DeleteEdge(tx, *edge);
    return;
  }
  const View view = model_.ViewOf(tx);
  const std::optional<VertexId> hub = AnyVertex(tx);
  if (!hub.has_value()) return;
  const std::vector<EdgeId>& order = model_.EdgesOf(*hub);
  // Those before the newest few are in the blocks before the last one, which grows.
  const size_t behind = count + Below(kBlockEntryCount / 3);
  size_t first = order.empty() ? 0 : Below(order.size());
  if (!Chance(3)) first = order.size() > behind ? order.size() - behind : 0;
  const uint64_t kept_one_in = Chance(4) ? 2 + Below(4) : uint64_t{1} << (3 + Below(8));
  std::vector<EdgeId> chosen;
  for (size_t i = first; i < order.size() && chosen.size() < count; ++i) {
    const HubModel::Edge* edge = model_.FindEdge(order[i]);
    const bool free = edge != nullptr && edge->VisibleTo(view) &&
                      HubModel::CodeForChange(*edge, view) == absl::StatusCode::kOk;
    if (free && !Chance(kept_one_in)) chosen.push_back(order[i]);
  }
  const uint64_t turn = Below(3);
  if (turn == 0) std::reverse(chosen.begin(), chosen.end());
  if (turn == 1) std::shuffle(chosen.begin(), chosen.end(), random_);
  for (const EdgeId edge : chosen) {
    if (!DeleteEdge(tx, edge)) return;
  }
}

void HubModelRun::TakeBackEdges(TxId tx, size_t count) {
  const std::vector<EdgeId> own = model_.OwnEdges(tx);
  for (size_t i = 0; i < own.size() && count > 0; ++i) {
    if (model_.FindEdge(own[i]) == nullptr) continue;  // was taken back before
    if (!DeleteEdge(tx, own[i])) return;
    --count;
  }
}

void HubModelRun::SetEdgeProperty(TxId tx) {
  const std::optional<EdgeId> id = AnyEdge(tx);
  if (!id.has_value()) return;
  const HubModel::Edge* edge = model_.FindEdge(*id);
  const KeyId key(static_cast<uint32_t>(1 + Below(2)));
  const std::string value =
      Chance(4) ? std::string() : EncodedInteger(static_cast<int64_t>(Below(99)));
  const View view = model_.ViewOf(tx);
  const absl::StatusCode wanted = HubModel::CodeForChange(*edge, view);
  if (!Expect(tx, live_->SetEdgeProperty(view, *id, key, value), wanted)) return;
  model_.SetEdgeProperty(tx, *id, key, value);
}

void HubModelRun::SetVertexProperty(TxId tx) {
  const std::optional<VertexId> id = AnyVertex(tx);
  if (!id.has_value()) return;
  // Unique keys are never given twice: who wins them is the matter of other tests.
  const KeyId key(static_cast<uint32_t>(1 + Below(2)));
  const std::string value = EncodedInteger(key == KeyId(2) ? next_key_++ : next_key_ % 12);
  const View view = model_.ViewOf(tx);
  const absl::StatusCode wanted = HubModel::CodeForChange(model_.vertices().at(*id), view);
  if (!Expect(tx, live_->SetVertexProperty(view, *id, key, value), wanted)) return;
  model_.SetVertexProperty(tx, *id, key, value);
}

void HubModelRun::CreateVertex(TxId tx) {
  if (model_.vertices().size() >= kMaxHubModelVertexCount) return;
  ReferenceState::Vertex content;
  content.labels = {LabelId(1)};
  content.properties[KeyId(1)] = EncodedInteger(static_cast<int64_t>(Below(12)));
  content.properties[KeyId(2)] = EncodedInteger(next_key_++);
  const auto id = live_->CreateVertex(model_.ViewOf(tx), Below(shape_.shard_count), content);
  if (!Expect(tx, id.status(), absl::StatusCode::kOk)) return;
  model_.CreateVertex(tx, *id, {LabelId(1)}, content.properties);
  // A hub that has gone has an heir.
  for (VertexId& hub : hubs_) {
    if (!model_.vertices().contains(hub)) hub = *id;
  }
}

// With its edges or without, by a transaction that is alone and up to date: who conflicts with a
// deletion is the matter of other tests.
void HubModelRun::DeleteVertex(TxId tx) {
  const View view = model_.ViewOf(tx);
  const std::optional<VertexId> id = AnyVertex(tx);
  if (!id.has_value() || model_.Open().size() > 1 || view.read_csn != Newest()) return;
  const bool is_hub = std::find(hubs_.begin(), hubs_.end(), *id) != hubs_.end();
  if (is_hub && !Chance(10)) return;
  if (!Chance(3)) {
    std::vector<EdgeId> edges;
    for (const auto& [edge_id, edge] : model_.edges()) {
      const bool here = edge.ends.source == *id || edge.ends.target == *id;
      if (here && edge.VisibleTo(view)) edges.push_back(edge.ends.edge);
    }
    std::sort(edges.begin(), edges.end());
    for (const EdgeId edge : edges) {
      if (!DeleteEdge(tx, edge)) return;
    }
  }
  const absl::StatusCode wanted =
      model_.HasEdges(view, *id) ? absl::StatusCode::kFailedPrecondition : absl::StatusCode::kOk;
  if (!Expect(tx, live_->DeleteVertex(view, *id), wanted)) return;
  model_.DeleteVertex(tx, *id);
}

}  // namespace tidemark::storage
