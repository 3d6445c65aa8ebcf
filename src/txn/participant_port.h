// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/types.h"

namespace tidemark::txn {

// A commit as it goes to the WAL and to storage.
struct CommitOrder {
  Epoch epoch;
  TxId tx;
  Csn csn;
  NodeSet participants;
  std::string_view mutations;  // to be added to the transaction's own (schema changes)
};

// How a restarted worker gets its state.
struct RecoveryOrder {
  CommitId snapshot;  // csn 0 = none: the WAL from its beginning
  Csn csn;            // replay (snapshot.csn, csn]
  std::vector<CommitId> dead;
};

// The end of a recovery: cut, fence, sync.
struct CutOrder {
  Epoch new_epoch;
  Csn csn;                     // R
  Csn snapshot_csn;            // the snapshot that was loaded for it, 0 = none
  std::vector<CommitId> dead;  // commits <= R in the WAL that are dead
};

// A snapshot to be written.
struct SnapshotOrder {
  CommitId id;
  Csn last_csn;              // newest commit <= id.csn of this worker, for the header
  int64_t limit_micros = 0;  // the master gives it up after this time; 0 = never
};

// What the participant asks of the worker's storage and of its log. No call may call back into the
// participant: completions come in later as inputs of their own.
// Order at the end of a turn: the WAL bytes of the turn are handed to the operating system before
// the frames of the turn go to the transport.
// Threads: the worker's loop. Errors: a write or a sync that fails ends the worker by itself.
class ParticipantStorage {
 public:
  virtual ~ParticipantStorage() = default;

  // --- Commits. LogCommit appends the WAL record (with --wal=off: nothing), then ApplyCommit hands
  // the commit to storage, which applies it, perhaps over several turns: OnApplied follows.
  virtual void LogCommit(const CommitOrder& order) = 0;
  virtual void ApplyCommit(TxId tx, Csn csn) = 0;
  virtual void AbortTransaction(TxId tx) = 0;
  // All transactions whose Commit has not come.
  virtual void AbortAll() = 0;

  // --- WAL. OnWalSynced(csn' >= csn) follows once every record <= csn is synced, but never for a
  // sync asked for before CutWal. Calls may share one sync.
  virtual void SyncWal(Csn csn) = 0;
  // When a sync or a cut was asked for that the disk has not answered yet, by the clock of OnTick;
  // nullopt: nothing is under way.
  virtual std::optional<int64_t> DiskAskedMicros() const = 0;
  // W is synced in the master log: a note in the WAL, no sync of its own needed.
  virtual void NoteWatermark(Csn csn) = 0;
  virtual void SetHorizon(Csn csn) = 0;

  // --- Snapshots. Writes <id.epoch>-<id.csn>.snap as of id.csn, to be durable when OnSnapshotDone
  // comes.
  virtual void StartSnapshot(const SnapshotOrder& order) = 0;
  // No file of the snapshot under way may appear any more. Nothing happens when there is none.
  virtual void AbandonSnapshot() = 0;
  // Complete snapshots that this worker holds, oldest first. Other files up to `through`, and WAL
  // segments that only snapshots before the first of them need, may go: oldest first.
  virtual void RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through) = 0;

  // --- Recovery.
  // Undoes in memory every commit > csn. Done when it returns.
  virtual void RollbackTo(Csn csn) = 0;
  // Empties storage, loads and replays: OnRecoveryDone follows.
  virtual void StartRecovery(const RecoveryOrder& order) = 0;
  // Cuts the WAL above csn, removes snapshots above csn, appends Epoch{new_epoch, csn} and syncs
  // WAL and directories: OnWalCut(new_epoch) follows.
  virtual void CutWal(const CutOrder& order) = 0;
};

// What the participant asks of the process around it. No call may call back into the participant.
// Threads: the worker's loop.
class ParticipantPort {
 public:
  virtual ~ParticipantPort() = default;

  // On the stream to the master; dropped when there is none.
  virtual void Send(wire::Frame frame) = 0;
  // Gives the stream up; the transport dials again.
  virtual void CloseStream(const std::string& reason) = 0;
  // Fills in everything but the sequence.
  virtual void FillFigures(wire::HeartbeatReply* reply) = 0;
  // Adds the counts, unless they are not known yet.
  virtual void FillCounts(wire::HeartbeatReply* reply) = 0;
  // Close the stream and exit with 0.
  virtual void Stop() = 0;
  // Ends the worker at once, with the reason.
  virtual void Fail(const absl::Status& status) = 0;
  // One line for the operator's log.
  virtual void Log(std::string_view line) = 0;
};

// The two that a participant works with. Owns neither; both outlive it, and neither is null.
struct ParticipantPorts {
  ParticipantPort* node = nullptr;
  ParticipantStorage* storage = nullptr;
};

}  // namespace tidemark::txn
