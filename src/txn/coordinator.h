// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "durability/master_log/master_log_record.h"
#include "durability/master_log/master_log_state.h"
#include "graph/index_definition.h"
#include "proto/cluster.pb.h"
#include "txn/callback_queue.h"
#include "txn/cluster_status.h"
#include "txn/commit_pipeline.h"
#include "txn/coordinator_port.h"
#include "txn/flush_rounds.h"
#include "txn/heartbeats.h"
#include "txn/log_book.h"
#include "txn/membership.h"
#include "txn/name_registry.h"
#include "txn/options.h"
#include "txn/reconcile.h"
#include "txn/recovery_history.h"
#include "txn/snapshot_rounds.h"
#include "txn/transaction_table.h"
#include "txn/types.h"

namespace tidemark::txn {

// The master's side of transactions, watermark, snapshots and recovery: hands out read csns and
// commit numbers, runs flush and snapshot rounds, keeps the membership and brings the cluster to
// one state whenever a node or a stream was lost. A step machine: inputs below, outputs through
// CoordinatorPort; no I/O, threads, waits or clock of its own. Rules: docs/protocols/.
//
// Owner: the master. Threads: the master's loop.
// Errors: kUnavailable while the cluster is closed (the message names what it waits for);
// kResourceExhausted at a limit; kFailedPrecondition for a bookmark of an undone commit. What must
// end the process goes to CoordinatorPort::Fail.
// Callbacks run at the end of an input, after the coordinator's state is consistent; they may call
// back into the coordinator.
class Coordinator {
 public:
  // `log` is what the master log holds, all of it synced. Does not own the port.
  Coordinator(const CoordinatorOptions& options, BootId boot_id, durability::MasterLogState log,
              CoordinatorPort* port);
  ~Coordinator();
  Coordinator(const Coordinator&) = delete;
  Coordinator& operator=(const Coordinator&) = delete;

  // --- Inputs from the streams, the log and the clock.
  // The first frame of a stream. Leads to BindStream (perhaps later) or SendAndClose.
  void OnHello(StreamId stream, const wire::Hello& hello);
  // Unknown streams are ignored.
  void OnStreamClosed(StreamId stream);
  // Every frame of a bound stream, whatever it is. True: it was for the coordinator, or it was
  // stale. False: it is for somebody else at the master (Executed, IndexBuilt) and of this epoch.
  bool OnFrame(NodeId from, const wire::Frame& frame);
  // Every record up to `position` is synced.
  void OnLogSynced(uint64_t position);
  // REQUIRES: time never goes back. To be called every 10 ms or so.
  void OnTick(int64_t now_micros);

  // --- Transactions, for the sessions.
  // The read csn is registered at once: nothing the transaction may read becomes garbage.
  // The transaction is rolled back when it is open for longer than `limit_micros`; 0 = only the
  // limits of the options.
  absl::StatusOr<Begun> Begin(AccessMode mode, std::optional<CommitId> bookmark = std::nullopt,
                              int64_t limit_micros = 0);
  // Calls back when Begin can judge the bookmark: with synchronous commit a read-only transaction
  // reads at the watermark, which may have to come to it first.
  void WhenReadable(CommitId bookmark, std::function<void()> done);
  // The transaction is doing something: it is not idle. False when it is not open.
  bool NoteUsed(TxId tx);
  // To be called before the first Execute goes to `node`: an Abort must reach it too. False when
  // the transaction is not open.
  bool NoteTouched(TxId tx, NodeId node);
  // The same, and the transaction is not idle until NoteAnswered was called as often.
  bool NoteSent(TxId tx, NodeId node);
  void NoteAnswered(TxId tx);
  // `node` holds writes of the transaction (Executed.wrote). Implies NoteTouched.
  bool NoteParticipant(TxId tx, NodeId node);
  // After every fragment has reported its last write. Without participants the same as FinishRead.
  void Commit(TxId tx, CommitCallback done);
  // Ends a transaction without writes. What it returned may be shown when `done` gets OK.
  void FinishRead(TxId tx, CommitCallback done);
  // Undoes its writes at every touched worker. Nothing happens when it is not open.
  void Rollback(TxId tx);
  // A schema change: a commit with every worker as participant.
  void CommitSchema(const graph::IndexDefinition& definition, CommitCallback done);
  // Calls back when every transaction that is open now has ended (also by a recovery) and what they
  // committed is visible.
  void WhenOlderTransactionsEnd(std::function<void()> done);

