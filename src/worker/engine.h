// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "durability/identity.h"
#include "durability/wal/wal_writer.h"
#include "env/env.h"
#include "storage/shard.h"
#include "txn/participant.h"
#include "txn/participant_port.h"
#include "worker/bulk_pace.h"
#include "worker/operation_queue.h"
#include "worker/recovery_task.h"
#include "worker/room_book.h"
#include "worker/snapshot_task.h"

namespace tidemark::worker {

// What the engine tells the node around it; every call comes as an input of its own, never from
// inside a call of the engine.
class EngineEvents {
 public:
  virtual ~EngineEvents() = default;
  virtual void OnWalSynced(Csn csn) = 0;
  virtual void OnApplied(Csn csn) = 0;
  virtual void OnSnapshotDone(const txn::Participant::SnapshotResult& result) = 0;
  virtual void OnRecoveryDone(const absl::Status& status) = 0;
  virtual void OnWalCut(Epoch new_epoch) = 0;
  virtual void OnExecuted(const wire::Execute& execute, BatchOutcome outcome, bool wrote) = 0;
  virtual void OnIndexBuilt(IndexId index) = 0;
  // Answers that were made and wait to be sent.
  virtual size_t HeldAnswerBytes() const = 0;
};

struct EngineOptions {
  bool wal = true;
  uint64_t wal_segment_bytes = 0;
  uint64_t tx_part_bytes = durability::kTxPartBytes;
  ShardSettings shard;
  durability::FileIdentity identity;
};

// A worker's storage and log and the work on them: the shard, the WAL, operations, snapshots,
// recovery, garbage. Work is cut into slices that share the loop: commits and operations in turns,
// then, with a tenth of the slices or what is left over, snapshots, garbage and index builds.
// Owner: WorkerNode. Threads: its loop; blocking work goes to jobs.
class Engine {
 public:
  // `wal` is the result of ScanWal. Does not own the directory, which outlives the engine.
  Engine(const env::Env& env, const EngineOptions& options,
         const durability::DataDirectory& directory, durability::WalState wal,
         EngineEvents* events);
  ~Engine();

  // The storage and log part of txn::ParticipantPort; see there.
  void LogCommit(const txn::CommitOrder& order);
  void ApplyCommit(TxId tx, Csn csn);
  void AbortTransaction(TxId tx);
  void AbortAll();
  void SyncWal(Csn csn);
  std::optional<int64_t> disk_asked_micros() const { return wal_->disk_asked_micros(); }
  void NoteWatermark(Csn csn) { wal_->NoteWatermark(csn); }
  void SetHorizon(Csn csn);
  void StartSnapshot(const txn::SnapshotOrder& order);
  void AbandonSnapshot();
  void RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through);
  void RollbackTo(Csn csn);
  void StartRecovery(const txn::RecoveryOrder& order);
  // The recovery under way ends soon, with an error. Nothing happens when there is none.
  void CancelRecovery();
  void CutWal(const txn::CutOrder& order);
  void FillFigures(wire::HeartbeatReply* reply) const;

  // Runs a batch; OnExecuted follows.
  void Execute(wire::Execute execute);
  // There is room for answers again.
  void OnAnswersTaken() {
    if (!operations_.empty()) Wake();
  }
  // Adds what is there to a building index; OnIndexBuilt follows.
  void BuildIndex(IndexId index);

  // How long the newest sync of the WAL took.
  int64_t last_sync_micros() const { return wal_->stats().last_sync_micros; }

  const storage::Shard& shard() const { return *shard_; }
  void CheckInvariants() const;

 private:
  static constexpr int64_t kSliceUnits = 8'192;          // of storage, about 0.1 ms
  static constexpr int64_t kOperationsBesideCommit = 8;  // batches between two slices of a commit
  void OnBatchDone(const wire::Execute& execute, BatchOutcome outcome);
  // After a slice of the transaction's writes.
  void NoteWrites(TxId tx);
  void Wake();
  void RunSlices();
  // False when none ran.
  bool RunOperations();
  void RunBackgroundSlice();
  // Of snapshots and index builds. True when there is more to do at once.
  bool RunBulkSlice();
  void WakeAfter(int64_t delay_micros);
  void NoteApplied();
  void TellRecovery();
  Csn NewestCommitAtMost(Csn csn, const std::vector<txn::CommitId>& dead) const;

  const env::Env env_;
  const EngineOptions options_;
  const durability::DataDirectory& directory_;
  EngineEvents* const events_;
  std::unique_ptr<durability::WalWriter> wal_;
  std::unique_ptr<RoomBook> room_;
  std::unique_ptr<storage::Shard> shard_;
  OperationQueue operations_;
  std::unique_ptr<SnapshotTask> snapshot_;
  uint64_t snapshot_number_ = 0;  // of the newest; counts
  BulkPace snapshot_pace_;
  std::vector<IndexId> building_;
  bool collecting_ = false;
  bool applying_ = false;
  bool awake_ = false;
  bool applied_noted_ = false;
  int64_t turn_units_ = kSliceUnits;  // left for commits that arrive in this turn of the loop
  uint64_t slice_count_ = 0;
  int64_t foreground_micros_ = 0;  // when clients last wanted something
  int64_t bulk_due_micros_ = 0;
  bool wake_awaited_ = false;
  // The recovery under way; its job holds it too.
  std::shared_ptr<RecoveryProgress> recovery_;
  int64_t recovery_start_micros_ = 0;
  // What the shard was recovered from.
  txn::RecoveryOrder recovered_from_;
  Csn snapshot_last_csn_;
  // Completions that come after this engine is gone do nothing.
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
