// SPDX-License-Identifier: Apache-2.0
#include "sim/cypher_conversation.h"

#include "base/check.h"
#include "base/status.h"

namespace tidemark::sim {

CypherConversation::CypherConversation(session::Front* front, env::Executor* executor)
    : executor_(executor), session_(front->NewSession("", this)) {}

void CypherConversation::Later(std::function<void()> fn) {
  executor_->Post([alive = std::weak_ptr<bool>(alive_), fn = std::move(fn)] {
    if (!alive.expired()) fn();
  });
}

void CypherConversation::Begin(bool read_only, std::optional<check::CommitPlace> after,
                               check::Client::StatusCallback done) {
  on_status_ = std::move(done);
  session::TransactionOptions options;
  if (read_only) options.mode = session::AccessMode::kRead;
  if (after.has_value()) options.bookmarks.push_back({after->epoch, after->csn});
  session_->Begin(std::move(options));
}

void CypherConversation::Run(std::vector<check::Operation> operations,
                             check::Client::ResultsCallback done) {
  on_results_ = std::move(done);
  operations_ = std::move(operations);
  results_.clear();
  row_error_ = absl::OkStatus();
  RunNext();
}

void CypherConversation::RunNext() {
  if (results_.size() == operations_.size()) {
    return std::exchange(on_results_, nullptr)(std::move(results_));
  }
  const check::Operation& operation = operations_[results_.size()];
  check::CypherStatement statement = check::StatementOf(operation, operation.name);
  results_.emplace_back();
  session_->Run({graph::Value::String(statement.text), std::move(statement.parameters)}, {});
}

void CypherConversation::Commit(check::Client::CommitCallback done) {
  on_commit_ = std::move(done);
  session_->Commit();
}

void CypherConversation::Rollback(check::Client::StatusCallback done) {
  on_status_ = std::move(done);
  session_->Rollback();
}

void CypherConversation::OnDone() {
  if (is_resetting_) {
    is_resetting_ = false;
    const absl::Status status = std::exchange(failure_, absl::OkStatus());
    if (on_results_ != nullptr) return std::exchange(on_results_, nullptr)(status);
    if (on_commit_ != nullptr) return std::exchange(on_commit_, nullptr)(status);
    return std::exchange(on_status_, nullptr)(status);
  }
  std::exchange(on_status_, nullptr)(absl::OkStatus());
}

void CypherConversation::OnCommitted(const session::Bookmark& bookmark) {
  std::exchange(on_commit_, nullptr)(check::CommitPlace{bookmark.epoch, bookmark.csn});
}

void CypherConversation::OnRunning(const session::RunningQuery& running) {
  Later([this, query = running.query] { session_->Pull(query, session::FrontSession::kAllRows); });
}

graph::ValueSink* CypherConversation::BeginRow() { return &collector_; }

bool CypherConversation::EndRow() {
  const std::vector<graph::Value> row = collector_.Take();
  row_error_.Update(check::TakeRow(operations_[results_.size() - 1], row, &results_.back()));
  return true;
}

void CypherConversation::OnPaused() { LOG(FATAL) << "all rows were asked for"; }

void CypherConversation::OnEnd(const session::Summary&) {
  if (on_status_ != nullptr) return std::exchange(on_status_, nullptr)(absl::OkStatus());
  const check::OperationKind kind = operations_[results_.size() - 1].kind;
  const check::OperationResult& result = results_.back();
  if (row_error_.ok() && check::NeedsRow(kind) && !result.vertex.valid() && !result.edge.valid()) {
    row_error_ = absl::NotFoundError("the element of the operation does not exist");
  }
  if (row_error_.ok()) return Later([this] { RunNext(); });
  Fail(row_error_);
}

void CypherConversation::OnFailure(const session::Failure& failure) {
  // What is interrupted by the reset has its error already.
  if (is_resetting_) return;
  Fail(check::StatusOfCode(failure.code, failure.message));
}

void CypherConversation::Fail(absl::Status status) {
  failure_ = std::move(status);
  is_resetting_ = true;
  Later([this] { session_->Reset(); });
}

}  // namespace tidemark::sim
