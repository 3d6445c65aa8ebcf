// SPDX-License-Identifier: Apache-2.0
#include "worker/engine.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "worker/graph_counts.h"

namespace tidemark::worker {

Engine::Engine(const env::Env& env, const EngineOptions& options,
               const durability::DataDirectory& directory, durability::WalState wal,
               EngineEvents* events)
    : context_{env, options, &directory, events,
               std::make_unique<storage::Shard>(options.shard.limits, options.shard.worker_count,
                                                options.shard.self)},
      commits_(&context_, std::move(wal)),
      fragments_(
          options.query_memory_bytes,
          [this](const wire::Execute& execute, absl::StatusOr<std::string> answer) {
            const bool wrote = context_.shard->HasWrites(TxId(execute.tx()));
            context_.events->OnExecuted(execute, std::move(answer), wrote);
          },
          env.executor, env.clock, [this] { slices_.AskAgain(); }),
      bulk_(&context_, [this] { slices_.Wake(); }),
      snapshot_files_(env, directory.snapshots_path()),
      recovery_(env, options.shard),
      slices_(&context_, {&commits_, &fragments_, &bulk_}) {
  CHECK(events != nullptr);
}

void Engine::ApplyCommit(TxId tx, Csn csn) {
  if (!commits_.Apply(tx, csn)) slices_.Wake();
}

void Engine::AbortTransaction(TxId tx) {
  fragments_.Remove(tx);
  if (!context_.shard->Abort(tx)) slices_.WakeForGarbage();
  commits_.Forget(tx);
}

void Engine::AbortAll() {
  fragments_.Clear();
  if (!context_.shard->AbortAll()) slices_.WakeForGarbage();
  commits_.ForgetAll();
}

void Engine::SetHorizon(Csn csn) {
  context_.shard->SetHorizon(csn);
  fragments_.SetHorizon(csn);
  slices_.WakeForGarbage();
}

void Engine::RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through) {
  std::vector<durability::EpochCsn> keep;
  for (const wire::SnapshotFile& file : retained) {
    keep.push_back({Epoch(file.epoch()), Csn(file.csn())});
  }
  Csn oldest;  // 0 = none is complete
  for (const durability::EpochCsn& snapshot : keep) {
    oldest = oldest == Csn() ? snapshot.csn : std::min(oldest, snapshot.csn);
  }
  snapshot_files_.Retain(std::move(keep), through, [this, oldest] {
    if (oldest != Csn()) commits_.RemoveBelow(oldest);
  });
}

void Engine::RollbackTo(Csn csn) {
  bulk_.AbandonAll();
  context_.shard->RollbackTo(csn);
}

void Engine::StartRecovery(const txn::RecoveryOrder& order) {
  bulk_.AbandonAll();
  fragments_.Clear();
  commits_.ForgetAll();
  context_.shard->Clear();
  const RecoverySource source{context_.env.files, context_.directory->wal_path(),
                              context_.directory->snapshots_path(), context_.options.identity,
                              &commits_.wal_state()};
  recovery_.Start(source, order, [this](absl::StatusOr<RecoveredShard> recovered) {
    OnRecovered(std::move(recovered));
  });
}

void Engine::OnRecovered(absl::StatusOr<RecoveredShard> recovered) {
  // Whoever works on the shard that is replaced would work on freed memory.
  CHECK(fragments_.empty() && bulk_.empty());
  if (!recovered.ok()) return context_.events->OnRecoveryDone(recovered.status());
  context_.shard = std::move(recovered->shard);
  commits_.OnRecovered(recovered->snapshot_last_csn);
  context_.events->OnRecoveryDone(absl::OkStatus());
}

// No file of a state that is undone stays: the next recovery would take it for one of its own.
void Engine::CutWal(const txn::CutOrder& order) {
  commits_.Cut(order, [this, csn = order.csn, new_epoch = order.new_epoch] {
    snapshot_files_.RemoveAbove(csn, [this, new_epoch] { context_.events->OnWalCut(new_epoch); });
  });
}

void Engine::Execute(wire::Execute execute) {
  fragments_.Add(context_.shard.get(), std::move(execute), commits_.gate());
  slices_.WakeForClient();
}

void Engine::OnAnswersTaken() {
  if (!fragments_.empty()) slices_.Wake();
}

void Engine::FillFigures(wire::HeartbeatReply* reply) const {
  const storage::ShardStats stats = context_.shard->stats();
  const RecoveryProgress* recovery = recovery_.progress();
  reply->set_vertices(recovery != nullptr ? recovery->vertices.load() : stats.vertices);
  reply->set_edges(recovery != nullptr ? recovery->edges.load() : stats.edges);
  reply->set_storage_bytes(stats.memory_bytes);
  reply->set_undo_bytes(stats.undo_bytes);
  reply->set_memory_limit_bytes(context_.options.shard.limits.memory_limit_bytes);
  commits_.FillFigures(reply);
  bulk_.FillFigures(reply);
}

void Engine::FillCounts(wire::HeartbeatReply* reply) const {
  if (recovery_.progress() != nullptr) return;
  FillGraphCounts(*context_.shard, reply->mutable_counts());
}

void Engine::CheckInvariants() const {
  context_.shard->CheckInvariants();
  commits_.CheckInvariants();
  fragments_.CheckInvariants();
  bulk_.CheckInvariants();
}

}  // namespace tidemark::worker
