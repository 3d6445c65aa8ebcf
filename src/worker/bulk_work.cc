// SPDX-License-Identifier: Apache-2.0
#include "worker/bulk_work.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace tidemark::worker {

BulkWork::BulkWork(EngineContext* context, std::function<void()> wake)
    : context_(context), wake_(std::move(wake)) {
  CHECK(wake_ != nullptr);
}

void BulkWork::StartSnapshot(const txn::SnapshotOrder& order) {
  CHECK(order.last_csn <= order.id.csn);
  durability::SnapshotOptions options;
  options.directory = context_->directory->snapshots_path();
  options.identity = context_->options.identity;
  options.epoch = order.id.epoch;
  options.csn = order.id.csn;
  options.last_csn = order.last_csn;
  pace_ = BulkPace(context_->env.clock->NowMicros(), order.limit_micros);
  snapshot_ = std::make_unique<SnapshotTask>(context_->env.files, context_->env.executor, options,
                                             context_->shard.get(), wake_);
  // The result of one that was given up means nothing, not even to another of the same csn.
  const uint64_t number = ++snapshot_number_;
  snapshot_->set_done([this, number, id = order.id](absl::StatusOr<durability::SnapshotInfo> info) {
    txn::Participant::SnapshotResult result;
    result.id = id;
    result.status = info.status();
    if (info.ok()) {
      result.digest = info->digest;
      result.bytes = info->bytes;
      result.vertices = info->vertices;
      result.edges = info->edges;
    }
    context_->env.executor->Post([this, result, number, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) OnSnapshotWritten(number, result);
    });
  });
  wake_();
}

void BulkWork::OnSnapshotWritten(uint64_t number, const txn::Participant::SnapshotResult& result) {
  CHECK_LE(number, snapshot_number_);
  if (snapshot_ == nullptr || snapshot_number_ != number) return;
  snapshot_ = nullptr;
  context_->events->OnSnapshotDone(result);
}

void BulkWork::BuildIndex(IndexId index) {
  if (std::find(building_.begin(), building_.end(), index) != building_.end()) return;
  building_.push_back(index);
  wake_();
}

void BulkWork::AbandonAll() {
  AbandonSnapshot();
  building_.clear();
}

std::optional<int64_t> BulkWork::RunSlice(bool quiet) {
  if (empty()) return std::nullopt;
  const int64_t begin_micros = context_->env.clock->NowMicros();
  if (begin_micros < due_micros_) return due_micros_ - begin_micros;
  if (!Work()) return std::nullopt;
  const int64_t end_micros = context_->env.clock->NowMicros();
  int64_t pause_micros = BulkPace::kMaxPauseMicros;
  if (snapshot_ != nullptr) {
    pause_micros = pace_.NoteSlice(begin_micros, end_micros, snapshot_->permille());
  }
  // Without pauses snapshots and index builds would take every core that the clients leave for a
  // moment.
  if (quiet) pause_micros = 0;
  due_micros_ = end_micros + pause_micros;
  return pause_micros;
}

bool BulkWork::Work() {
  bool more = false;
  if (snapshot_ != nullptr) more = snapshot_->RunSlice(kSliceUnits);
  if (!building_.empty()) {
    const IndexId index = building_.front();
    if (context_->shard->BuildIndexSome(index, kSliceUnits, [](const storage::KeyChange&) {})) {
      building_.erase(building_.begin());
      context_->events->OnIndexBuilt(index);
    }
  }
  return more || !building_.empty();
}

void BulkWork::FillFigures(wire::HeartbeatReply* reply) const {
  if (snapshot_ == nullptr) return;
  reply->set_snapshot_bytes(snapshot_->bytes());
  reply->set_snapshot_permille(snapshot_->permille());
}

void BulkWork::CheckInvariants() const {
  if (snapshot_ != nullptr) CHECK_GT(snapshot_number_, 0u);
  for (auto it = building_.begin(); it != building_.end(); ++it) {
    CHECK(std::find(std::next(it), building_.end(), *it) == building_.end()) << "index " << *it;
  }
}

}  // namespace tidemark::worker
