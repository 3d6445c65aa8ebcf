// SPDX-License-Identifier: Apache-2.0
#include "worker/engine.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "durability/snapshot/snapshot_reader.h"

namespace tidemark::worker {
namespace {

// One slice in this many goes to background work while there is other work.
constexpr uint64_t kBackgroundShare = 10;
constexpr int64_t kQuietMicros = 20'000;
// A large operation goes on when there is memory, unless others wait behind it.
constexpr int64_t kLowMemoryPauseMicros = 1'000;
// A write that waits for room in the log asks again.
constexpr int64_t kRoomPauseMicros = 1'000;
constexpr int64_t kRecoveryLineMicros = 2'000'000;

}  // namespace

Engine::Engine(const env::Env& env, const EngineOptions& options,
               const durability::DataDirectory& directory, durability::WalState wal,
               EngineEvents* events)
    : env_(env),
      options_(options),
      directory_(directory),
      events_(events),
      operations_([this](const wire::Execute& execute, BatchOutcome outcome) {
        OnBatchDone(execute, std::move(outcome));
      }) {
  durability::WalOptions wal_options;
  wal_options.directory = directory.wal_path();
  wal_options.identity = options.identity;
  wal_options.segment_bytes = options.wal_segment_bytes;
  wal_options.clock = env.clock;
  wal_ =
      std::make_unique<durability::WalWriter>(env.files, env.executor, wal_options, std::move(wal));
  room_ = std::make_unique<RoomBook>(options.shard.self, options.wal_segment_bytes, wal_.get());
  wal_->set_on_disk_full([self = options.shard.self](const absl::Status& status) {
    if (status.ok()) {
      LOG(INFO) << "worker " << self << ": there is room for the log again, writes go on";
    } else {
      LOG(WARNING) << "worker " << self << ": " << MessageOf(status)
                   << "; writes are refused once the rest of the log is used, reads go on";
    }
  });
  shard_ = std::make_unique<storage::Shard>(options.shard.limits, options.shard.worker_count,
                                            options.shard.self);
}

Engine::~Engine() { CancelRecovery(); }

void Engine::LogCommit(const txn::CommitOrder& order) {
  if (!order.mutations.empty()) {
    graph::MutationReader reader(order.mutations);
    graph::Mutation mutation;
    while (true) {
      const absl::StatusOr<bool> more = reader.Next(&mutation);
      CHECK(more.ok()) << "malformed schema change in a commit: " << more.status();
      if (!*more) break;
      CHECK(mutation.kind == graph::MutationKind::kSchema);
      absl::StatusOr<graph::IndexDefinition> definition =
          graph::DecodeIndexDefinition(mutation.bytes);
      CHECK(definition.ok()) << definition.status();
      shard_->AddSchemaChange(order.tx, *definition);
    }
  }
  const std::string mutations = shard_->TakePendingMutations(order.tx);
  if (!options_.wal) return;
  wal_->AppendCommit({order.csn, order.tx, order.participants, mutations});
  room_->Forget(order.tx);
}

void Engine::ApplyCommit(TxId tx, Csn csn) {
  shard_->Commit(tx, csn);
  // Many commits may come in one turn: together they get one slice, then the slices of the loop.
  if (!applying_) {
    applying_ = !shard_->ApplySome(&turn_units_);
    if (applying_) Wake();
  }
  NoteApplied();
}

// Tells how far commits are applied once, at the end of the turn, after the bytes of the turn are
// with the operating system.
void Engine::NoteApplied() {
  if (applied_noted_) return;
  applied_noted_ = true;
  env_.executor->AtTurnEnd([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    applied_noted_ = false;
    turn_units_ = kSliceUnits;
    if (wal_->ready()) wal_->WriteBuffered();
    events_->OnApplied(shard_->applied());
  });
}

void Engine::AbortTransaction(TxId tx) {
  operations_.Remove(tx);
  room_->Forget(tx);
  shard_->Abort(tx);
  if (wal_->ready()) wal_->ForgetParts(tx);
}

void Engine::AbortAll() {
  operations_.Clear();
  room_->Clear();
  shard_->AbortAll();
}

void Engine::SyncWal(Csn csn) {
  if (!options_.wal) {
    env_.executor->Post([this, csn, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) events_->OnWalSynced(csn);
    });
    return;
  }
  wal_->SyncThrough(csn, [this, csn] { events_->OnWalSynced(csn); });
}

