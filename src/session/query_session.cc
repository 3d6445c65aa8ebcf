// SPDX-License-Identifier: Apache-2.0
#include "session/query_session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "base/time_units.h"
#include "session/error.h"

namespace tidemark::session {

QuerySession::~QuerySession() { DropTransaction(); }

std::function<void()> QuerySession::InTurn(std::function<void()> fn) {
  return [turn = std::weak_ptr<bool>(turn_), fn = std::move(fn)] {
    if (!turn.expired()) fn();
  };
}

bool QuerySession::Refuse() {
  CHECK(request_ == Request::kNone) << "a request is waiting";
  if (state_ != State::kFailed) return false;
  answers_->OnFailure(failure_);
  return true;
}

void QuerySession::Begin(TransactionOptions options) {
  if (Refuse()) return;
  CHECK(state_ == State::kIdle) << "a transaction is open";
  request_ = Request::kBegin;
  OpenTransaction(options);
}

void QuerySession::Run(Statement statement, TransactionOptions options) {
  if (Refuse()) return;
  request_ = Request::kRun;
  statement_ = std::move(statement);
  run_since_micros_ = node_->NowMicros();
  if (state_ == State::kInTransaction) {
    node_->backend()->NoteUsed(tx_);
    return PrepareStatement();
  }
  CHECK(state_ == State::kIdle) << "a statement of its own is open";
  OpenTransaction(options);
}

void QuerySession::OpenTransaction(const TransactionOptions& options) {
  options_ = options;
  BeginOptions begin;
  begin.read_only = options.mode == AccessMode::kRead;
  begin.timeout_ms = options.timeout_ms.value_or(0);
  const auto& bookmarks = options.bookmarks;
  if (!bookmarks.empty()) {
    begin.bookmark = *std::max_element(bookmarks.begin(), bookmarks.end());
  }
  // A writer reads what is newest anyway.
  if (!begin.bookmark.has_value() || !begin.read_only) return OnReadable(begin);
  node_->backend()->WhenReadable(*begin.bookmark, InTurn([this, begin] { OnReadable(begin); }));
}

void QuerySession::OnReadable(const BeginOptions& options) {
  const absl::StatusOr<BegunTransaction> begun = node_->backend()->Begin(options);
  if (!begun.ok()) return Fail(begun.status());
  tx_ = begun->tx;
  read_csn_ = begun->snapshot.csn;
  transaction_micros_ = node_->WallMicros();
  next_query_ = 0;
  node_->backend()->WatchTransaction(
      tx_, [tx = tx_, weak = std::weak_ptr<QuerySession*>(self_)](const absl::Status& reason) {
        const auto self = weak.lock();
        if (self != nullptr && (*self)->tx_ == tx) (*self)->OnAborted(reason);
      });
  if (request_ == Request::kRun) {
    state_ = State::kStreaming;
    return PrepareStatement();
  }
  state_ = State::kInTransaction;
  request_ = Request::kNone;
  answers_->OnDone();
}

void QuerySession::PrepareStatement() {
  node_->PrepareStatement(
      std::move(statement_.text), read_csn_, turn_,
      [this](QueryNode::Prepared prepared) { OnPrepared(std::move(prepared)); });
}

void QuerySession::OnPrepared(QueryNode::Prepared prepared) {
  if (!prepared.ok()) return Fail(prepared.status());
  if ((*prepared)->writes && options_.mode == AccessMode::kRead) {
    return Fail(absl::PermissionDeniedError(
        "the statement writes, and its transaction is for reading; begin one for writing"));
  }
  const absl::StatusOr<int64_t> query = OpenResult(*prepared);
  if (!query.ok()) return Fail(query.status());
  running_ = *query;
  // A statement that writes does so now, however few of its rows are taken later.
  if ((*prepared)->writes && (*prepared)->mode != StatementMode::kExplain) return RunAhead();
  TellRunning();
}

void QuerySession::RunAhead() {
  node_->backend()->NoteUsed(tx_);
  int64_t units = exec::kSliceUnits;
  const absl::StatusOr<ResultStream::Step> step = results_.at(running_).rows->Find(&units);
  if (!step.ok()) return Fail(step.status());
  if (*step == ResultStream::Step::kWait) return;
  if (*step == ResultStream::Step::kPause) {
    return node_->backend()->Post(InTurn([this] { RunAhead(); }));
  }
  TellRunning();
}

void QuerySession::TellRunning() {
  request_ = Request::kNone;
  const std::vector<std::string> columns = results_.at(running_).rows->statement().columns;
  answers_->OnRunning({.query = running_,
                       .columns = columns,
                       .planned_ms = (node_->NowMicros() - run_since_micros_) / kMicrosPerMs});
}

absl::StatusOr<int64_t> QuerySession::OpenResult(
    std::shared_ptr<const PreparedStatement> prepared) {
  if (results_.size() >= kMaxOpenResults) {
    return absl::InvalidArgumentError(
        absl::StrCat("the transaction has ", results_.size(),
                     " results that are not read to their end; read or discard some"));
  }
  exec::QueryInput input;
  // EXPLAIN needs no values.
  if (prepared->mode != StatementMode::kExplain) {
    ASSIGN_OR_RETURN(input.parameters, BindParameters(*prepared, statement_.parameters));
  }
  statement_ = Statement();
  input.transaction_micros = transaction_micros_;
  input.statement_micros = node_->WallMicros();
  input.seed = node_->RandomBits();
  const int64_t query = next_query_++;
  const ResultStream::Context context{node_->backend(), tx_, read_csn_, node_->host(),
                                      [this, query] { OnWake(query); }};
  results_[query].rows =
      std::make_unique<ResultStream>(std::move(prepared), std::move(input), context);
  return query;
}

void QuerySession::Fetch(int64_t query, int64_t count, bool wanted) {
  if (Refuse()) return;
  request_ = Request::kFetch;
  if (query == kLatestQuery) query = next_query_ - 1;
  if (results_.find(query) == results_.end()) {
    return Fail(absl::InvalidArgumentError(
        absl::StrCat("there is no statement ", query, " with rows that are not read")));
  }
  fetching_ = {query, count, wanted, node_->NowMicros()};
  // Nobody wants the rest of a statement that changes nothing more.
  if (!wanted && count == kAllRows) return EndResult();
  Continue();
}

// The run may end when it goes on, so it goes on outside of the call that woke it.
void QuerySession::OnWake(int64_t query) {
  if (request_ == Request::kRun && running_ == query) {
    return node_->backend()->Post(InTurn([this] { RunAhead(); }));
  }
  if (request_ != Request::kFetch || fetching_.query != query) return;
  node_->backend()->Post(InTurn([this] { Continue(); }));
}

void QuerySession::Continue() {
  node_->backend()->NoteUsed(tx_);
  ResultStream& rows = *results_.at(fetching_.query).rows;
  int64_t units = exec::kSliceUnits;
  while (units > 0) {
    const absl::StatusOr<ResultStream::Step> step = rows.Find(&units);
    if (!step.ok()) return Fail(step.status());
    if (*step == ResultStream::Step::kEnd) return EndResult();
    if (*step == ResultStream::Step::kPause) break;
    if (*step == ResultStream::Step::kWait) return;
    if (fetching_.left == 0) {
      request_ = Request::kNone;
      results_.at(fetching_.query).streamed_micros += node_->NowMicros() - fetching_.since_micros;
      return answers_->OnPaused();
    }
    if (fetching_.left > 0) --fetching_.left;
    units -= 1 + static_cast<int64_t>(rows.statement().columns.size());
    if (!TakeRow(&rows)) return;
  }
  node_->backend()->Post(InTurn([this] { Continue(); }));
}

bool QuerySession::TakeRow(ResultStream* rows) {
  if (!fetching_.wanted) {
    rows->Skip();
    return true;
  }
  rows->Write(answers_->BeginRow());
  rows->Skip();
  is_held_ = !answers_->EndRow();
  return !is_held_;
}

void QuerySession::Resume() {
  if (!std::exchange(is_held_, false)) return;
  Continue();
}

void QuerySession::EndResult() {
  const auto it = results_.find(fetching_.query);
  const ResultStream& rows = *it->second.rows;
  summary_ = Summary();
  summary_.type = rows.statement().type;
  summary_.counters = rows.counters();
  summary_.plan = rows.Plan();
  summary_.profiled = rows.statement().mode == StatementMode::kProfile;
  summary_.notifications = Wanted(rows.statement().notifications, options_.notifications);
  summary_.streamed_ms =
      (it->second.streamed_micros + node_->NowMicros() - fetching_.since_micros) / kMicrosPerMs;
  results_.erase(it);
  if (state_ == State::kStreaming) return SendCommit();
  request_ = Request::kNone;
  answers_->OnEnd(summary_);
}

void QuerySession::Commit() {
  if (Refuse()) return;
  CHECK(state_ == State::kInTransaction) << "no transaction is open";
  request_ = Request::kCommit;
  SendCommit();
}

void QuerySession::SendCommit() {
  results_.clear();
  state_ = State::kCommitting;
  const TxId tx = std::exchange(tx_, TxId());
  node_->backend()->Commit(
      tx, [weak = std::weak_ptr<QuerySession*>(self_)](const absl::StatusOr<Bookmark>& bookmark) {
        if (const auto self = weak.lock()) (*self)->OnCommitted(bookmark);
      });
}

void QuerySession::OnCommitted(const absl::StatusOr<Bookmark>& bookmark) {
  const std::weak_ptr<QuerySession*> self = self_;
  const Request request = request_;
  const bool resets = std::exchange(reset_waits_, false);
  state_ = State::kIdle;
  if (!bookmark.ok()) {
    Fail(bookmark.status());
  } else {
    request_ = Request::kNone;
    if (request == Request::kCommit) {
      answers_->OnCommitted(*bookmark);
    } else {
      summary_.bookmark = *bookmark;
      answers_->OnEnd(summary_);
    }
  }
  if (resets && !self.expired()) FinishReset();
}

void QuerySession::Rollback() {
  if (Refuse()) return;
  CHECK(state_ == State::kInTransaction) << "no transaction is open";
  DropTransaction();
  state_ = State::kIdle;
  answers_->OnDone();
}

// The coordinator has ended the transaction by itself.
void QuerySession::OnAborted(const absl::Status& reason) {
  tx_ = TxId();
  if (request_ != Request::kNone) return Fail(reason);
  DropTransaction();
  state_ = State::kFailed;
  failure_ = FailureOf(reason);
}

void QuerySession::Fail(const absl::Status& status) {
  DropTransaction();
  state_ = State::kFailed;
  failure_ = FailureOf(status);
  request_ = Request::kNone;
  answers_->OnFailure(failure_);
}

void QuerySession::DropTransaction() {
  turn_ = std::make_shared<bool>(true);
  is_held_ = false;
  results_.clear();
  const TxId tx = std::exchange(tx_, TxId());
  if (tx.value() != 0) node_->backend()->Rollback(tx);
}

void QuerySession::Reset() {
  if (state_ == State::kCommitting) {
    reset_waits_ = true;
    return;
  }
  const bool interrupts = std::exchange(request_, Request::kNone) != Request::kNone;
  DropTransaction();
  state_ = State::kIdle;
  if (interrupts) answers_->OnFailure(InterruptedFailure());
  FinishReset();
}

void QuerySession::FinishReset() {
  state_ = State::kIdle;
  failure_ = Failure();
  answers_->OnDone();
}

}  // namespace tidemark::session
