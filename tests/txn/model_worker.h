// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "txn/participant.h"
#include "txn/participant_port.h"

namespace tidemark::txn {

// A record of the model's WAL.
struct WalEntry {
  enum class Kind : uint8_t { kCommit, kEpoch, kWatermark };
  Kind kind = Kind::kCommit;
  CommitId id;  // kEpoch: the new epoch and R; kWatermark: csn only
  TxId tx;
  NodeSet participants;

  friend bool operator==(const WalEntry&, const WalEntry&) = default;
};

// What of a worker outlives its process; `durable` also its machine.
struct WorkerDisk {
  struct Snapshot {
    wire::SnapshotFile file;
    std::map<Csn, WalEntry> contents;
  };
  bool identity = false;
  std::vector<WalEntry> wal;
  std::vector<WalEntry> durable;
  // Of what was pruned from the front of both.
  Epoch pruned_epoch;
  Csn pruned_last;
  Csn complete_after;
  std::vector<Snapshot> snapshots;

  RecoveredFiles Read() const;
  // Power is lost: the disk holds what was synced, or a longer prefix of what was written. `choice`
  // picks one of PowerLossChoices().
  size_t PowerLossChoices() const;
  void LosePower(size_t choice);
};

// A worker process of the model: the real participant over a model of WAL, snapshots and storage.
// Work that takes time waits in it until the test lets it happen.
class ModelWorker : public ParticipantPort, public ParticipantStorage {
 public:
  using Trace = std::function<void(const std::string&)>;

  ModelWorker(NodeId self, BootId boot, bool wal_on, WorkerDisk* disk, Trace trace);

  Participant& participant() { return *participant_; }
  NodeId self() const { return self_; }
  BootId boot() const { return boot_; }
  const std::map<Csn, WalEntry>& memory() const { return memory_; }
  std::deque<wire::Frame>& outbox() { return outbox_; }
  // The disk hangs since then; nullopt: it works.
  void SetDiskAsked(std::optional<int64_t> micros) { disk_asked_micros_ = micros; }
  // What it tells of itself in heartbeats.
  wire::HeartbeatReply& figures() { return figures_; }
  wire::GraphCounts& counts() { return counts_; }
  bool close_asked() const { return close_asked_; }
  void ClearCloseAsked() { close_asked_ = false; }
  bool stopped() const { return stopped_; }
  const absl::Status& failed() const { return failed_; }

  enum class Work : uint8_t { kApply, kSync, kSnapshot, kRecover, kCut };
  bool Has(Work work) const;
  void Do(Work work);

  // ParticipantPort
  void Send(wire::Frame frame) override { outbox_.push_back(std::move(frame)); }
  void CloseStream(const std::string& reason) override;
  void FillFigures(wire::HeartbeatReply* reply) override { *reply = figures_; }
  void FillCounts(wire::HeartbeatReply* reply) override { *reply->mutable_counts() = counts_; }
  void Stop() override;
  void Fail(const absl::Status& status) override;
  void Log(std::string_view) override {}
  // ParticipantStorage
  void LogCommit(const CommitOrder& order) override;
  void ApplyCommit(TxId tx, Csn csn) override;
  void AbortTransaction(TxId tx) override;
  void AbortAll() override {}
  void SyncWal(Csn csn) override { sync_ = std::max(sync_.value_or(Csn()), csn); }
  std::optional<int64_t> DiskAskedMicros() const override { return disk_asked_micros_; }
  void NoteWatermark(Csn csn) override;
  void SetHorizon(Csn csn) override;
  void StartSnapshot(const SnapshotOrder& order) override;
  void AbandonSnapshot() override { snapshot_.reset(); }
  void RemoveOld(const std::vector<wire::SnapshotFile>& retained, Csn through) override;
  void RollbackTo(Csn csn) override;
  void StartRecovery(const RecoveryOrder& order) override;
  void CutWal(const CutOrder& order) override;

 private:
  void Apply();
  void WriteSnapshot();
  void Recover();
  void Cut();
  void NoteLoaded(Csn last_csn);
  void Prune(Csn csn);

  const NodeId self_;
  const BootId boot_;
  const bool wal_on_;
  WorkerDisk* const disk_;
  const Trace trace_;
  std::unique_ptr<Participant> participant_;
  std::map<Csn, WalEntry> memory_;
  Csn horizon_;
  std::deque<wire::Frame> outbox_;
  std::deque<WalEntry> applies_;
  std::map<Csn, WalEntry> logged_;
  std::optional<Csn> sync_;
  std::optional<std::pair<CommitId, Csn>> snapshot_;
  std::optional<RecoveryOrder> recovery_;
  std::optional<CutOrder> cut_;
  std::optional<int64_t> disk_asked_micros_;
  wire::HeartbeatReply figures_;
  wire::GraphCounts counts_;
  bool cut_written_ = false;
  bool close_asked_ = false;
  bool stopped_ = false;
  absl::Status failed_;
};

}  // namespace tidemark::txn
