// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "session/backend.h"
#include "session/memory_budget.h"
#include "session/operation.h"
#include "session/typed_batch.h"

namespace tidemark::session {

struct RunOutcome {
  std::vector<OperationResult> results;
  std::optional<Bookmark> bookmark;  // when the batch was a transaction of its own
  MemoryCharge memory;               // of the results
};

// One client's conversation: at most one transaction at a time, one request at a time. After an
// error the transaction is rolled back, and requests that would belong to it are refused until
// Rollback or Begin, so that what a client sent ahead is never taken for a transaction of its own.
// Owner: the client protocol. Threads: one loop. Callbacks may run inside the call; none runs after
// the session is destroyed, which rolls an open transaction back.
class Session {
 public:
  // Does not own the backend, which outlives the session.
  explicit Session(Backend* backend) : backend_(backend) {}
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // REQUIRES for all of these: no earlier call is waiting for its answer.
  // Calls back when Begin with these options can be answered; none but a bookmark makes it wait.
  void WhenReadable(const BeginOptions& options, std::function<void()> done);
  absl::StatusOr<BegunTransaction> Begin(const BeginOptions& options);
  void Run(std::vector<Operation> operations, std::function<void(absl::StatusOr<RunOutcome>)> done);
  void Commit(std::function<void(absl::StatusOr<Bookmark>)> done);
  absl::Status Rollback();
  // The client sent something that cannot be carried out: an open transaction ends with `reason`.
  void Fail(const absl::Status& reason);

  // The next call came in at `since_micros`; when it is a Run or Commit its time is to be taken.
  void TraceNext(int64_t since_micros) { trace_since_micros_ = since_micros; }
  // Of the call that is being answered; empty when it was not traced or did not reach the backend.
  Trace TakeTrace();

  bool in_transaction() const { return tx_.value() != 0; }

  // CHECKs everything that must hold.
  void CheckInvariants() const;

 private:
  void OnRunDone(absl::StatusOr<std::vector<OperationResult>> results);
  void StartTrace();
  void SendCommit();
  void OnAborted(const absl::Status& reason);
  void EndTransaction();
  // Answers the waiting request and forgets it.
  void AnswerRun(absl::StatusOr<RunOutcome> outcome);
  void AnswerCommit(absl::StatusOr<Bookmark> bookmark);
  void FailTransaction(const absl::Status& status);
  absl::Status CheckWritesAllowed(const std::vector<Operation>& operations) const;

  Backend* const backend_;
  TxId tx_;
  bool read_only_ = false;
  bool automatic_ = false;  // the transaction is one batch
  bool wrote_ = false;
  Bookmark snapshot_;
  absl::Status failed_;  // why the explicit transaction has ended
  std::shared_ptr<TypedBatch> batch_;
  std::vector<OperationResult> results_;
  MemoryCharge results_memory_;
  std::function<void(absl::StatusOr<RunOutcome>)> run_done_;
  std::function<void(absl::StatusOr<Bookmark>)> commit_done_;
  bool committing_ = false;
  std::optional<int64_t> trace_since_micros_;
  TxId traced_;
  // Callbacks of the backend hold a weak reference and do nothing once it is gone.
  std::shared_ptr<Session*> self_ = std::make_shared<Session*>(this);
};

}  // namespace tidemark::session
