// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "env/env.h"
#include "rpc/transport.h"
#include "txn/participant.h"
#include "txn/participant_port.h"
#include "worker/answer_gate.h"
#include "worker/engine.h"
#include "worker/greeting.h"
#include "worker/spent_book.h"
#include "worker/startup.h"

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

// A worker: greets the master as soon as it knows who it is (Greeting), reads its files meanwhile
// (Startup), then joins: from then on the participant decides what is done, and the engine does it.
// While it reads it answers heartbeats, so that everybody sees that it is alive and how far it is.
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
  // Everything but the engine, which is slow.
  void CheckInvariants() const;

 private:
  // rpc::TransportHandler
  void OnStreamOpened(rpc::StreamId stream, const std::string& peer) override;
  void OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) override;
  void OnStreamDrained(rpc::StreamId stream) override;
  void OnStreamClosed(rpc::StreamId stream, const absl::Status& reason) override;

  // txn::ParticipantPort
  void Send(wire::Frame frame) override;
  void CloseStream(const std::string& reason) override;
  void FillFigures(wire::HeartbeatReply* reply) override;
  void FillCounts(wire::HeartbeatReply* reply) override;
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
    startup_.OnWalCut();
    participant_->OnWalCut(new_epoch);
  }
  void OnExecuted(const wire::Execute& execute, absl::StatusOr<std::string> answer,
                  bool wrote) override;
  void OnIndexBuilt(IndexId index) override;
  size_t HeldAnswerBytes() const override { return answers_.held_bytes(); }

  void OnDirectoryOpened(const absl::Status& status);
  void StartTransport();
  void OnFilesRead(const absl::Status& status);
  // When the files are read and the master has greeted: frames are for the participant from now on.
  void JoinWhenReady();
  Epoch newest_epoch() const;
  void SendHello();
  void OnGreeting(const wire::Frame& frame);
  void OnRefused(const wire::Refused& refused);
  void TakeIdentity();
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

  Startup startup_;
  Greeting greeting_;
  std::optional<rpc::StreamId> stream_;
  int64_t heard_micros_ = 0;  // the newest frame, or when the stream opened
  bool leaving_ = false;
  // Both or none: made when the worker joins.
  std::unique_ptr<Engine> engine_;
  std::unique_ptr<txn::Participant> participant_;
  SpentBook spent_;
  AnswerGate answers_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::worker
