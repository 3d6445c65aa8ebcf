// SPDX-License-Identifier: Apache-2.0
// The coordinator's transactions and commits.
#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "graph/mutation.h"
#include "txn/coordinator.h"

namespace tidemark::txn {

namespace {

absl::Status NotOpen(TxId tx) {
  return absl::FailedPreconditionError(
      absl::StrCat("transaction ", tx.value(), " is not open; begin a new one"));
}

}  // namespace

absl::StatusOr<Begun> Coordinator::Begin(AccessMode mode, std::optional<CommitId> bookmark,
                                         int64_t limit_micros) {
  if (state_ != ClusterState::kOpen) return ClosedStatus();
  Csn read_csn = visible();
  const bool durable_only = options_.synchronous_commit && mode == AccessMode::kRead;
  // Everything acknowledged is <= W, and nothing <= W can be undone.
  if (durable_only && !PlantedBug("read-at-visible-in-sync-mode")) read_csn = watermark();
  if (bookmark.has_value()) {
    const std::string name =
        absl::StrCat("bookmark ", bookmark->epoch.value(), ":", bookmark->csn.value());
    if (IsDead(*bookmark)) {
      return absl::FailedPreconditionError(
          absl::StrCat(name, " names a commit that a recovery has undone; write it again"));
    }
    if (bookmark->epoch > epoch() || bookmark->csn > read_csn) {
      return absl::InvalidArgumentError(absl::StrCat(name, " is not of this cluster"));
    }
  }
  limit_micros = std::min(limit_micros, options_.transaction_limit_micros);
  ASSIGN_OR_RETURN(const TxId tx, transactions_.Begin(mode, read_csn, limit_micros, now_micros_));
  return Begun{tx, read_csn, epoch()};
}

void Coordinator::WhenReadable(CommitId bookmark, std::function<void()> done) {
  const bool on_its_way = working() && options_.synchronous_commit && bookmark.epoch == epoch() &&
                          bookmark.csn > watermark() && bookmark.csn <= visible();
  if (on_its_way) {
    pipeline_.Wait(bookmark, TxId(), CommitPipeline::Until::kWatermark,
                   [done = std::move(done)](const absl::StatusOr<CommitId>&) { done(); });
  } else {
    callbacks_.Add(std::move(done));
  }
  Advance();
}

bool Coordinator::NoteUsed(TxId tx) {
  Transaction* transaction = transactions_.Find(tx);
  if (transaction == nullptr || transaction->ending) return false;
  transaction->used_micros = now_micros_;
  return true;
}

bool Coordinator::NoteSent(TxId tx, NodeId node) {
  if (!NoteTouched(tx, node)) return false;
  ++transactions_.Find(tx)->outstanding_count;
  return true;
}

void Coordinator::NoteAnswered(TxId tx) {
  if (!NoteUsed(tx)) return;
  Transaction* transaction = transactions_.Find(tx);
  CHECK_GT(transaction->outstanding_count, 0u) << "transaction " << tx;
  --transaction->outstanding_count;
}

bool Coordinator::NoteTouched(TxId tx, NodeId node) {
  if (!NoteUsed(tx)) return false;
  transactions_.Find(tx)->touched.Add(node);
  return true;
}

bool Coordinator::NoteParticipant(TxId tx, NodeId node) {
  if (!NoteTouched(tx, node)) return false;
  Transaction* transaction = transactions_.Find(tx);
  CHECK(transaction->mode == AccessMode::kWrite) << "transaction " << tx << " cannot write";
  transaction->participants.Add(node);
  return true;
}

CommitPipeline::Until Coordinator::AnswerAt() const {
  return options_.synchronous_commit ? CommitPipeline::Until::kWatermark
                                     : CommitPipeline::Until::kVisible;
}

void Coordinator::Commit(TxId tx, CommitCallback done) {
  Transaction* transaction = transactions_.Find(tx);
  if (transaction == nullptr || transaction->ending) {
    callbacks_.Tell(std::move(done), NotOpen(tx));
  } else if (transaction->participants.empty()) {
    FinishRead(tx, std::move(done));
    return;
  } else {
    transaction->ending = true;
    Enqueue({tx, std::nullopt, std::move(done)});
  }
  Advance();
}

void Coordinator::FinishRead(TxId tx, CommitCallback done) {
  const Transaction* transaction = transactions_.Find(tx);
  if (transaction == nullptr || transaction->ending) {
    callbacks_.Tell(std::move(done), NotOpen(tx));
    Advance();
    return;
  }
  CHECK(transaction->participants.empty()) << "transaction " << tx << " has written";
  const CommitId read{epoch(), transaction->read_csn};
  const bool must_wait = options_.synchronous_commit && read.csn > watermark() &&
                         !PlantedBug("read-at-visible-in-sync-mode");
  transactions_.End(tx);
  if (must_wait) {
    pipeline_.Wait(read, tx, CommitPipeline::Until::kWatermark, std::move(done));
  } else {
    callbacks_.Tell(std::move(done), read);
  }
  Advance();
}

void Coordinator::Rollback(TxId tx) {
  const Transaction* transaction = transactions_.Find(tx);
  if (transaction == nullptr || transaction->ending) return;
  transaction->touched.ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_abort()->set_tx(tx.value());
    Send(node, std::move(frame));
  });
  transactions_.End(tx);
  Advance();
}

