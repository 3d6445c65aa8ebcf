// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "tests/txn/model_worker.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

// A client's transaction as the model follows it.
struct ModelTx {
  std::string name;
  Begun begun;
  AccessMode mode = AccessMode::kWrite;
  NodeSet participants;
  bool asked = false;  // to commit or to finish
  std::optional<absl::StatusOr<CommitId>> verdict;
};

// One thing that can happen next.
struct Event {
  enum class Kind : uint8_t {
    kNotice,    // the master hears that the worker's stream broke
    kDial,      // the worker opens a stream
    kToWorker,  // the next frame of the stream arrives
    kToMaster,
    kLateToWorker,  // a frame of a stream that broke arrives after all
    kLateToMaster,
    kWork,     // a worker's background work is done
    kLogSync,  // the master log's sync is done
  };
  Kind kind = Kind::kWork;
  NodeId node;
  ModelWorker::Work work = ModelWorker::Work::kApply;
};

// One master and its workers in one thread: the real coordinator and participants over a model of
// network, disks and storage. The test decides what happens next; every frame, log record and
// verdict goes to the trace.
class ModelCluster : public CoordinatorPort {
 public:
  ModelCluster(const CoordinatorOptions& options, uint32_t worker_count);

  // --- Processes.
  // For the processes that start from now on.
  void SetOptions(const CoordinatorOptions& options) { options_ = options; }
  void StartMaster();
  void StartWorker(NodeId node);
  void KillMaster();
  void KillWorker(NodeId node);
  void LosePowerOfWorker(NodeId node, size_t choice);
  // Keeps at least what is synced of the master log, and `extra` records more.
  void LosePowerOfMaster(size_t extra);
  void CutStream(NodeId node);
  bool master_up() const { return coordinator_ != nullptr; }
  ModelWorker* worker(NodeId node) { return At(node).worker.get(); }
  WorkerDisk& disk(NodeId node) { return At(node).disk; }
  Coordinator& coordinator() { return *coordinator_; }
  size_t unsynced_log_count() const { return log_.size() - log_synced_; }

  // --- What can happen.
  std::vector<Event> Enabled(bool late) const;
  void Do(const Event& event);
  // Everything that is not held, oldest kinds first, until nothing is left.
  void Run();
  void Tick(int64_t micros);
  // "worker 1", "log", "sync 1", "apply 1", "cut 1", "snapshot 1": not done by Run.
  void Hold(const std::string& what) { held_.insert(what); }
  void Release(const std::string& what) { held_.erase(what); }

  // --- Clients.
  ModelTx& Begin(const std::string& name, AccessMode mode);
  void Write(const std::string& name, NodeId node);
  void Commit(const std::string& name);
  void FinishRead(const std::string& name);
  std::map<std::string, ModelTx>& transactions() { return transactions_; }
  void Say(const std::string& line) { trace_.push_back(line); }
  std::vector<std::string> TakeTrace() { return std::exchange(trace_, {}); }

  // The transaction that a commit number stood for, by (epoch, csn).
  const std::map<CommitId, std::pair<TxId, NodeSet>>& sent() const { return sent_; }
  // The commits among them that carry a schema change.
  const std::set<CommitId>& schema_commits() const { return schema_commits_; }
  const std::optional<absl::Status>& master_failed() const { return master_failed_; }
  uint64_t open_count() const { return open_count_; }
  const durability::MasterLogState& durable_log();
  void CheckInvariants();

 public:
  void SetLogRoom(absl::Status status) { log_room_ = std::move(status); }

 private:
  absl::Status log_room_;
  struct Node {
    WorkerDisk disk;
    std::unique_ptr<ModelWorker> worker;
    uint64_t boots = 0;
    StreamId stream;            // as the worker sees it; 0 = none
    bool master_knows = false;  // the master has the stream, or a later end of it to hear of
    bool greeted = false;       // the master's Hello has arrived
    std::deque<wire::Frame> to_worker, to_master, late_to_worker, late_to_master;
  };
  // REQUIRES: the cluster has that worker.
  Node& At(NodeId node) { return nodes_.at(node.value() - 1); }
  const Node& At(NodeId node) const { return nodes_.at(node.value() - 1); }
  bool Held(const std::string& what) const { return held_.contains(what); }
  bool HeldEvent(const Event& event) const;
  void BreakStream(NodeId node);
  void Dial(NodeId node);
  void ToWorker(NodeId node, const wire::Frame& frame);
  void ToMaster(NodeId node, const wire::Frame& frame);
  void CollectOutbox(NodeId node);
  void OnVerdict(const std::string& name, const absl::StatusOr<CommitId>& result);

  // CoordinatorPort
  void BindStream(StreamId stream, NodeId node) override;
  void Send(NodeId to, wire::Frame frame) override;
  void SendUnbound(StreamId stream, wire::Frame frame) override { SendAndClose(stream, frame); }
  void SendAndClose(StreamId stream, wire::Frame frame) override;
  void CloseStream(NodeId node, const std::string& reason) override;
  uint64_t AppendLog(const durability::MasterLogRecord& record) override;
  absl::Status CheckLogRoom() const override { return log_room_; }
  void SyncLog() override { log_sync_asked_ = log_.size(); }
  void Fail(const absl::Status& status) override;
  void OnStateChange(ClusterState state) override;
  void OnTransactionAborted(TxId tx, const absl::Status& reason) override;
  void OnRecovered(Csn) override { ++open_count_; }
  void OnStopped() override { trace_.push_back("master: stopped"); }
  void Log(std::string_view line) override;

  CoordinatorOptions options_;
  std::vector<Node> nodes_;
  std::vector<durability::MasterLogRecord> log_;
  size_t log_synced_ = 0;
  size_t log_sync_asked_ = 0;
  durability::MasterLogState durable_state_{3};
  size_t durable_state_count_ = 0;
  std::unique_ptr<Coordinator> coordinator_;
  uint64_t master_boots_ = 0;
  uint64_t next_stream_ = 1;
  std::map<StreamId, NodeId> bound_;
  int64_t now_micros_ = 0;
  std::set<std::string> held_;
  std::map<std::string, ModelTx> transactions_;
  std::map<CommitId, std::pair<TxId, NodeSet>> sent_;
  std::set<CommitId> schema_commits_;
  std::vector<std::string> trace_;
  std::optional<absl::Status> master_failed_;
  uint64_t open_count_ = 0;
};

}  // namespace tidemark::txn
