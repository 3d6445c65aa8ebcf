// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "durability/identity.h"
#include "env/env.h"
#include "rpc/transport.h"
#include "txn/membership.h"
#include "txn/participant.h"
#include "txn/participant_port.h"
#include "worker/answer_gate.h"
#include "worker/engine.h"
#include "worker/spent_book.h"
#include "worker/start_files.h"

namespace tidemark::worker {

struct WorkerOptions {
  std::string data_directory;
  NodeId wanted_node;  // for an empty directory; 0 = any
  std::string credential;
  uint64_t pid = 0;
  std::string address;  // where it is, for people
  std::string build;
  // When the master's settings give no limit.
  uint64_t default_memory_limit_bytes = 0;
  // What an open transaction has written goes to the WAL when it is so much.
  uint64_t tx_part_bytes = durability::kTxPartBytes;
};

// A worker: greets the master as soon as it knows who it is, reads its files meanwhile, registers,
// and from then on does what the participant says. While it reads it answers heartbeats, so that
// everybody sees that it is alive and how far it is.
// Owner: the process (or the simulator). Threads: the loop of `env.executor`; made before it runs
// or on it. Does not own environment and transport, which outlive it.
// Errors: what an operator must repair (another cluster's directory, a damaged file, a refusal)
// ends the worker through `on_exit` with that status, after the master was told, who tells the
// cluster; a failed disk through Executor::Fail.
class WorkerNode : public rpc::TransportHandler,
                   private txn::ParticipantPort,
                   private EngineEvents {
 public:
  // `on_exit` is called once, on the loop: OK after a clean stop.
  WorkerNode(const env::Env& env, WorkerOptions options, rpc::Transport* transport,
             std::function<void(const absl::Status&)> on_exit);
  ~WorkerNode() override;

  void Start();
  // Ends the worker; `on_exit` follows. While it works for a master it waits a little for that one
  // to stop it, because the whole cluster may be stopping. Nothing is lost either way: every commit
  // is with the operating system.
  void Leave();
  // What the checkers of tests look at; null before the worker has joined.
  const Engine* engine() const { return engine_.get(); }
  const txn::Participant* participant() const { return participant_.get(); }

 private:
  // rpc::TransportHandler
  void OnStreamOpened(rpc::StreamId stream, const std::string& peer) override;
  void OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) override;
  void OnStreamDrained(rpc::StreamId stream) override;
  void OnStreamClosed(rpc::StreamId stream, const absl::Status& reason) override;

  // txn::ParticipantPort
  void Send(wire::Frame frame) override;
  void CloseStream(const std::string& reason) override;
  void LogCommit(const txn::CommitOrder& order) override { engine_->LogCommit(order); }
  void ApplyCommit(TxId tx, Csn csn) override { engine_->ApplyCommit(tx, csn); }
  void AbortTransaction(TxId tx) override { engine_->AbortTransaction(tx); }
  void AbortAll() override { engine_->AbortAll(); }
  void SyncWal(Csn csn) override { engine_->SyncWal(csn); }
  std::optional<int64_t> DiskAskedMicros() const override { return engine_->disk_asked_micros(); }
  void NoteWatermark(Csn csn) override { engine_->NoteWatermark(csn); }
  void SetHorizon(Csn csn) override { engine_->SetHorizon(csn); }
  void StartSnapshot(const txn::SnapshotOrder& o) override { engine_->StartSnapshot(o); }
  void AbandonSnapshot() override { engine_->AbandonSnapshot(); }
  void RemoveOld(const std::vector<wire::SnapshotFile>& kept, Csn through) override {
    engine_->RemoveOld(kept, through);
  }
  void RollbackTo(Csn csn) override { engine_->RollbackTo(csn); }
  void StartRecovery(const txn::RecoveryOrder& order) override { engine_->StartRecovery(order); }
  void CutWal(const txn::CutOrder& order) override { engine_->CutWal(order); }
  void FillFigures(wire::HeartbeatReply* reply) override;
  void Stop() override;
  void Fail(const absl::Status& status) override;
  void Log(std::string_view line) override;

  // EngineEvents
  void OnWalSynced(Csn csn) override { participant_->OnWalSynced(csn); }
  void OnApplied(Csn csn) override { participant_->OnApplied(csn); }
  void OnSnapshotDone(const txn::Participant::SnapshotResult& result) override {
    participant_->OnSnapshotDone(result);
  }
  void OnRecoveryDone(const absl::Status& status) override;
  void OnWalCut(Epoch new_epoch) override {
    log_end_.clear();
    participant_->OnWalCut(new_epoch);
  }
  void OnExecuted(const wire::Execute& execute, BatchOutcome outcome, bool wrote) override;
  void OnIndexBuilt(IndexId index) override;
  size_t HeldAnswerBytes() const override { return answers_.held_bytes(); }

  using Directory = std::unique_ptr<durability::DataDirectory>;
  void OnDirectoryOpened(absl::StatusOr<Directory> directory);
  void StartTransport();
  void ReadFiles();
  void OnFilesRead(absl::StatusOr<StartFiles> files);
  // When the files are read and the master has greeted: frames are for the participant from now on.
  void JoinWhenReady();
  Epoch newest_epoch() const;
  void SendHello();
  void OnGreeting(const wire::Frame& frame);
  absl::Status RefusalStatus(const std::string& reason) const;
  void TakeIdentity(const wire::Hello& hello);
  absl::Status MakeParticipant();
  void FillProcessFigures(wire::HeartbeatReply* reply) const;
  void OnFrameWhileReading(wire::Frame&& frame);
  void AnswerWhileReading(const wire::Heartbeat& heartbeat);
  void OnOtherFrame(wire::Frame&& frame);
  void Tick();
  void GiveUpSilentMaster();
  // The worker cannot go on until an operator has acted: ends when the master knows why, or when
  // none is there that could be told.
  void Refuse(const absl::Status& status);
  void TellAndExit(const absl::Status& status);
  void Exit(const absl::Status& status);

  const env::Env env_;
  const WorkerOptions options_;
  rpc::Transport* const transport_;
  std::function<void(const absl::Status&)> on_exit_;
  const BootId boot_id_;

  Directory directory_;
  const std::shared_ptr<StartProgress> start_progress_ = std::make_shared<StartProgress>();
  bool files_are_read_ = false;
  StartFiles files_;     // until there is an engine
  std::string log_end_;  // of the WAL, a sentence; until the first cut
  bool log_is_torn_ = false;
  absl::Status refusal_;  // not OK: waits for a master that can be told
  txn::WorkerIdentity identity_;
  bool establishing_ = false;
  std::optional<rpc::StreamId> stream_;
  int64_t heard_micros_ = 0;  // the newest frame, or when the stream opened
  bool greeted_ = false;
  BootId master_boot_id_;              // of the greeting
  Epoch master_epoch_;                 // then
  std::optional<wire::Frame> report_;  // that came while the files were read
  bool hello_waits_ = false;           // for the disk to answer
  bool leaving_ = false;
  wire::Settings settings_;
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<txn::Participant> participant_;
  SpentBook spent_;
  AnswerGate answers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
