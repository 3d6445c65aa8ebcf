// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "durability/wal/wal_writer.h"
#include "proto/cluster.pb.h"
#include "txn/participant_port.h"
#include "worker/engine_context.h"
#include "worker/room_book.h"

namespace tidemark::worker {

// The commits of a worker in the order of their numbers: logs them, applies them to the shard and
// tells how far they are applied; keeps the room of the log that open transactions were promised.
//
// Owner: Engine. Threads: the worker's loop; the log syncs in jobs of its own. With the WAL off
// only the beginnings of epochs are logged. Errors: a write or a sync that fails ends the node
// (Executor::Fail). A log without room is a state: the gate refuses writes by name, and goes on by
// itself.
class CommitLog {
 public:
  // `wal` is the result of ScanWal. Does not own the context, which outlives it.
  CommitLog(EngineContext* context, durability::WalState wal);
  CommitLog(const CommitLog&) = delete;
  CommitLog& operator=(const CommitLog&) = delete;

  // --- Transactions.
  // After a slice of the transaction's writes. What a large transaction has written goes to the log
  // ahead of its commit; for the rest there is room.
  void NoteWrites(TxId tx);
  // REQUIRES: order.csn is above that of every commit before.
  void Log(const txn::CommitOrder& order);
  // Hands the commit to the shard; OnApplied follows. False when slices must go on with it.
  // REQUIRES: was logged, in the order of the csns.
  bool Apply(TxId tx, Csn csn);
  // Commits were handed over and are not all applied.
  bool applying() const { return applying_; }
  // REQUIRES: applying().
  void ApplySlice();
  // The transaction has ended without a commit.
  void Forget(TxId tx);
  // All open transactions have. A cut of the log follows, which forgets what it has of them.
  void ForgetAll() { room_.Clear(); }
  // Asked before writes; null when nothing is logged.
  exec::WriteGate* gate() { return context_->options.wal ? &room_ : nullptr; }

  // --- The log.
  // OnWalSynced(csn) follows once every commit <= csn is on disk.
  void Sync(Csn csn);
  void NoteWatermark(Csn csn) { wal_.NoteWatermark(csn); }
  // The shard was loaded from a snapshot whose newest commit is this one; 0 = from the log alone.
  void OnRecovered(Csn snapshot_last_csn) { snapshot_last_csn_ = snapshot_last_csn; }
  // Ends a recovery; `done` when the log is as ordered, on disk.
  void Cut(const txn::CutOrder& order, std::function<void()> done);
  // Segments may go that only snapshots before this one need. Nothing happens before the first cut.
  void RemoveBelow(Csn snapshot_csn);
  const durability::WalState& wal_state() const { return wal_.state(); }
  std::optional<int64_t> disk_asked_micros() const { return wal_.disk_asked_micros(); }
  int64_t last_sync_micros() const { return wal_.stats().last_sync_micros; }
  void FillFigures(wire::HeartbeatReply* reply) const;

  void CheckInvariants() const;

 private:
  void AddSchemaChanges(const txn::CommitOrder& order);
  void NoteApplied();
  Csn NewestCommitAtMost(Csn csn, const std::vector<txn::CommitId>& dead) const;

  EngineContext* const context_;
  durability::WalWriter wal_;
  RoomBook room_;
  bool applying_ = false;
  bool applied_noted_ = false;        // the end of this turn tells how far commits are applied
  int64_t turn_units_ = kSliceUnits;  // left for commits that arrive in this turn of the loop
  Csn snapshot_last_csn_;
  // What comes back from the executor after this is gone does nothing.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