void Coordinator::AbortOpen(TxId tx, const absl::Status& reason) {
  const Transaction& transaction = *transactions_.Find(tx);
  transaction.touched.ForEach([&](NodeId node) {
    wire::Frame frame;
    frame.mutable_abort()->set_tx(tx.value());
    Send(node, std::move(frame));
  });
  transactions_.End(tx);
  callbacks_.Add([this, tx, reason] { port_->OnTransactionAborted(tx, reason); });
}

void Coordinator::EndExpired() {
  for (const auto& [tx, reason] : transactions_.FindExpired(options_, visible(), now_micros_)) {
    AbortOpen(tx, reason);
  }
}

void Coordinator::EndOverdue() {
  for (const auto& [tx, reason] : transactions_.FindOverdue(now_micros_)) AbortOpen(tx, reason);
}

void Coordinator::CommitSchema(const graph::IndexDefinition& definition, CommitCallback done) {
  if (state_ != ClusterState::kOpen) {
    callbacks_.Tell(std::move(done), ClosedStatus());
  } else {
    Enqueue({transactions_.NewId(), definition, std::move(done)});
  }
  Advance();
}

void Coordinator::WhenOlderTransactionsEnd(std::function<void()> done) {
  transactions_.WhenOlderEnd(std::move(done));
  Advance();
}

// --- From the queue to the workers.

void Coordinator::Enqueue(QueuedCommit commit) {
  // A schema change is a commit of every worker, also of those that have refused other writes.
  absl::Status refused = commit.schema.has_value() ? CheckRoomEverywhere() : CheckMasterRoom();
  if (refused.ok() && queue_.size() >= kMaxQueuedCommitCount) {
    refused = absl::ResourceExhaustedError(
        absl::StrCat(queue_.size(), " commits wait already, because disks or workers are too ",
                     "slow; rolled back, try again later"));
  }
  if (refused.ok()) {
    queue_.push_back(std::move(commit));
    return;
  }
  if (Transaction* transaction = transactions_.Find(commit.tx)) {
    transaction->ending = false;
    Rollback(commit.tx);
  }
  callbacks_.Tell(std::move(commit.done), refused);
}

absl::Status Coordinator::CheckMasterRoom() const {
  const absl::Status room = port_->CheckLogRoom();
  if (room.ok()) return room;
  return absl::ResourceExhaustedError(absl::StrCat("the master refuses writes: ", MessageOf(room),
                                                   "; make room on it, reads go on meanwhile"));
}

absl::Status Coordinator::CheckRoomEverywhere() const {
  absl::Status status = CheckMasterRoom();
  members_.connected().ForEach([&](NodeId node) {
    const std::string& full = members_.Find(node)->figures.disk_full();
    if (!status.ok() || full.empty()) return;
    status = absl::ResourceExhaustedError(
        absl::StrCat("worker ", node.value(), " has no room for a change of the schema: ", full));
  });
  return status;
}

// Writers that overtake the collection of old versions are slowed down, not stopped: undo may be
// that of a transaction whose own commit waits here.
bool Coordinator::WaitsForUndo() const {
  if (now_micros_ - last_commit_micros_ >= options_.wal_flush_interval_micros) return false;
  bool over = false;
  members_.connected().ForEach([&](NodeId node) {
    const wire::HeartbeatReply& figures = members_.Find(node)->figures;
    over |= figures.memory_limit_bytes() != 0 &&
            figures.undo_bytes() > figures.memory_limit_bytes() / kUndoShareOfMemory;
  });
  return over;
}

