// SPDX-License-Identifier: Apache-2.0
#include "txn/commit_queue.h"

#include <string>
#include <utility>

#include "base/check.h"
#include "base/planted_bug.h"
#include "base/status.h"
#include "graph/mutation.h"

namespace tidemark::txn {

// --- Room.

absl::Status CommitQueue::CheckMasterRoom() const {
  const absl::Status room = context_.port->CheckLogRoom();
  if (room.ok()) return room;
  return absl::ResourceExhaustedError(absl::StrCat("the master refuses writes: ", MessageOf(room),
                                                   "; make room on it, reads go on meanwhile"));
}

absl::Status CommitQueue::CheckRoomEverywhere() const {
  absl::Status status = CheckMasterRoom();
  context_.members.connected().ForEach([&](NodeId node) {
    const std::string& full = context_.members.Find(node)->figures.disk_full();
    if (!status.ok() || full.empty()) return;
    status = absl::ResourceExhaustedError(
        absl::StrCat("worker ", node.value(), " has no room for a change of the schema: ", full));
  });
  return status;
}

absl::Status CommitQueue::Admit(bool is_schema) const {
  // A schema change is a commit of every worker, also of those that have refused other writes.
  RETURN_IF_ERROR(is_schema ? CheckRoomEverywhere() : CheckMasterRoom());
  if (queue_.size() < kMaxQueuedCommitCount) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(queue_.size(), " commits wait already, because disks or workers are too ",
                   "slow; rolled back, try again later"));
}

// --- The way of a commit.

void CommitQueue::Push(QueuedCommit commit) {
  CHECK(context_.working() && queue_.size() < kMaxQueuedCommitCount);
  CHECK(commit.done != nullptr) << "nobody waits for the commit of " << commit.tx;
  queue_.push_back(std::move(commit));
}

void CommitQueue::Drain() {
  while (!queue_.empty() && !schema_is_logging_ && !Throttled()) {
    QueuedCommit commit = std::move(queue_.front());
    queue_.pop_front();
    if (commit.schema.has_value()) {
      SendSchemaCommit(std::move(commit));
    } else {
      SendCommit(std::move(commit));
    }
  }
}

wire::Commit CommitQueue::Assign(NodeSet participants, QueuedCommit* commit) {
  const Csn csn = context_.pipeline.Assign(commit->tx, participants, context_.now_micros);
  ++commit_count_;
  last_commit_micros_ = context_.now_micros;
  const auto answer_at = context_.options.synchronous_commit ? CommitPipeline::Until::kWatermark
                                                             : CommitPipeline::Until::kVisible;
  context_.pipeline.Wait({context_.epoch(), csn}, commit->tx, answer_at, std::move(commit->done));
  wire::Commit frame;
  frame.set_tx(commit->tx.value());
  frame.set_csn(csn.value());
  frame.set_participants(participants.mask());
  return frame;
}

void CommitQueue::SendCommit(QueuedCommit commit) {
  const NodeSet participants = context_.transactions.Find(commit.tx)->participants;
  context_.transactions.End(commit.tx);
  SendFrames(participants, Assign(participants, &commit));
}

void CommitQueue::SendSchemaCommit(QueuedCommit commit) {
  // Every worker takes part: a csn without a WAL record would be a gap for ever.
  const NodeSet participants = NodeSet::FirstWorkers(context_.worker_count());
  wire::Commit frame = Assign(participants, &commit);
  std::string definition;
  graph::AppendIndexDefinition(*commit.schema, &definition);
  graph::Mutation mutation;
  mutation.kind = graph::MutationKind::kSchema;
  mutation.bytes = definition;
  graph::AppendMutation(mutation, frame.mutable_mutations());
  // The record is durable before any worker logs the commit; later commits wait behind it.
  const Epoch now = context_.epoch();
  const durability::SchemaRecord record{now, Csn(frame.csn()), *commit.schema};
  if (PlantedBug("schema-not-synced")) {
    context_.Append(record, nullptr);
    SendFrames(participants, frame);
    return;
  }
  schema_is_logging_ = true;
  context_.Append(record, [this, now, participants, frame] {
    if (!context_.working() || context_.epoch() != now) return;
    schema_is_logging_ = false;
    SendFrames(participants, frame);
  });
}

void CommitQueue::SendFrames(NodeSet participants, const wire::Commit& commit) {
  participants.ForEach([&](NodeId node) {
    progress_.SendTo(node);
    wire::Frame frame;
    *frame.mutable_commit() = commit;
    context_.Send(node, std::move(frame));
  });
}

void CommitQueue::Close(const absl::Status& reason) {
  for (QueuedCommit& commit : queue_) context_.callbacks.Tell(std::move(commit.done), reason);
  queue_.clear();
  schema_is_logging_ = false;
}

// --- What holds it back.

// Writers that overtake the collection of old versions are slowed down, not stopped: undo may be
// that of a transaction whose own commit waits here.
bool CommitQueue::WaitsForUndo() const {
  const int64_t since_last_micros = context_.now_micros - last_commit_micros_;
  if (since_last_micros >= context_.options.wal_flush_interval_micros) return false;
  bool over = false;
  context_.members.connected().ForEach([&](NodeId node) {
    const wire::HeartbeatReply& figures = context_.members.Find(node)->figures;
    over |= figures.memory_limit_bytes() != 0 &&
            figures.undo_bytes() > figures.memory_limit_bytes() / kUndoShareOfMemory;
  });
  return over;
}

bool CommitQueue::Throttled() const {
  const CommitPipeline& pipeline = context_.pipeline;
  if (pipeline.unapplied_count() >= kMaxUnappliedCommitCount || WaitsForUndo()) return true;
  if (!context_.options.wal || pipeline.unflushed_count() == 0) return false;
  if (pipeline.unflushed_count() >= kMaxUnflushedCommitCount) return true;
  // "The last flush interval" stays true when disks are slow.
  const auto oldest = pipeline.OldestUnflushedMicros();
  const int64_t limit = kMaxUnflushedIntervals * context_.options.wal_flush_interval_micros;
  if (oldest.has_value() && context_.now_micros - *oldest > limit) return true;
  bool over = false;
  context_.members.connected().ForEach([&](NodeId node) {
    over |= context_.members.Find(node)->figures.unflushed_bytes() >
            context_.options.unflushed_limit_bytes;
  });
  return over;
}

void CommitQueue::CheckInvariants() const {
  CHECK_LE(queue_.size(), kMaxQueuedCommitCount);
  CHECK(context_.working() || context_.failed || (queue_.empty() && !schema_is_logging_));
  for (const QueuedCommit& commit : queue_) {
    CHECK(commit.done != nullptr);
    if (commit.schema.has_value()) continue;
    const Transaction* transaction = context_.transactions.Find(commit.tx);
    CHECK(transaction != nullptr && transaction->ending) << "transaction " << commit.tx;
  }
}

}  // namespace tidemark::txn