void Engine::SetHorizon(Csn csn) {
  shard_->SetHorizon(csn);
  collecting_ = true;
  Wake();
}

void Engine::StartSnapshot(const txn::SnapshotOrder& order) {
  durability::SnapshotOptions options;
  options.directory = directory_.snapshots_path();
  options.identity = options_.identity;
  options.epoch = order.id.epoch;
  options.csn = order.id.csn;
  options.last_csn = order.last_csn;
  snapshot_pace_ = BulkPace(env_.clock->NowMicros(), order.limit_micros);
  snapshot_ = std::make_unique<SnapshotTask>(env_.files, env_.executor, options, shard_.get(),
                                             [this] { Wake(); });
  // The result of one that was given up means nothing, not even to another of the same csn.
  const auto number = ++snapshot_number_;
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
    env_.executor->Post([this, result, number, alive = std::weak_ptr<bool>(alive_)] {
      if (alive.expired() || snapshot_ == nullptr || snapshot_number_ != number) return;
      snapshot_ = nullptr;
      events_->OnSnapshotDone(result);
    });
  });
  Wake();
}

void Engine::AbandonSnapshot() { snapshot_ = nullptr; }

void Engine::RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through) {
  std::vector<durability::EpochCsn> keep;
  for (const wire::SnapshotFile& file : retained) {
    keep.push_back({Epoch(file.epoch()), Csn(file.csn())});
  }
  Csn oldest;  // 0 = none is complete
  for (const durability::EpochCsn& snapshot : keep) {
    oldest = oldest == Csn() ? snapshot.csn : std::min(oldest, snapshot.csn);
  }
  const auto status = std::make_shared<absl::Status>();
  env_.executor->Submit(
      env::JobQueue::kSnapshot,
      [files = env_.files, path = directory_.snapshots_path(), keep, through, status] {
        *status = durability::RetainSnapshots(files, path, keep, through);
      },
      [this, status, oldest, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired()) return;
        if (!status->ok()) {
          LOG(WARNING) << "old snapshots stay for now: " << MessageOf(*status);
        } else if (wal_->ready() && oldest != Csn()) {
          wal_->RemoveBelow(oldest);
        }
      });
}

void Engine::RollbackTo(Csn csn) {
  AbandonSnapshot();
  building_.clear();
  shard_->RollbackTo(csn);
}

void Engine::StartRecovery(const txn::RecoveryOrder& order) {
  AbandonSnapshot();
  building_.clear();
  operations_.Clear();
  room_->Clear();
  shard_->Clear();
  RecoverySource source{env_.files, directory_.wal_path(), directory_.snapshots_path(),
                        options_.identity, &wal_->state()};
  const auto result =
      std::make_shared<absl::StatusOr<RecoveredShard>>(absl::InternalError("recovery did not run"));
  recovered_from_ = order;
  recovery_ = std::make_shared<RecoveryProgress>();
  recovery_start_micros_ = env_.clock->NowMicros();
  TellRecovery();
  env_.executor->Submit(
      env::JobQueue::kRecovery,
      [source, order, settings = options_.shard, result, progress = recovery_] {
        *result = RecoverShard(source, order, settings, progress.get());
      },
      [this, result, progress = recovery_, alive = std::weak_ptr<bool>(alive_)] {
        if (alive.expired()) return;
        if (recovery_ == progress) recovery_ = nullptr;
        if (!result->ok()) return events_->OnRecoveryDone(result->status());
        LOG(INFO) << "worker " << options_.shard.self << ": recovered " << progress->mutations
                  << " mutations in " << (env_.clock->NowMicros() - recovery_start_micros_) / 1000
                  << " ms";
        shard_ = std::move((*result)->shard);
        snapshot_last_csn_ = (*result)->snapshot_last_csn;
        events_->OnRecoveryDone(absl::OkStatus());
      });
}