bool Coordinator::Throttled() const {
  if (pipeline_.unapplied_count() >= kMaxUnappliedCommitCount || WaitsForUndo()) return true;
  if (!options_.wal || pipeline_.unflushed_count() == 0) return false;
  if (pipeline_.unflushed_count() >= kMaxUnflushedCommitCount) return true;
  // "The last flush interval" stays true when disks are slow.
  const auto oldest = pipeline_.OldestUnflushedMicros();
  const int64_t limit = kMaxUnflushedIntervals * options_.wal_flush_interval_micros;
  if (oldest.has_value() && now_micros_ - *oldest > limit) return true;
  bool over = false;
  members_.connected().ForEach([&](NodeId node) {
    over |= members_.Find(node)->figures.unflushed_bytes() > options_.unflushed_limit_bytes;
  });
  return over;
}

void Coordinator::DrainQueue() {
  while (!queue_.empty() && !schema_commit_logging_ && !Throttled()) {
    QueuedCommit commit = std::move(queue_.front());
    queue_.pop_front();
    if (commit.schema.has_value()) {
      SendSchemaCommit(std::move(commit));
    } else {
      SendCommit(std::move(commit));
    }
  }
}

void Coordinator::SendCommit(QueuedCommit commit) {
  const NodeSet participants = transactions_.Find(commit.tx)->participants;
  transactions_.End(commit.tx);
  const Csn csn = pipeline_.Assign(commit.tx, participants, now_micros_);
  ++commit_count_;
  last_commit_micros_ = now_micros_;
  pipeline_.Wait({epoch(), csn}, commit.tx, AnswerAt(), std::move(commit.done));
  wire::Commit frame;
  frame.set_tx(commit.tx.value());
  frame.set_csn(csn.value());
  frame.set_participants(participants.mask());
  SendCommitFrames(participants, frame);
}

void Coordinator::SendSchemaCommit(QueuedCommit commit) {
  // Every worker takes part: a csn without a WAL record would be a gap for ever.
  const NodeSet participants = NodeSet::FirstWorkers(worker_count());
  const Csn csn = pipeline_.Assign(commit.tx, participants, now_micros_);
  ++commit_count_;
  last_commit_micros_ = now_micros_;
  pipeline_.Wait({epoch(), csn}, commit.tx, AnswerAt(), std::move(commit.done));
  wire::Commit frame;
  frame.set_tx(commit.tx.value());
  frame.set_csn(csn.value());
  frame.set_participants(participants.mask());
  std::string definition;
  graph::AppendIndexDefinition(*commit.schema, &definition);
  graph::Mutation mutation;
  mutation.kind = graph::MutationKind::kSchema;
  mutation.bytes = definition;
  graph::AppendMutation(mutation, frame.mutable_mutations());
  // The record is durable before any worker logs the commit; later commits wait behind it.
  schema_commit_logging_ = true;
  const Epoch now = epoch();
  if (PlantedBug("schema-not-synced")) {
    schema_commit_logging_ = false;
    Append(durability::SchemaRecord{now, csn, *commit.schema}, nullptr);
    SendCommitFrames(participants, frame);
    return;
  }
  Append(durability::SchemaRecord{now, csn, *commit.schema}, [this, now, participants, frame] {
    if (!working() || epoch() != now) return;
    schema_commit_logging_ = false;
    SendCommitFrames(participants, frame);
  });
}

void Coordinator::SendCommitFrames(NodeSet participants, const wire::Commit& commit) {
  participants.ForEach([&](NodeId node) {
    SendProgress(node);
    wire::Frame frame;
    *frame.mutable_commit() = commit;
    Send(node, std::move(frame));
  });
}

// --- Names.

void Coordinator::InternName(graph::NameKind kind, std::string_view text,
                             NameRegistry::Callback done) {
  const auto tell = [&](absl::StatusOr<uint32_t> result) {
    callbacks_.Add([done = std::move(done), result = std::move(result)] { done(result); });
    Advance();
  };
  if (state_ != ClusterState::kOpen) return tell(ClosedStatus());
  if (const auto id = names_.table().Find(kind, text)) return tell(*id);
  if (!names_.IsPending(kind, text)) {
    if (const absl::Status room = CheckMasterRoom(); !room.ok()) return tell(room);
    const auto record = names_.Add(kind, text);
    if (!record.ok()) return tell(record.status());
    const auto use = [this, record = *record] {
      for (auto& ready : names_.OnSynced(record)) callbacks_.Add(std::move(ready));
    };
    if (PlantedBug("names-not-synced")) {
      names_.Wait(kind, text, std::move(done));
      Append(*record, nullptr);
      use();
      Advance();
      return;
    }
    Append(*record, use);
  }
  names_.Wait(kind, text, std::move(done));
  Advance();
}

}  // namespace tidemark::txn