  // --- Names (labels, types, property keys).
  // The id of the name, made up and synced in the master log first when it is new. kUnavailable
  // when the cluster is closed.
  void InternName(graph::NameKind kind, std::string_view text, NameRegistry::Callback done);
  // The durable names.
  const catalog::NameTable& names() const { return names_.table(); }

  // --- Administration.
  using SnapshotCallback = std::function<void(absl::StatusOr<CommitId>)>;
  void RequestSnapshot(SnapshotCallback done);
  // Calls back with the watermark when it covers everything visible now.
  void RequestFlush(std::function<void(absl::StatusOr<Csn>)> done);
  // Clean stop: refuses new transactions, ends the open ones, finishes commits that are under way,
  // takes a snapshot when asked to and possible, sends Shutdown, then OnStopped. Whatever is under
  // way, it ends kStopLimitMicros after it began or after its snapshot has grown the last time
  // (kSnapshotStallMicros while that is being written).
  void Shutdown(bool snapshot);

  // --- What it knows.
  ClusterState state() const { return state_; }
  Epoch epoch() const { return log().epoch(); }
  Csn visible() const { return pipeline_.visible(); }
  Csn watermark() const { return pipeline_.watermark(); }
  uint32_t worker_count() const { return log().cluster().worker_count; }
  bool IsConnected(NodeId node) const { return members_.connected().Contains(node); }
  bool IsWritingSnapshot() const { return snapshot_.active(); }
  // The synced part of the master log.
  const durability::MasterLogState& log() const { return book_.durable(); }
  bool IsDead(CommitId id) const { return log().IsDead(id.epoch, id.csn); }
  ClusterStatus Status() const;
  // Asks all workers for their figures and calls back when they have answered, or after
  // kFiguresLimitMicros: WorkerStatus says how old what it shows is.
  void RefreshFigures(std::function<void()> done);

  // CHECKs everything that must hold, and that epoch, watermark and visible csn have moved only as
  // they may since the last call.
  void CheckInvariants() const;

 private:
  struct QueuedCommit {
    TxId tx;  // 0 = a schema commit
    std::optional<graph::IndexDefinition> schema;
    CommitCallback done;
  };
  struct Progress {
    Csn watermark;
    Csn horizon;
  };
  struct FlushWaiter {
    Csn csn;
    std::function<void(absl::StatusOr<Csn>)> done;
  };

  // Streams, log and clock (coordinator.cc).
  void Accept(StreamId stream, const wire::Hello& hello);
  void AddMember(StreamId stream, const wire::Hello& hello);
  void Refuse(StreamId stream, const std::string& reason, bool permanent);
  wire::Frame MakeHello(NodeId assigned) const;
  // The stream is gone, or is closed here: recovery starts.
  void LoseWorker(NodeId node, const std::string& reason, bool close);
  void RefuseWorker(NodeId node, const std::string& reason);
  bool OnEpochFrame(NodeId from, const wire::Frame& frame);
  bool IsOfBoot(NodeId node, uint64_t boot_id) const;
  void Send(NodeId to, wire::Frame frame);
  // Tells the worker W and horizon when they have moved.
  void SendProgress(NodeId to);
  // Appends and asks for a sync; `synced` runs when the record is durable.
  void Append(durability::MasterLogRecord record, std::function<void()> synced);
  // How long the oldest record that is not synced has been waiting for the disk.
  int64_t LogSilenceMicros() const;
  // Closes the cluster while the disk of the master log does not answer.
  void NoteDisk();
  void SendHeartbeats();
  void FailWith(const absl::Status& status);
  void SetState(ClusterState state);
  // Does everything that has become possible, then runs the callbacks. The end of every input.
  void Advance();

  // Figures (coordinator_status.cc).
  absl::Status ClosedStatus() const;
  std::string DescribePhase() const;
  Csn Horizon() const;
  WorkerStatus StatusOf(NodeId node) const;