void Engine::CancelRecovery() {
  if (recovery_ != nullptr) recovery_->reads.cancelled = true;
}

// One line every while, for people who wait.
void Engine::TellRecovery() {
  const auto tell = [this, progress = recovery_, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired() || recovery_ != progress) return;
    const int64_t elapsed_micros = env_.clock->NowMicros() - recovery_start_micros_;
    LOG(INFO) << "worker " << options_.shard.self << ": "
              << ProgressText(*progress, recovered_from_.csn, elapsed_micros);
    TellRecovery();
  };
  env_.executor->RunAfter(kRecoveryLineMicros, tell);
}

// The newest commit <= csn of this worker's state, in the WAL or in the snapshot it came from.
Csn Engine::NewestCommitAtMost(Csn csn, const std::vector<txn::CommitId>& dead) const {
  const durability::WalState& wal = wal_->state();
  Csn newest = std::min(snapshot_last_csn_, csn);
  if (wal.base.watermark_last <= csn) newest = std::max(newest, wal.base.watermark_last);
  for (const durability::WalTailEntry& entry : wal.tail) {
    const txn::CommitId id{entry.epoch, entry.csn};
    const bool is_dead = std::find(dead.begin(), dead.end(), id) != dead.end();
    if (entry.csn <= csn && !is_dead) newest = std::max(newest, entry.csn);
  }
  return newest;
}

void Engine::CutWal(const txn::CutOrder& order) {
  durability::WalCut cut;
  cut.epoch = order.new_epoch;
  cut.csn = order.csn;
  cut.last_csn = NewestCommitAtMost(order.csn, order.dead);
  cut.snapshot_csn = order.snapshot_csn;
  for (const txn::CommitId& id : order.dead) cut.dead.push_back({id.epoch, id.csn});
  wal_->CutAbove(cut, [this, order] {
    const auto status = std::make_shared<absl::Status>();
    env_.executor->Submit(
        env::JobQueue::kSnapshot,
        [files = env_.files, path = directory_.snapshots_path(), order, status] {
          *status = durability::RemoveSnapshotsAbove(files, path, order.csn);
        },
        [this, order, status, alive = std::weak_ptr<bool>(alive_)] {
          if (alive.expired()) return;
          if (!status->ok()) return env_.executor->Fail(*status);
          events_->OnWalCut(order.new_epoch);
        });
  });
}

void Engine::FillFigures(wire::HeartbeatReply* reply) const {
  const storage::ShardStats stats = shard_->stats();
  const durability::WalStats wal = wal_->stats();
  const bool recovering = recovery_ != nullptr;
  reply->set_vertices(recovering ? recovery_->vertices.load() : stats.vertices);
  reply->set_edges(recovering ? recovery_->edges.load() : stats.edges);
  reply->set_storage_bytes(stats.memory_bytes);
  reply->set_undo_bytes(stats.undo_bytes);
  reply->set_memory_limit_bytes(options_.shard.limits.memory_limit_bytes);
  reply->set_wal_bytes(wal.wal_bytes);
  reply->set_wal_syncs(wal.sync_count);
  reply->set_unflushed_bytes(options_.wal ? wal.above_watermark_bytes : 0);
  if (snapshot_ != nullptr) {
    reply->set_snapshot_bytes(snapshot_->bytes());
    reply->set_snapshot_permille(snapshot_->permille());
  }
  reply->set_disk_full(MessageOf(wal_->disk_full()));
}

void Engine::Execute(wire::Execute execute) {
  foreground_micros_ = env_.clock->NowMicros();
  operations_.Add(shard_.get(), std::move(execute), options_.wal ? room_.get() : nullptr);
  Wake();
}

void Engine::BuildIndex(IndexId index) {
  if (std::find(building_.begin(), building_.end(), index) != building_.end()) return;
  building_.push_back(index);
  Wake();
}

void Engine::OnBatchDone(const wire::Execute& execute, BatchOutcome outcome) {
  events_->OnExecuted(execute, std::move(outcome), shard_->HasWrites(TxId(execute.tx())));
}

