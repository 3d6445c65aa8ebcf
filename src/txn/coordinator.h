// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/names.h"
#include "durability/master_log/master_log_state.h"
#include "graph/index_definition.h"
#include "proto/cluster.pb.h"
#include "txn/clean_stop.h"
#include "txn/client_transactions.h"
#include "txn/cluster_status.h"
#include "txn/commit_queue.h"
#include "txn/coordinator_context.h"
#include "txn/coordinator_port.h"
#include "txn/heartbeats.h"
#include "txn/name_registry.h"
#include "txn/options.h"
#include "txn/progress_notices.h"
#include "txn/recovery.h"
#include "txn/snapshot_keeper.h"
#include "txn/types.h"
#include "txn/watermark_keeper.h"

namespace tidemark::txn {

// The master's side of transactions, watermark, snapshots and recovery: hands out read csns and
// commit numbers, runs flush and snapshot rounds, keeps the membership and brings the cluster to
// one state whenever a node or a stream was lost. A step machine: inputs below, outputs through
// CoordinatorPort; no I/O, threads, waits or clock of its own. Rules: docs/protocols/.
// The work is that of its parts, which share a context; the coordinator brings every input to the
// part that it is for, opens and closes the cluster, and then lets the parts do what has become
// possible (Advance).
//
// Owner: the master. Threads: the master's loop.
// Errors: kUnavailable while the cluster is closed (the message names what it waits for);
// kResourceExhausted at a limit; kFailedPrecondition for a bookmark of an undone commit. What must
// end the process goes to CoordinatorPort::Fail.
// Callbacks run at the end of an input, after the coordinator's state is consistent; they may call
// back into the coordinator.
class Coordinator : private RecoveryHost {
 public:
  // `log` is what the master log holds, all of it synced. Does not own the port.
  Coordinator(const CoordinatorOptions& options, BootId boot_id, durability::MasterLogState log,
              CoordinatorPort* port);
  ~Coordinator() override;
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
  bool NoteUsed(TxId tx) { return clients_.NoteUsed(tx); }
  // Its client waits for what the master does: it is not idle before NoteUsed.
  void NoteWaits(TxId tx) { clients_.NoteWaits(tx); }
  // To be called before the first Execute goes to `node`: an Abort must reach it too. False when
  // the transaction is not open.
  bool NoteTouched(TxId tx, NodeId node) { return clients_.NoteTouched(tx, node); }
  // The same, and the transaction is not idle until NoteAnswered was called as often.
  bool NoteSent(TxId tx, NodeId node) { return clients_.NoteSent(tx, node); }
  void NoteAnswered(TxId tx) { clients_.NoteAnswered(tx); }
  // `node` holds writes of the transaction (Executed.wrote). Implies NoteTouched.
  bool NoteParticipant(TxId tx, NodeId node) { return clients_.NoteParticipant(tx, node); }
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
  ClusterState state() const { return context_.state; }
  Epoch epoch() const { return context_.epoch(); }
  Csn visible() const { return context_.visible(); }
  Csn watermark() const { return context_.watermark(); }
  uint32_t worker_count() const { return context_.worker_count(); }
  // How many vertices and edges a worker has said it has; nullptr: it has not yet. The version
  // grows whenever one has said it anew.
  const wire::GraphCounts* CountsOf(NodeId node) const;
  uint64_t counts_version() const { return counts_version_; }
  bool IsConnected(NodeId node) const { return context_.members.connected().Contains(node); }
  bool IsWritingSnapshot() const { return snapshots_.active(); }
  // The synced part of the master log.
  const durability::MasterLogState& log() const { return context_.log(); }
  bool IsDead(CommitId id) const { return log().IsDead(id.epoch, id.csn); }
  ClusterStatus Status() const;
  // Asks all workers for their figures and calls back when they have answered, or after
  // kFiguresLimitMicros: WorkerStatus says how old what it shows is.
  void RefreshFigures(std::function<void()> done);

  // CHECKs everything that must hold, and that epoch, watermark and visible csn have moved only as
  // they may since the last call.
  void CheckInvariants() const;

 private:
  // Streams (coordinator.cc).
  void Accept(StreamId stream, const wire::Hello& hello);
  void AddMember(StreamId stream, const wire::Hello& hello);
  void Refuse(StreamId stream, const std::string& reason, bool permanent);
  wire::Frame MakeHello(NodeId assigned) const;
  // The stream is gone, or is closed here: recovery starts.
  void LoseWorker(NodeId node, const std::string& reason, bool close);
  bool OnEpochFrame(NodeId from, const wire::Frame& frame);
  bool IsOfBoot(NodeId node, uint64_t boot_id) const;
  void SendHeartbeats();
  void NoteCounts(Membership::Worker* worker);
  // How long the oldest record that is not synced has been waiting for the disk.
  int64_t LogSilenceMicros() const;
  // Closes the cluster while the disk of the master log does not answer.
  void NoteDisk();

  // A new attempt; closes the cluster when it works, or ends its stop.
  void StartReconcile(const std::string& reason);
  void CloseCluster(const std::string& why);
  void Stop();
  void SetState(ClusterState state);
  // Does everything that has become possible, then runs the callbacks. The end of every input.
  void Advance();

  // RecoveryHost:
  void OpenCluster(Csn csn, const std::map<NodeId, Csn>& last) override;
  void RefuseWorker(NodeId node, const std::string& reason) override;
  void FailWith(const absl::Status& status) override;

  // Figures (coordinator_status.cc).
  absl::Status ClosedStatus() const;
  WorkerStatus StatusOf(NodeId node) const;

  CoordinatorContext context_;
  ProgressNotices progress_{&context_};
  CommitQueue queue_{&context_, &progress_};
  ClientTransactions clients_{&context_, &queue_};
  WatermarkKeeper watermark_{&context_, &queue_, &progress_};
  SnapshotKeeper snapshots_{&context_, &progress_, &watermark_};
  CleanStop stop_{&context_, &queue_, &snapshots_};
  Recovery recovery_{&context_, this};
  NameRegistry names_;
  Heartbeats heartbeats_;
  uint64_t counts_version_ = 0;
  NodeSet adding_;                           // their Member record is being synced
  std::map<StreamId, wire::Hello> joining_;  // wait for it
  int64_t awake_since_micros_ = 0;           // this process did not sleep since then
  int64_t next_missing_notice_micros_ = 0;
  mutable Epoch checked_epoch_;
};

}  // namespace tidemark::txn
