// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "durability/identity.h"
#include "durability/master_log/master_log.h"
#include "env/env.h"
#include "master/gateway.h"
#include "master/schema_manager.h"
#include "master/trace_book.h"
#include "rpc/transport.h"
#include "session/query_front.h"
#include "txn/coordinator.h"
#include "txn/coordinator_port.h"

namespace tidemark::master {

struct MasterOptions {
  std::string data_directory;
  uint32_t worker_count = 0;
  txn::CoordinatorOptions coordinator;
  bool snapshot_on_exit = true;
  // What requests and results of clients may take, half of it each.
  uint64_t client_memory_bytes = uint64_t{1} << 30;
  // The master log is rewritten when it has grown by so much.
  uint64_t log_growth_bytes = durability::kMasterLogGrowthBytes;
  uint64_t pid = 0;
  std::string address;  // for status
};

// The master: reads its log, waits for its workers, and from then on does what the coordinator
// says and serves sessions.
// Owner: the process (or the simulator). Threads: the loop of `env.executor`; made before it runs
// or on it. Does not own environment and transport, which outlive it.
// Errors: what an operator must repair ends the master through Events::OnExit with that status; a
// failed disk through Executor::Fail.
class MasterNode : public rpc::TransportHandler, private txn::CoordinatorPort {
 public:
  class Events {
   public:
    virtual ~Events() = default;
    // The master has read its log: gateway() may be used.
    virtual void OnStarted() = 0;
    virtual void OnStateChange(txn::ClusterState state) = 0;
    // A clean stop is under way: comes every few milliseconds.
    virtual void OnStopGoesOn() = 0;
    // Once; OK after a clean stop.
    virtual void OnExit(const absl::Status& status) = 0;
  };

  struct MessageCount {
    uint64_t sent = 0;
    uint64_t received = 0;
  };
  // Frames from and to workers, by wire::Frame::BodyCase.
  using MessageCounts = std::map<int, MessageCount>;

  MasterNode(const env::Env& env, MasterOptions options, rpc::Transport* transport, Events* events);
  ~MasterNode() override;

  void Start();
  // Ends transactions, takes a snapshot when options.snapshot_on_exit, stops the workers; OnExit
  // follows.
  void Shutdown();

  // REQUIRES for these: OnStarted was called.
  Gateway* gateway() { return gateway_.get(); }
  // For the doors of clients that speak Cypher.
  session::Front* front() { return front_.get(); }
  SchemaManager* schema() { return schema_.get(); }
  txn::Coordinator* coordinator() { return coordinator_.get(); }
  const MasterOptions& options() const { return options_; }
  // Threads: any.
  int64_t NowMicros() const { return env_.clock->NowMicros(); }
  env::StepFigures step_figures() const { return env_.executor->step_figures(); }
  uint64_t log_sync_count() const { return files_.log->sync_count(); }
  const MessageCounts& message_counts() const { return message_counts_; }
  bool is_started() const { return coordinator_ != nullptr; }

 private:
  struct Files {
    std::unique_ptr<durability::DataDirectory> directory;
    std::unique_ptr<durability::MasterLog> log;
  };
  static absl::StatusOr<Files> OpenFiles(const env::Env& env, const MasterOptions& options,
                                         const ClusterId& new_id);

  // rpc::TransportHandler
  void OnStreamOpened(rpc::StreamId stream, const std::string& peer) override;
  void OnEnvelope(rpc::StreamId stream, wire::Envelope&& envelope) override;
  void OnStreamDrained(rpc::StreamId stream) override;
  void OnStreamClosed(rpc::StreamId stream, const absl::Status& reason) override;

  // txn::CoordinatorPort
  void BindStream(txn::StreamId stream, NodeId node) override;
  void Send(NodeId to, wire::Frame frame) override;
  void SendUnbound(txn::StreamId stream, wire::Frame frame) override;
  void SendAndClose(txn::StreamId stream, wire::Frame frame) override;
  void CloseStream(NodeId node, const std::string& reason) override;
  uint64_t AppendLog(const durability::MasterLogRecord& record) override;
  absl::Status CheckLogRoom() const override { return files_.log->disk_full(); }
  void SyncLog() override;
  void Fail(const absl::Status& status) override;
  void OnStateChange(txn::ClusterState state) override;
  void OnTransactionAborted(TxId tx, const absl::Status& reason) override;
  void OnRecovered(Csn csn) override;
  void OnStopped() override;
  void Log(std::string_view line) override;

  void OnFilesOpened(absl::StatusOr<Files> files);
  void OnUnboundFrame(rpc::StreamId stream, const wire::Frame& frame);
  void OnOtherFrame(NodeId from, wire::Frame&& frame);
  void Tick();
  void Exit(const absl::Status& status);

  const env::Env env_;
  const MasterOptions options_;
  rpc::Transport* const transport_;
  Events* const events_;
  const BootId boot_id_;
  bool exited_ = false;

  Files files_;
  std::string log_end_;  // until the first recovery is through
  std::unique_ptr<txn::Coordinator> coordinator_;
  std::unique_ptr<SchemaManager> schema_;
  std::unique_ptr<Gateway> gateway_;
  std::unique_ptr<session::QueryFront> front_;
  std::vector<rpc::StreamId> stream_of_;  // [node - 1]; 0 = none
  absl::flat_hash_map<rpc::StreamId, NodeId> node_of_;
  MessageCounts message_counts_;
  TraceBook traces_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace tidemark::master