// What a large transaction has written goes to the WAL before its commit; for the rest there is
// room.
void Engine::NoteWrites(TxId tx) {
  if (!options_.wal || !shard_->HasWrites(tx)) return;
  if (shard_->PendingMutationBytes(tx) >= options_.tx_part_bytes) {
    wal_->AppendPart(tx, shard_->TakePendingMutations(tx));
  }
  room_->Promise(tx, shard_->PendingMutationBytes(tx));
}

void Engine::Wake() {
  if (awake_) return;
  awake_ = true;
  env_.executor->Post([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    awake_ = false;
    RunSlices();
  });
}

void Engine::RunSlices() {
  if (applying_) {
    int64_t units = kSliceUnits;
    applying_ = !shard_->ApplySome(&units);
    NoteApplied();
  }
  // Operations that wait for room for their answers go on at OnAnswersTaken.
  const bool operations_ran = RunOperations();
  const bool foreground = applying_ || (operations_ran && !operations_.empty());
  ++slice_count_;
  const bool bulk_is_late = snapshot_ != nullptr && snapshot_pace_.is_late();
  if (!foreground || bulk_is_late || slice_count_ % kBackgroundShare == 0) RunBackgroundSlice();
  if (!foreground && !collecting_) return;
  const bool alone = applying_ ? operations_.empty() : operations_.is_in_the_middle_of_one();
  if (alone && env_.executor->memory_is_low()) {
    WakeAfter(kLowMemoryPauseMicros);
  } else if (!applying_ && operations_.waits_for_room()) {
    WakeAfter(kRoomPauseMicros);
  } else {
    Wake();
  }
}

// Beside a large commit operations get as much as the commit does. Nobody reads at its csn before
// all of it is applied, and what is applied so far is hidden from older readers as it is later.
// Small batches share one turn: else each would wait for a slice of the commit.
bool Engine::RunOperations() {
  const int64_t turn_count = applying_ ? kOperationsBesideCommit : 1;
  for (int64_t i = 0; i < turn_count; ++i) {
    const std::optional<TxId> tx =
        operations_.RunSlice(kSliceUnits / turn_count, events_->HeldAnswerBytes());
    if (!tx.has_value()) return i > 0;
    NoteWrites(*tx);
  }
  return true;
}

void Engine::RunBackgroundSlice() {
  if (collecting_) collecting_ = !shard_->CollectSome(kSliceUnits);
  if (snapshot_ == nullptr && building_.empty()) return;
  const int64_t now_micros = env_.clock->NowMicros();
  if (now_micros < bulk_due_micros_) return WakeAfter(bulk_due_micros_ - now_micros);
  if (!RunBulkSlice()) return;
  // Snapshots and index builds would take every core that clients leave for a moment.
  const bool quiet = now_micros - foreground_micros_ > kQuietMicros;
  int64_t pause_micros = BulkPace::kMaxPauseMicros;
  if (snapshot_ != nullptr) {
    pause_micros =
        snapshot_pace_.NoteSlice(now_micros, env_.clock->NowMicros(), snapshot_->permille());
  }
  if (quiet) pause_micros = 0;
  bulk_due_micros_ = env_.clock->NowMicros() + pause_micros;
  if (pause_micros == 0) {
    Wake();
  } else {
    WakeAfter(pause_micros);
  }
}

void Engine::WakeAfter(int64_t delay_micros) {
  if (wake_awaited_) return;
  wake_awaited_ = true;
  env_.executor->RunAfter(delay_micros, [this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    wake_awaited_ = false;
    Wake();
  });
}

bool Engine::RunBulkSlice() {
  bool more = false;
  if (snapshot_ != nullptr) more = snapshot_->RunSlice(kSliceUnits);
  if (!building_.empty()) {
    const IndexId index = building_.front();
    if (shard_->BuildIndexSome(index, kSliceUnits, [](const storage::KeyChange&) {})) {
      building_.erase(building_.begin());
      events_->OnIndexBuilt(index);
    }
  }
  return more || !building_.empty();
}

void Engine::CheckInvariants() const {
  shard_->CheckInvariants();
  wal_->CheckInvariants();
}

}  // namespace tidemark::worker