  // Transactions and commits (coordinator_commit.cc).
  void Enqueue(QueuedCommit commit);
  bool WaitsForUndo() const;
  // kResourceExhausted when the master's disk has no room for what writes need in its log.
  absl::Status CheckMasterRoom() const;
  // The same for the log of any worker.
  absl::Status CheckRoomEverywhere() const;
  bool Throttled() const;
  void DrainQueue();
  void SendCommit(QueuedCommit commit);
  void SendSchemaCommit(QueuedCommit commit);
  void SendCommitFrames(NodeSet participants, const wire::Commit& commit);
  // Undoes the transaction at the workers and tells its session.
  void AbortOpen(TxId tx, const absl::Status& reason);
  void EndExpired();
  void EndOverdue();
  CommitPipeline::Until AnswerAt() const;

  // Flush, snapshots, stop (coordinator_rounds.cc).
  bool working() const {
    return state_ == ClusterState::kOpen || state_ == ClusterState::kStopping;
  }
  void AdvanceFlush();
  bool FlushIsDue(Csn csn) const;
  void StartFlush();
  void LogWatermark();
  void SetWatermark(Csn csn);
  void AdvanceSnapshot();
  bool SnapshotIsDue() const;
  void OnSnapshotTaken(NodeId from, const wire::SnapshotTaken& frame);
  // Gives a round up that takes too long: it holds back the horizon.
  void ExpireSnapshot();
  void LogSnapshot(const durability::SnapshotCompleteRecord& record);
  void EndSnapshot(const absl::StatusOr<CommitId>& result);
  void FailSnapshot(const absl::Status& status);
  // No snapshot file up to `through` is of a round under way.
  void SendRetain(Csn through);
  CommitId NewestSnapshot() const;
  void AdvanceStop();
  // Ends a stop that gets no further.
  void ExpireStop();
  uint64_t SnapshotBytes() const;
  // What the stop waits for: "worker 1 writes its snapshot (45 %)".
  std::string DescribeStop() const;
  void Stop();

  // Recovery (coordinator_reconcile.cc).
  // A new attempt; closes the cluster when it works.
  void StartReconcile(const std::string& reason);
  void CloseCluster();
  void SendReport(NodeId to);
  void TryFix();
  void OnEpochSynced(Attempt attempt);
  void OnConverged(NodeId from, const wire::Converged& frame);
  void OpenCluster(Attempt attempt);

  const CoordinatorOptions options_;
  const BootId boot_id_;
  CoordinatorPort* const port_;

  ClusterState state_ = ClusterState::kReconciling;
  std::string reason_;  // why it is closed
  bool failed_ = false;
  int64_t now_micros_ = 0;
  int64_t awake_since_micros_ = 0;  // this process did not sleep since then
  Heartbeats heartbeats_;
  int64_t next_missing_notice_micros_ = 0;

  LogBook book_;
  NameRegistry names_;
  Membership members_;
  NodeSet adding_;                           // their Member record is being synced
  std::map<StreamId, wire::Hello> joining_;  // wait for it
  std::map<NodeId, Progress> progress_;      // what workers were told last

  TransactionTable transactions_;
  CommitPipeline pipeline_;
  std::deque<QueuedCommit> queue_;
  int64_t last_commit_micros_ = 0;
  bool schema_commit_logging_ = false;
  FlushRounds flush_;
  std::deque<FlushWaiter> flush_waiters_;
  SnapshotRounds snapshot_;
  int64_t last_snapshot_micros_ = 0;
  Reconcile reconcile_;
  uint64_t attempt_number_ = 0;
  RecoveryHistory history_;
  uint64_t commit_count_ = 0;

  bool stop_with_snapshot_ = false;
  int64_t stop_advanced_micros_ = 0;  // when the stop began, or its snapshot has grown
  uint64_t stop_snapshot_bytes_ = 0;  // seen then
  int64_t next_stop_notice_micros_ = 0;

  CallbackQueue callbacks_;
  mutable Epoch checked_epoch_;
};

}  // namespace tidemark::txn
