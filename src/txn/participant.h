// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"
#include "proto/cluster.pb.h"
#include "txn/options.h"
#include "txn/participant_port.h"
#include "txn/reconcile.h"
#include "txn/recovery_plan.h"
#include "txn/types.h"

namespace tidemark::txn {

// What a worker's files say when it starts.
struct RecoveredFiles {
  Epoch epoch;                                // newest Epoch record
  Csn watermark;                              // newest noted in the WAL
  std::vector<wire::SnapshotFile> snapshots;  // complete files that can be read, oldest first
  Csn tail_after;                             // see proto Register
  Csn last_csn;                               // newest commit <= tail_after
  std::vector<WorkerReport::Record> tail;
  bool wal_from_start = true;
  Csn wal_complete_after;
};

// A worker's side of commit, flush, snapshots and recovery: decides which frames count, in which
// order things are logged, applied, synced and answered. A step machine: inputs below, outputs
// through ParticipantPort and ParticipantStorage; no I/O, threads, waits or clock of its own.
// Rules: docs/protocols/.
//
// Owner: the worker. Threads: the worker's loop.
// Errors: what must end the worker goes to ParticipantPort::Fail.
class Participant {
 public:
  enum class Phase : uint8_t {
    kRestarted,   // no state in memory yet
    kRunning,     // works in epoch()
    kReporting,   // a Report came: finishes applying, then registers
    kRegistered,  // waits for Converge
    kRecovering,  // Converge came: loads and replays
    kCutting,     // Converge came: cuts the WAL, syncs
  };

  // Does not own the ports.
  Participant(const ParticipantOptions& options, NodeId self, BootId boot_id, RecoveredFiles files,
              const ParticipantPorts& ports);

  // --- Inputs from the stream and the clock.
  // The master's Hello was checked (CheckMasterHello): frames of this stream follow.
  void OnStreamOpened(BootId master_boot_id);
  void OnStreamClosed();
  // Every frame of the stream. True: it was for the participant, or it was stale. False: it is for
  // somebody else at the worker (Execute ...) and may be carried out.
  bool OnFrame(const wire::Frame& frame);
  // REQUIRES: time never goes back.
  void OnTick(int64_t now_micros);

  // --- Completions of what the ports were asked for.
  // Every record <= csn is synced in the WAL.
  void OnWalSynced(Csn csn);
  // Every commit handed to ApplyCommit up to csn is applied. At most once per turn is enough.
  void OnApplied(Csn csn);
  struct SnapshotResult {
    CommitId id;
    absl::Status status;  // an error: the round is dropped, the worker goes on
    uint64_t digest = 0;
    uint64_t bytes = 0;
    uint64_t vertices = 0;
    uint64_t edges = 0;
  };
  void OnSnapshotDone(const SnapshotResult& result);
  void OnRecoveryDone(const absl::Status& status);
  void OnWalCut(Epoch new_epoch);

  // --- What it knows.
  Phase phase() const { return phase_; }
  Epoch epoch() const { return epoch_; }
  Csn watermark() const { return watermark_; }
  Csn last_csn() const;  // newest commit logged
  Csn horizon() const { return horizon_; }
  // The disk of the WAL has not answered for the silence limit. The stream was given up; the worker
  // is not to greet again until this is over.
  bool disk_is_silent() const { return disk_is_silent_; }

  void CheckInvariants() const;

 private:
  struct PendingSnapshot {
    CommitId id;
    uint64_t round = 0;
    Csn last_csn;
    std::optional<wire::SnapshotTaken> answer;  // file done, WAL sync under way
  };

  bool OnRunningFrame(const wire::Frame& frame);
  void OnCommit(const wire::Commit& commit);
  void OnFlush(Csn csn);
  void OnTakeSnapshot(const wire::TakeSnapshot& order);
  void OnProgress(const wire::Progress& progress);
  void OnRetain(const wire::Retain& retain);
  void OnRefused(const wire::Refused& refused);
  void NoteDisk();
  void AnswerFlushes();
  void AnswerSnapshot();
  void Send(wire::Frame frame);
  // The newest commit <= csn. REQUIRES: csn >= tail_after_.
  Csn LastAtMost(Csn csn) const;
  void TrimTail(Csn csn);

  // Recovery (participant_recovery.cc).
  void OnReport(Epoch master_epoch, const Attempt& attempt);
  void OnConverge(const wire::Converge& converge);
  void DropRounds();
  void MaybeRegister();
  void SendRegister();
  void CutTail();
  void Cut(bool live);
  void FinishConverge();

  const ParticipantOptions options_;
  const NodeId self_;
  const BootId boot_id_;
  ParticipantPort* const port_;
  ParticipantStorage* const storage_;

  Phase phase_ = Phase::kRestarted;
  bool in_memory_ = false;
  bool connected_ = false;
  BootId master_boot_id_;
  int64_t now_micros_ = 0;
  int64_t heard_micros_ = 0;
  int64_t awake_since_micros_ = 0;  // this process did not sleep since then
  bool disk_is_silent_ = false;

  Epoch epoch_;
  Csn watermark_;
  Csn horizon_;
  // In memory nothing below this can be undone.
  Csn undo_floor_;
  std::vector<wire::SnapshotFile> snapshots_;
  bool wal_from_start_ = true;
  Csn wal_complete_after_;
  Csn tail_after_;
  Csn last_before_tail_;
  // --wal=off: the newest commit <= durable_csn_ that is in the files, for when the memory is lost.
  Csn durable_csn_;
  Csn durable_last_csn_;
  std::deque<WorkerReport::Record> tail_;  // logged commits > tail_after_, ascending
  Csn applied_;
  Csn synced_;
  std::vector<Csn> flushes_;  // asked for, not answered
  std::optional<PendingSnapshot> snapshot_;
  uint64_t newest_round_ = 0;  // of a snapshot, asked for since the last Report

  std::optional<Attempt> attempt_;  // of the newest Report
  wire::Converge converge_;         // the newest that was carried out, or is being
  std::vector<CommitId> dead_;      // of converge_
  uint64_t undone_count_ = 0;
  mutable Epoch checked_epoch_;
  mutable Csn checked_watermark_;
};

}  // namespace tidemark::txn
