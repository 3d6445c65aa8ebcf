// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "txn/commit_queue.h"
#include "txn/coordinator_context.h"
#include "txn/types.h"

namespace tidemark::txn {

// The open transactions as the sessions use them: from Begin to the commit queue, to the end of a
// reader, or to a rollback. The functions keep what Coordinator's functions of the same name
// promise.
// Owner: the coordinator, which has checked that the cluster is open where that is needed.
// Threads: the master's loop. Errors: as the coordinator's.
class ClientTransactions {
 public:
  // Does not own its arguments, which outlive it.
  ClientTransactions(CoordinatorContext* context, CommitQueue* queue)
      : context_(*context), queue_(*queue) {}

  absl::StatusOr<Begun> Begin(AccessMode mode, std::optional<CommitId> bookmark,
                              int64_t limit_micros);
  void WhenReadable(CommitId bookmark, std::function<void()> done);
  bool NoteUsed(TxId tx);
  void NoteWaits(TxId tx);
  bool NoteTouched(TxId tx, NodeId node);
  bool NoteSent(TxId tx, NodeId node);
  void NoteAnswered(TxId tx);
  bool NoteParticipant(TxId tx, NodeId node);
  void Commit(TxId tx, CommitCallback done);
  void CommitSchema(const graph::IndexDefinition& definition, CommitCallback done);
  void FinishRead(TxId tx, CommitCallback done);
  void Rollback(TxId tx);

  // Ends those that have been open or idle too long, or that hold an old version too long.
  void EndExpired();
  // Ends those that have passed the limit that their clients named.
  void EndOverdue();
  // Ends all that do not commit.
  void AbortAll(const absl::Status& reason);
  // The same when the cluster closes: the workers drop open transactions by themselves, and the
  // queue tells whoever commits.
  void Close(const absl::Status& reason);

 private:
  // Nullptr when nobody may use the transaction any more.
  Transaction* Use(TxId tx);
  // Undoes the transaction at the workers that have heard of it.
  void EndEverywhere(TxId tx);
  // The same, and tells its session.
  void Abort(TxId tx, const absl::Status& reason);
  void TellSession(TxId tx, const absl::Status& reason);

  CoordinatorContext& context_;
  CommitQueue& queue_;
};

}  // namespace tidemark::txn
