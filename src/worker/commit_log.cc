// SPDX-License-Identifier: Apache-2.0
#include "worker/commit_log.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/status.h"
#include "graph/index_definition.h"
#include "graph/mutation.h"

namespace tidemark::worker {
namespace {

durability::WalOptions WalOptionsOf(const EngineContext& context) {
  durability::WalOptions options;
  options.directory = context.directory->wal_path();
  options.identity = context.options.identity;
  options.segment_bytes = context.options.wal_segment_bytes;
  options.clock = context.env.clock;
  return options;
}

}  // namespace

CommitLog::CommitLog(EngineContext* context, durability::WalState wal)
    : context_(context),
      wal_(context->env.files, context->env.executor, WalOptionsOf(*context), std::move(wal)),
      room_(WalOptionsOf(*context), &wal_, context->env.files) {
  wal_.set_on_disk_full([self = context->options.shard.self](const absl::Status& status) {
    if (status.ok()) {
      LOG(INFO) << "worker " << self << ": there is room for the log again, writes go on";
    } else {
      LOG(WARNING) << "worker " << self << ": " << MessageOf(status)
                   << "; writes are refused once the rest of the log is used, reads go on";
    }
  });
}

// --- Transactions.

void CommitLog::NoteWrites(TxId tx) {
  storage::Shard& shard = *context_->shard;
  if (!context_->options.wal || !shard.HasWrites(tx)) return;
  const uint64_t part_bytes =
      std::min<uint64_t>(context_->options.tx_part_bytes, room_.part_bytes());
  if (shard.PendingMutationBytes(tx) >= part_bytes) {
    wal_.AppendPart(tx, shard.TakePendingMutations(tx));
  }
  room_.Promise(tx, shard.PendingMutationBytes(tx));
}

void CommitLog::Log(const txn::CommitOrder& order) {
  CHECK(order.participants.Contains(context_->options.shard.self));
  AddSchemaChanges(order);
  const std::string mutations = context_->shard->TakePendingMutations(order.tx);
  if (!context_->options.wal) return;
  CHECK(order.epoch == wal_.epoch()) << "a commit of epoch " << order.epoch;
  wal_.AppendCommit({order.csn, order.tx, order.participants, mutations});
  room_.Forget(order.tx);
}

void CommitLog::AddSchemaChanges(const txn::CommitOrder& order) {
  if (order.mutations.empty()) return;
  graph::MutationReader reader(order.mutations);
  graph::Mutation mutation;
  while (true) {
    const absl::StatusOr<bool> more = reader.Next(&mutation);
    CHECK(more.ok()) << "malformed schema change in a commit: " << more.status();
    if (!*more) return;
    CHECK(mutation.kind == graph::MutationKind::kSchema);
    const absl::StatusOr<graph::IndexDefinition> definition =
        graph::DecodeIndexDefinition(mutation.bytes);
    CHECK(definition.ok()) << definition.status();
    context_->shard->AddSchemaChange(order.tx, *definition);
  }
}

bool CommitLog::Apply(TxId tx, Csn csn) {
  CHECK(csn > context_->shard->applied()) << "commit " << csn;
  context_->shard->Commit(tx, csn);
  // Many commits may come in one turn: together they get one slice, then the slices of the loop.
  if (!applying_) applying_ = !context_->shard->ApplySome(&turn_units_);
  NoteApplied();
  return !applying_;
}

void CommitLog::ApplySlice() {
  CHECK(applying_);
  int64_t units = kSliceUnits;
  applying_ = !context_->shard->ApplySome(&units);
  NoteApplied();
}

// Tells how far commits are applied once, at the end of the turn, after the bytes of the turn were
// given to the operating system.
void CommitLog::NoteApplied() {
  if (applied_noted_) return;
  applied_noted_ = true;
  context_->env.executor->AtTurnEnd([this, alive = std::weak_ptr<bool>(alive_)] {
    if (alive.expired()) return;
    applied_noted_ = false;
    turn_units_ = kSliceUnits;
    if (wal_.ready()) wal_.WriteBuffered();
    context_->events->OnApplied(context_->shard->applied());
  });
}

void CommitLog::Forget(TxId tx) {
  room_.Forget(tx);
  if (wal_.ready()) wal_.ForgetParts(tx);
}

// --- The log.

void CommitLog::Sync(Csn csn) {
  if (!context_->options.wal) {
    context_->env.executor->Post([this, csn, alive = std::weak_ptr<bool>(alive_)] {
      if (!alive.expired()) context_->events->OnWalSynced(csn);
    });
    return;
  }
  wal_.SyncThrough(csn, [this, csn] { context_->events->OnWalSynced(csn); });
}

// The newest commit <= csn of this worker's state, in the log or in the snapshot that it was loaded
// from.
Csn CommitLog::NewestCommitAtMost(Csn csn, const std::vector<txn::CommitId>& dead) const {
  const durability::WalState& wal = wal_.state();
  Csn newest = std::min(snapshot_last_csn_, csn);
  if (wal.base.watermark_last <= csn) newest = std::max(newest, wal.base.watermark_last);
  for (const durability::WalTailEntry& entry : wal.tail) {
    const txn::CommitId id{entry.epoch, entry.csn};
    const bool is_dead = std::find(dead.begin(), dead.end(), id) != dead.end();
    if (entry.csn <= csn && !is_dead) newest = std::max(newest, entry.csn);
  }
  return newest;
}

void CommitLog::Cut(const txn::CutOrder& order, std::function<void()> done) {
  CHECK(order.snapshot_csn <= order.csn);
  durability::WalCut cut;
  cut.epoch = order.new_epoch;
  cut.csn = order.csn;
  cut.last_csn = NewestCommitAtMost(order.csn, order.dead);
  cut.snapshot_csn = order.snapshot_csn;
  for (const txn::CommitId& id : order.dead) cut.dead.push_back({id.epoch, id.csn});
  wal_.CutAbove(cut, std::move(done));
}

void CommitLog::RemoveBelow(Csn snapshot_csn) {
  if (wal_.ready()) wal_.RemoveBelow(snapshot_csn);
}

void CommitLog::FillFigures(wire::HeartbeatReply* reply) const {
  const durability::WalStats stats = wal_.stats();
  reply->set_wal_bytes(stats.wal_bytes);
  reply->set_wal_syncs(stats.sync_count);
  reply->set_unflushed_bytes(context_->options.wal ? stats.above_watermark_bytes : 0);
  reply->set_disk_full(MessageOf(wal_.disk_full()));
}

void CommitLog::CheckInvariants() const {
  wal_.CheckInvariants();
  room_.CheckInvariants();
  CHECK_LE(turn_units_, kSliceUnits);
  if (!context_->options.wal) CHECK_EQ(room_.promised_bytes(), 0u);
}

}  // namespace tidemark::worker
