// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

#include "absl/status/status.h"
#include "base/ids.h"
#include "graph/index_definition.h"
#include "proto/cluster.pb.h"
#include "txn/coordinator_context.h"
#include "txn/progress_notices.h"

namespace tidemark::txn {

// A commit that has not got its csn yet.
struct QueuedCommit {
  TxId tx;
  std::optional<graph::IndexDefinition> schema;  // set: a change of the schema
  CommitCallback done;
};

// The way of a commit from its session to the workers: Admit, Push, and Drain, which gives it its
// csn and sends it to its participants. Commits wait here while the workers are behind (Throttled)
// and while a schema change before them is being written to the master log. What follows (applied,
// visible, flushed, answered) is the pipeline's.
// Owner: the coordinator. Threads: the master's loop.
// Errors: kResourceExhausted when the queue or a disk is full.
class CommitQueue {
 public:
  // Does not own its arguments, which outlive it.
  CommitQueue(CoordinatorContext* context, ProgressNotices* progress)
      : context_(*context), progress_(*progress) {}

  // Whether one more commit, of the schema or of data, may wait now.
  absl::Status Admit(bool is_schema) const;
  // REQUIRES: Admit was OK, the cluster works; the transaction is marked as ending.
  void Push(QueuedCommit commit);
  // Sends what may go to the workers.
  void Drain();
  // The cluster closes: who waits is told `reason`.
  void Close(const absl::Status& reason);

  // kResourceExhausted when the master's disk has no room for what writes need in its log.
  absl::Status CheckMasterRoom() const;
  // A schema change has its csn and is not sent yet.
  bool schema_is_logging() const { return schema_is_logging_; }
  bool empty() const { return queue_.empty(); }
  size_t size() const { return queue_.size(); }
  // How many have got a csn.
  uint64_t commit_count() const { return commit_count_; }

  void CheckInvariants() const;

 private:
  // Room on the master and for the log of every worker.
  absl::Status CheckRoomEverywhere() const;
  bool WaitsForUndo() const;
  bool Throttled() const;
  void SendCommit(QueuedCommit commit);
  void SendSchemaCommit(QueuedCommit commit);
  // Gives the commit its csn and the pipeline its client; the frame for the participants.
  wire::Commit Assign(NodeSet participants, QueuedCommit* commit);
  void SendFrames(NodeSet participants, const wire::Commit& commit);

  CoordinatorContext& context_;
  ProgressNotices& progress_;
  std::deque<QueuedCommit> queue_;
  int64_t last_commit_micros_ = 0;
  bool schema_is_logging_ = false;
  uint64_t commit_count_ = 0;
};

}  // namespace tidemark::txn
