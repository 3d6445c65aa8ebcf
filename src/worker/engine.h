// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/participant_port.h"
#include "worker/bulk_work.h"
#include "worker/commit_log.h"
#include "worker/engine_context.h"
#include "worker/fragment_queue.h"
#include "worker/recovery.h"
#include "worker/slice_scheduler.h"
#include "worker/snapshot_files.h"

namespace tidemark::worker {

// A worker's storage and log, put together from the owners of their work: what the participant
// orders and what clients ask for goes to the part whose work it is.
//
//   CommitLog       the WAL, its room, commits in their order
//   FragmentQueue   steps of fragments
//   BulkWork        the snapshot under way, index builds
//   SnapshotFiles   snapshots that may go
//   Recovery        the shard from the files
//   SliceScheduler  whose turn it is on the loop
//
// Owner: WorkerNode. Threads: its loop; what blocks runs in jobs.
// Errors: as those of the parts.
class Engine : public txn::ParticipantStorage {
 public:
  // `wal` is the result of ScanWal. Does not own directory and events, which outlive the engine.
  Engine(const env::Env& env, const EngineOptions& options,
         const durability::DataDirectory& directory, durability::WalState wal,
         EngineEvents* events);
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // txn::ParticipantStorage
  void LogCommit(const txn::CommitOrder& order) override { commits_.Log(order); }
  void ApplyCommit(TxId tx, Csn csn) override;
  void AbortTransaction(TxId tx) override;
  void AbortAll() override;
  void SyncWal(Csn csn) override { commits_.Sync(csn); }
  std::optional<int64_t> DiskAskedMicros() const override { return commits_.disk_asked_micros(); }
  void NoteWatermark(Csn csn) override { commits_.NoteWatermark(csn); }
  void SetHorizon(Csn csn) override;
  void StartSnapshot(const txn::SnapshotOrder& order) override { bulk_.StartSnapshot(order); }
  void AbandonSnapshot() override { bulk_.AbandonSnapshot(); }
  void RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through) override;
  void RollbackTo(Csn csn) override;
  void StartRecovery(const txn::RecoveryOrder& order) override;
  void CutWal(const txn::CutOrder& order) override;

  // Runs a batch; OnExecuted follows.
  void Execute(wire::Execute execute);
  // There is room for answers again.
  void OnAnswersTaken();
  // Adds what is there to a building index; OnIndexBuilt follows.
  void BuildIndex(IndexId index) { bulk_.BuildIndex(index); }
  // The recovery under way ends soon, with an error. Nothing happens when there is none.
  void CancelRecovery() { recovery_.Cancel(); }

  void FillFigures(wire::HeartbeatReply* reply) const;
  // None while it reads its files.
  void FillCounts(wire::HeartbeatReply* reply) const;
  // How long the newest sync of the WAL took.
  int64_t last_sync_micros() const { return commits_.last_sync_micros(); }
  const storage::Shard& shard() const { return *context_.shard; }
  // Slow: looks at the whole shard.
  void CheckInvariants() const;

 private:
  void OnRecovered(absl::StatusOr<RecoveredShard> recovered);

  EngineContext context_;
  CommitLog commits_;
  FragmentQueue fragments_;
  BulkWork bulk_;
  SnapshotFiles snapshot_files_;
  Recovery recovery_;
  SliceScheduler slices_;
};

}  // namespace tidemark::worker
