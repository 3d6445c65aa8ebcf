// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status.h"

namespace tidemark::session {
namespace {

bool IsWriting(const Operation& operation) {
  return ClassOf(operation.kind) != OperationClass::kRead;
}

}  // namespace

Session::~Session() {
  if (batch_ != nullptr) batch_->Cancel();
  TakeTrace();
  if (tx_.value() != 0 && !committing_) backend_->Rollback(tx_);
}

void Session::WhenReadable(const BeginOptions& options, std::function<void()> done) {
  if (!options.bookmark.has_value() || !options.read_only) return done();
  std::weak_ptr<Session*> weak = self_;
  backend_->WhenReadable(*options.bookmark, [weak, done = std::move(done)] {
    if (weak.lock() != nullptr) done();
  });
}

absl::StatusOr<BegunTransaction> Session::Begin(const BeginOptions& options) {
  if (tx_.value() != 0) {
    return absl::InvalidArgumentError("a transaction is open; commit it or roll it back first");
  }
  failed_ = absl::OkStatus();
  ASSIGN_OR_RETURN(const BegunTransaction begun, backend_->Begin(options));
  CHECK_NE(begun.tx.value(), 0u) << "0 stands for no transaction";
  CHECK(batch_ == nullptr && !committing_);
  tx_ = begun.tx;
  snapshot_ = begun.snapshot;
  read_only_ = options.read_only;
  automatic_ = false;
  wrote_ = false;
  std::weak_ptr<Session*> weak = self_;
  backend_->WatchTransaction(tx_, [weak](const absl::Status& reason) {
    if (const auto self = weak.lock()) (*self)->OnAborted(reason);
  });
  return begun;
}

void Session::StartTrace() {
  if (!trace_since_micros_.has_value()) return;
  traced_ = tx_;
  backend_->StartTrace(tx_, *trace_since_micros_);
}

Trace Session::TakeTrace() {
  trace_since_micros_.reset();
  const TxId traced = std::exchange(traced_, TxId());
  return traced.value() == 0 ? Trace() : backend_->TakeTrace(traced);
}

absl::Status Session::CheckWritesAllowed(const std::vector<Operation>& operations) const {
  if (!read_only_) return absl::OkStatus();
  for (size_t i = 0; i < operations.size(); ++i) {
    if (IsWriting(operations[i])) {
      return absl::PermissionDeniedError(
          absl::StrCat("operation ", i, " writes, but the transaction is read-only"));
    }
  }
  return absl::OkStatus();
}

void Session::Run(std::vector<Operation> operations,
                  std::function<void(absl::StatusOr<RunOutcome>)> done) {
  CHECK(run_done_ == nullptr && commit_done_ == nullptr) << "a request is waiting";
  if (!failed_.ok()) return done(Annotate(failed_, "the transaction has ended before"));
  run_done_ = std::move(done);
  if (tx_.value() == 0) {
    BeginOptions options;
    options.read_only = std::none_of(operations.begin(), operations.end(), IsWriting);
    const absl::StatusOr<BegunTransaction> begun = Begin(options);
    if (!begun.ok()) return AnswerRun(begun.status());
    automatic_ = true;
  }
  StartTrace();
  const absl::Status allowed = CheckWritesAllowed(operations);
  if (!allowed.ok()) return FailTransaction(allowed);
  std::weak_ptr<Session*> weak = self_;
  batch_ = std::make_shared<TypedBatch>(
      TypedBatch::Options{backend_, tx_, snapshot_.csn}, std::move(operations),
      [weak](absl::StatusOr<std::vector<OperationResult>> results) {
        if (const auto self = weak.lock()) (*self)->OnRunDone(std::move(results));
      });
  batch_->Start();
}

void Session::OnRunDone(absl::StatusOr<std::vector<OperationResult>> results) {
  CHECK(batch_ != nullptr && run_done_ != nullptr) << "results that nobody waits for";
  const std::shared_ptr<TypedBatch> batch = std::move(batch_);
  if (!results.ok()) return FailTransaction(results.status());
  wrote_ = wrote_ || batch->wrote();
  if (!automatic_) {
    return AnswerRun(RunOutcome{std::move(*results), std::nullopt, batch->TakeMemory()});
  }
  results_ = std::move(*results);
  results_memory_ = batch->TakeMemory();
  SendCommit();
}

void Session::Commit(std::function<void(absl::StatusOr<Bookmark>)> done) {
  CHECK(run_done_ == nullptr && commit_done_ == nullptr) << "a request is waiting";
  if (!failed_.ok()) {
    const absl::Status failed = std::move(failed_);
    failed_ = absl::OkStatus();
    return done(Annotate(failed, "the transaction has ended before"));
  }
  if (tx_.value() == 0) {
    return done(absl::InvalidArgumentError("no transaction is open; begin one first"));
  }
  commit_done_ = std::move(done);
  StartTrace();
  SendCommit();
}

void Session::SendCommit() {
  CHECK(tx_.value() != 0 && !committing_ && batch_ == nullptr) << "transaction " << tx_;
  committing_ = true;
  std::weak_ptr<Session*> weak = self_;
  backend_->Commit(tx_, [weak](absl::StatusOr<Bookmark> bookmark) {
    const auto self = weak.lock();
    if (self == nullptr) return;
    (*self)->EndTransaction();
    (*self)->AnswerCommit(std::move(bookmark));
  });
}

absl::Status Session::Rollback() {
  CHECK(run_done_ == nullptr && commit_done_ == nullptr) << "a request is waiting";
  if (!failed_.ok()) {
    failed_ = absl::OkStatus();
    return absl::OkStatus();
  }
  if (tx_.value() == 0) {
    return absl::InvalidArgumentError("no transaction is open; there is nothing to roll back");
  }
  backend_->Rollback(tx_);
  EndTransaction();
  return absl::OkStatus();
}

void Session::Fail(const absl::Status& reason) {
  CHECK(!reason.ok());
  if (tx_.value() != 0) FailTransaction(reason);
}

void Session::OnAborted(const absl::Status& reason) {
  if (committing_) return;  // the commit's own answer tells the outcome
  const bool is_waiting = run_done_ != nullptr || commit_done_ != nullptr;
  const bool automatic = automatic_;
  EndTransaction();
  if (!automatic && !is_waiting) {
    failed_ = reason;
    return;
  }
  if (!automatic && run_done_ != nullptr) failed_ = reason;
  if (commit_done_ != nullptr) return AnswerCommit(reason);
  if (run_done_ != nullptr) AnswerRun(reason);
}

void Session::FailTransaction(const absl::Status& status) {
  CHECK(!status.ok() && tx_.value() != 0) << "transaction " << tx_ << ": " << status;
  backend_->Rollback(tx_);
  OnAborted(status);
}

void Session::EndTransaction() {
  if (batch_ != nullptr) batch_->Cancel();
  batch_ = nullptr;
  tx_ = TxId(0);
  committing_ = false;
}

void Session::AnswerRun(absl::StatusOr<RunOutcome> outcome) {
  CHECK(run_done_ != nullptr) << "an answer that nobody waits for";
  const auto done = std::move(run_done_);
  run_done_ = nullptr;
  results_.clear();
  results_memory_.Release();
  done(std::move(outcome));
}

void Session::AnswerCommit(absl::StatusOr<Bookmark> bookmark) {
  if (commit_done_ != nullptr) {
    const auto done = std::move(commit_done_);
    commit_done_ = nullptr;
    return done(std::move(bookmark));
  }
  if (!bookmark.ok()) return AnswerRun(bookmark.status());
  RunOutcome outcome;
  outcome.results = std::move(results_);
  outcome.memory = std::move(results_memory_);
  if (wrote_) outcome.bookmark = *bookmark;
  AnswerRun(std::move(outcome));
}

void Session::CheckInvariants() const {
  CHECK(run_done_ == nullptr || commit_done_ == nullptr) << "two requests at once";
  if (tx_.value() == 0) {
    CHECK(batch_ == nullptr && !committing_ && commit_done_ == nullptr && run_done_ == nullptr);
    return;
  }
  CHECK(failed_.ok()) << "transaction " << tx_ << " is open and has ended: " << failed_;
  CHECK(batch_ == nullptr || run_done_ != nullptr) << "a batch that nobody waits for";
  CHECK(!committing_ || commit_done_ != nullptr || (automatic_ && run_done_ != nullptr));
  CHECK(!wrote_ || !read_only_) << "transaction " << tx_ << " has written and may not";
}

}  // namespace tidemark::session
