// SPDX-License-Identifier: Apache-2.0
#include "tests/storage/hub_model_run.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "storage/limits.h"

namespace tidemark::storage {
namespace {

constexpr size_t kMaxOpenTransactionCount = 4;
constexpr size_t kMaxReaderCount = 2;
constexpr int64_t kAllUnits = std::numeric_limits<int64_t>::max();

}  // namespace

HubModelRun::HubModelRun(const Shape& shape)
    : shape_(shape),
      random_(shape.seed),
      live_(std::make_unique<ShardCluster>(shape.shard_count)),
      log_alone_(std::make_unique<ShardCluster>(shape.shard_count)) {
  if (Chance(2)) DefineIndexes();
  Begin();
  const TxId tx = model_.Open().front();
  for (uint32_t i = 0; i < shape.hub_count + shape.leaf_count; ++i) CreateVertex(tx);
  for (const auto& [id, vertex] : model_.vertices()) {
    if (hubs_.size() < shape.hub_count) hubs_.push_back(id);
  }
  for (uint32_t i = 0; i < shape.hub_count; ++i) AddEdges(tx, 2 * kBlockEntryCount);
  Commit(tx);
  ApplyAll();
}

void HubModelRun::Step() {
  ++step_count_;
  const uint64_t dice = Below(1000);
  if (dice < 80) {
    Begin();
  } else if (dice < 560) {
    if (!model_.Open().empty()) Write(Any(model_.Open()));
  } else if (dice < 650) {
    if (!model_.Open().empty()) Commit(Any(model_.Open()));
  } else if (dice < 660) {
    if (!model_.Open().empty()) Abort(Any(model_.Open()));
  } else if (dice < 700) {
    if (!model_.Open().empty()) live_->FindSome(Any(model_.Open()), SmallBelow(9000));
  } else if (dice < 790) {
    ApplySome(Chance(3) ? kAllUnits : static_cast<int64_t>(SmallBelow(50'000)));
  } else if (dice < 890) {
    Collect();
  } else if (dice < 950) {
    ReadStep();
  } else if (dice < 980) {
    SnapshotStep();
  } else if (dice < 994) {
    hubs_shrink_ = Chance(2);
  } else if (dice < 997) {
    if (Chance(4)) RollBack();
  } else if (Chance(10)) {
    Restart();
  }
  if (step_count_ % shape_.steps_per_check == 0) CheckEverything();
}

void HubModelRun::Finish() {
  while (!model_.Open().empty()) Abort(model_.Open().front());
  readings_.clear();
  taking_.reset();
  ApplyAll();
  horizon_ = visible_;
  live_->SetHorizon(horizon_);
  CheckEverything();
  live_->CollectSome(kAllUnits);
  CheckEverything();
  for (size_t i = 0; i < live_->shard_count(); ++i) {
    CHECK(live_->shard(i).CollectSome(1)) << "garbage is left";
    CHECK_EQ(live_->shard(i).stats().edges, log_alone_->shard(i).stats().edges);
    CHECK_EQ(live_->shard(i).stats().vertices, log_alone_->shard(i).stats().vertices);
  }
}

void HubModelRun::DefineIndexes() {
  const auto define = [this](uint32_t id, graph::IndexKind kind, uint32_t key) {
    graph::IndexDefinition definition;
    definition.id = IndexId(id);
    definition.kind = kind;
    const bool of_edges = kind == graph::IndexKind::kEdgeType;
    definition.label = LabelId(of_edges ? 0 : 1);
    definition.type = TypeId(of_edges ? 2 : 0);
    if (!of_edges) definition.keys = {KeyId(key)};
    definition.name = "index" + std::to_string(id);
    for (const auto state : {graph::IndexState::kBuilding, graph::IndexState::kOnline}) {
      definition.state = state;
      live_->CommitSchema(next_tx_, next_csn_, definition);
      next_tx_ = next_tx_.Next();
      next_csn_ = next_csn_.Next();
    }
  };
  define(1, graph::IndexKind::kLabelProperty, 1);
  define(2, graph::IndexKind::kEdgeType, 0);
  define(3, graph::IndexKind::kUnique, 2);
  define(4, graph::IndexKind::kExists, 1);
  visible_ = Newest();
}

void HubModelRun::Begin() {
  if (model_.Open().size() >= kMaxOpenTransactionCount) return;
  model_.Begin(next_tx_, visible_);
  next_tx_ = next_tx_.Next();
}

void HubModelRun::Commit(TxId tx) {
  live_->Commit(tx, next_csn_);
  model_.Commit(tx, next_csn_);
  next_csn_ = next_csn_.Next();
}

void HubModelRun::Abort(TxId tx) {
  is_aborting_ = true;
  live_->Abort(tx);
  model_.Abort(tx);
}

void HubModelRun::ApplySome(int64_t units) {
  if (live_->ApplySome(units)) visible_ = Newest();
}

void HubModelRun::ApplyAll() {
  live_->Apply();
  visible_ = Newest();
}

Csn HubModelRun::OldestRead() const {
  Csn oldest = visible_;
  for (const TxId tx : model_.Open()) oldest = std::min(oldest, model_.ViewOf(tx).read_csn);
  for (const Reading& reading : readings_) oldest = std::min(oldest, reading.view.read_csn);
  return taking_.has_value() ? std::min(oldest, taking_->csn) : oldest;
}

void HubModelRun::Collect() {
  const Csn oldest = OldestRead();
  if (Chance(2)) {
    horizon_ =
        Chance(2) ? oldest : Csn(horizon_.value() + Below(oldest.value() - horizon_.value() + 1));
    live_->SetHorizon(horizon_);
  }
  const bool all = Chance(2);
  live_->CollectSome(all ? kAllUnits : static_cast<int64_t>(SmallBelow(20'000)));
  if (all) is_aborting_ = false;
  if (Chance(shape_.collections_per_check)) live_->CheckInvariants();
}

void HubModelRun::RollBack() {
  ++rollback_count_;
  ApplyAll();
  while (!model_.Open().empty()) Abort(model_.Open().front());
  readings_.clear();
  taking_.reset();
  const Csn csn(horizon_.value() + SmallBelow(visible_.value() - horizon_.value() + 1));
  live_->RollbackTo(csn);
  model_.RollbackTo(csn);
  if (from_snapshot_ != nullptr && from_snapshot_->replayed() > csn) from_snapshot_ = nullptr;
  visible_ = csn;
  next_csn_ = csn.Next();
}

// The process has ended: another begins with the log alone, or with the last snapshot.
void HubModelRun::Restart() {
  RollBack();
  ++restart_count_;
  horizon_ = visible_;
  model_.Purge(horizon_);
  FollowLog();
  std::unique_ptr<ShardCluster>& heir =
      from_snapshot_ != nullptr && Chance(2) ? from_snapshot_ : log_alone_;
  heir->TakeLogOf(live_.get());
  live_ = std::move(heir);
  from_snapshot_ = nullptr;
  log_alone_ = live_->ReplayLog(visible_);
}

// What is at or below the horizon is never rolled back.
void HubModelRun::FollowLog() {
  log_alone_->Follow(*live_, horizon_);
  if (from_snapshot_ != nullptr) from_snapshot_->Follow(*live_, horizon_);
}

void HubModelRun::SnapshotStep() {
  constexpr uint32_t kSlotsPerStep = 2000;
  if (!taking_.has_value()) {
    if (!Chance(8)) return;  // it holds the horizon
    taking_.emplace();
    taking_->csn = visible_;
    taking_->parts.resize(shape_.shard_count);
  }
  for (uint32_t i = 0; i < kSlotsPerStep; ++i) {
    if (taking_->slot == kSlotCount) {
      taking_->slot = 0;
      if (++taking_->shard == shape_.shard_count) return FinishSnapshot();
    }
    const SlotId slot(static_cast<uint16_t>(taking_->slot));
    Shard& shard = live_->shard(taking_->shard);
    const int64_t units = 1 + static_cast<int64_t>(SmallBelow(20'000));
    std::string part;
    const bool done =
        !shard.Owns(slot) || shard.SnapshotSlot({taking_->csn, slot, units, SmallBelow(100'000)},
                                                &taking_->cursor, &part);
    taking_->parts[taking_->shard] += part;
    if (!done) return;
    ++taking_->slot;
    taking_->cursor = {};
  }
}

void HubModelRun::FinishSnapshot() {
  from_snapshot_ = live_->LoadSnapshot(taking_->parts, taking_->csn, taking_->csn);
  const View view{taking_->csn, TxId()};
  Compare(from_snapshot_.get(), view);
  taking_.reset();
}

void HubModelRun::ReadStep() {
  if (readings_.size() < kMaxReaderCount && Chance(8)) {
    Reading reading;
    reading.view = {visible_, TxId()};
    reading.vertex = Any(hubs_);
    reading.direction = static_cast<Direction>(1 + Below(3));
    readings_.push_back(std::move(reading));
  }
  if (readings_.empty()) return;
  Reading& reading = readings_.front();
  const size_t count = 1 + SmallBelow(6 * kBlockEntryCount);
  const bool exists = live_->owner(reading.vertex.slot())
                          .Expand(reading.view, {reading.vertex, reading.direction, {}, count},
                                  &reading.cursor, &reading.found);
  if (!exists || reading.cursor.done) return EndRead();
  std::rotate(readings_.begin(), readings_.begin() + 1, readings_.end());
}

// All pages together are what the reader's commit shows, whatever has happened meanwhile.
void HubModelRun::EndRead() {
  const Reading& reading = readings_.front();
  uint64_t wanted = 0;
  const auto has = [&](Direction side) {
    return (static_cast<uint8_t>(reading.direction) & static_cast<uint8_t>(side)) != 0;
  };
  for (const auto& [id, edge] : model_.edges()) {
    if (!edge.VisibleTo(reading.view)) continue;
    const bool out = edge.ends.source == reading.vertex && has(Direction::kOut);
    const bool in = edge.ends.target == reading.vertex && has(Direction::kIn);
    if (out || in) ++wanted;
  }
  CHECK_EQ(reading.found.size(), wanted)
      << "pages of vertex " << reading.vertex << " at csn " << reading.view.read_csn;
  std::vector<EdgeId> seen;
  for (const Neighbour& neighbour : reading.found) {
    const HubModel::Edge* edge = model_.FindEdge(neighbour.edge);
    CHECK(edge != nullptr && edge->VisibleTo(reading.view)) << "edge " << neighbour.edge;
    seen.push_back(neighbour.edge);
  }
  std::sort(seen.begin(), seen.end());
  CHECK(std::adjacent_find(seen.begin(), seen.end()) == seen.end()) << "an edge on two pages";
  ++comparison_count_;
  readings_.erase(readings_.begin());
}

}  // namespace tidemark::storage
