// SPDX-License-Identifier: Apache-2.0
#include "session/query_session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "base/time_units.h"
#include "query/text/error.h"
#include "session/error.h"
#include "session/schema_command.h"
#include "session/schema_run.h"

namespace tidemark::session {

QuerySession::~QuerySession() {
  row_ = nullptr;  // nobody is told
  DropTransaction();
}

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
  repeatable_.reset();
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
  repeatable_.reset();
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
  has_written_ = false;
  schema_commands_.clear();
  node_->backend()->WatchTransaction(
      tx_, [tx = tx_, weak = std::weak_ptr<QuerySession*>(self_)](const absl::Status& reason) {
        const auto self = weak.lock();
        if (self != nullptr && (*self)->tx_ == tx) (*self)->OnAborted(reason);
      });
  if (request_ != Request::kBegin) {
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

absl::Status QuerySession::CheckAllowed(const PreparedStatement& statement) const {
  const bool is_command = statement.command.has_value();
  if (!statement.writes && !is_command) return absl::OkStatus();
  if (options_.mode == AccessMode::kRead) {
    return absl::PermissionDeniedError(
        "the statement writes, and its transaction is for reading; begin one for writing");
  }
  if (is_command && has_written_) {
    return ToStatus(query::MakeError(
        query::ErrorId::kForbiddenDueToTransactionType,
        {"A transaction that has written data cannot change the schema; use another one"}));
  }
  if (statement.writes && !schema_commands_.empty()) {
    return ToStatus(query::MakeError(
        query::ErrorId::kForbiddenDueToTransactionType,
        {"A transaction that changes the schema cannot write data; use another one"}));
  }
  return absl::OkStatus();
}

void QuerySession::OnPrepared(QueryNode::Prepared prepared) {
  if (!prepared.ok()) return Fail(prepared.status());
  const absl::Status allowed = CheckAllowed(**prepared);
  if (!allowed.ok()) return Fail(allowed);
  const bool writes = (*prepared)->writes && (*prepared)->mode != StatementMode::kExplain;
  if (!writes) return StartStatement(*prepared);
  has_written_ = true;
  if (state_ == State::kStreaming && !repeatable_.has_value()) {
    repeatable_ = {statement_, node_->NowMicros()};
    repeatable_->statement.text = (*prepared)->text;
  }
  // Rows that are not read yet do not show what is written now.
  FinishResults(/*keeps_rows=*/true, [this, prepared = *prepared] { StartStatement(prepared); });
}

void QuerySession::StartStatement(const std::shared_ptr<const PreparedStatement>& prepared) {
  const graph::Value parameters = statement_.parameters;
  const absl::StatusOr<int64_t> query = OpenResult(prepared);
  if (!query.ok()) return Fail(query.status());
  running_ = *query;
  if (prepared->mode == StatementMode::kExplain) return TellRunning();
  if (prepared->command.has_value()) {
    const absl::Status started = StartCommand(*prepared, parameters);
    return started.ok() ? TellRunning() : Fail(started);
  }
  // A statement that writes does so now, however few of its rows are taken later.
  prepared->writes ? RunAhead() : TellRunning();
}

absl::Status QuerySession::StartCommand(const PreparedStatement& statement,
                                        const graph::Value& parameters) {
  SchemaCommand command = *statement.command;
  ASSIGN_OR_RETURN(const std::vector<graph::Value> values, BindParameters(statement, parameters));
  RETURN_IF_ERROR(TakeName(values, &command));
  // What commands before it in the transaction will have changed is known when they take effect.
  if (schema_commands_.empty()) {
    ASSIGN_OR_RETURN(const auto change, PlanSchemaChange(command, *node_->backend()));
    if (!change.has_value()) return absl::OkStatus();
  }
  CountSchemaChange(command, &results_.at(running_).of_schema);
  schema_commands_.push_back(std::move(command));
  return absl::OkStatus();
}

void QuerySession::FinishResults(bool keeps_rows, std::function<void()> then) {
  keeps_rows_ = keeps_rows;
  when_finished_ = std::move(then);
  FinishSome();
}

void QuerySession::FinishSome() {
  int64_t units = exec::kSliceUnits;
  node_->backend()->NoteUsed(tx_);
  for (auto& [number, open] : results_) {
    const bool writes = open.rows->statement().writes;
    if (!keeps_rows_ && !writes) continue;
    const absl::StatusOr<ResultStream::Step> step =
        keeps_rows_ ? open.rows->KeepRows(&units) : open.rows->PassOver(&units);
    if (!step.ok()) return Fail(step.status());
    if (*step == ResultStream::Step::kWait) return node_->backend()->NoteWaits(tx_);
    if (*step == ResultStream::Step::kPause) {
      return node_->executor()->PostLaterWithMemory(InTurn([this] { FinishSome(); }));
    }
  }
  std::exchange(when_finished_, nullptr)();
}

void QuerySession::RunAhead() {
  node_->backend()->NoteUsed(tx_);
  Open& running = results_.at(running_);
  running.is_running_ahead = true;
  int64_t units = running.pace.units();
  const int64_t begun_micros = node_->NowMicros();
  const absl::StatusOr<ResultStream::Step> step = running.rows->Find(&units);
  if (!step.ok()) return Fail(step.status());
  const int64_t micros = node_->NowMicros() - begun_micros;
  if (*step == ResultStream::Step::kWait) {
    node_->backend()->NoteWaits(tx_);
    return running.pace.NoteShort(micros);
  }
  if (*step == ResultStream::Step::kPause) {
    running.pace.Note(micros);
    return GoOn(running, &QuerySession::RunAhead);
  }
  running.is_running_ahead = false;
  TellRunning();
}

void QuerySession::TellRunning() {
  // The client has heard it when the statement ran the first time.
  if (request_ == Request::kFetch) return Continue();
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
  input.transaction_micros = transaction_micros_;
  input.statement_micros = node_->WallMicros();
  input.seed = node_->RandomBits();
  const int64_t query = next_query_++;
  const ResultStream::Context context{node_->backend(),  tx_,
                                      read_csn_,         node_->host(),
                                      node_->executor(), [this, query] { OnWake(query); }};
  results_[query] = {
      .rows = std::make_unique<ResultStream>(std::move(prepared), std::move(input), context),
      .charge = std::exchange(statement_, {}).charge};
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
  // Nobody wants the rest of a statement that changes nothing.
  const bool writes = results_.at(query).rows->statement().writes;
  if (!wanted && count == kAllRows && !writes) return EndResult();
  Continue();
}

// The run may end when it goes on, so it goes on outside of the call that woke it.
void QuerySession::OnWake(int64_t query) {
  if (when_finished_ != nullptr) {
    return node_->backend()->Post(InTurn([this] { FinishSome(); }));
  }
  // A statement that is run again may do so while its rows are asked for.
  const Open& open = results_.at(query);
  if (running_ == query && open.is_running_ahead) return GoOn(open, &QuerySession::RunAhead);
  if (request_ != Request::kFetch || fetching_.query != query) return;
  GoOn(open, &QuerySession::Continue);
}

void QuerySession::GoOn(const Open& open, void (QuerySession::*step)()) {
  auto next = InTurn([this, step] { (this->*step)(); });
  if (!open.pace.is_long()) return node_->backend()->Post(std::move(next));
  node_->executor()->PostLaterWithMemory(std::move(next));
}

void QuerySession::Continue() {
  node_->backend()->NoteUsed(tx_);
  const int64_t query = fetching_.query;
  slice_begun_micros_ = node_->NowMicros();
  if (!TakeRows(results_.at(query).pace.units())) return;
  Open& open = results_.at(query);
  open.pace.Note(node_->NowMicros() - slice_begun_micros_);
  GoOn(open, &QuerySession::Continue);
}

bool QuerySession::TakeRows(int64_t units) {
  ResultStream& rows = *results_.at(fetching_.query).rows;
  while (units > 0) {
    const absl::StatusOr<ResultStream::Step> step = rows.Find(&units);
    if (!step.ok()) {
      Fail(step.status());
      return false;
    }
    if (*step == ResultStream::Step::kEnd) {
      EndResult();
      return false;
    }
    if (*step == ResultStream::Step::kPause) return true;
    if (*step == ResultStream::Step::kWait) {
      results_.at(fetching_.query).pace.NoteShort(node_->NowMicros() - slice_begun_micros_);
      node_->backend()->NoteWaits(tx_);
      return false;
    }
    if (fetching_.left == 0) {
      request_ = Request::kNone;
      results_.at(fetching_.query).streamed_micros += node_->NowMicros() - fetching_.since_micros;
      answers_->OnPaused();
      return false;
    }
    if (!TakeRow(&rows, &units)) return false;
  }
  return true;
}

bool QuerySession::TakeRow(ResultStream* rows, int64_t* units) {
  --*units;
  if (!fetching_.wanted) {
    rows->Skip();
    if (fetching_.left > 0) --fetching_.left;
    return true;
  }
  repeatable_.reset();
  if (row_ == nullptr) row_ = answers_->BeginRow();
  const ResultStream::Written written = rows->Write(row_, units);
  if (written == ResultStream::Written::kPart) answers_->PauseRow();
  if (written == ResultStream::Written::kTooLarge) Fail(RowTooLarge());
  if (written != ResultStream::Written::kRow) return written == ResultStream::Written::kPart;
  if (fetching_.left > 0) --fetching_.left;
  row_ = nullptr;
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
  const bool is_command = rows.statement().command.has_value();
  summary_.counters = is_command ? it->second.of_schema : rows.counters();
  summary_.plan = rows.Plan();
  summary_.profiled = rows.statement().mode == StatementMode::kProfile;
  summary_.notifications = Wanted(rows.statement().notifications, options_.notifications);
  summary_.streamed_ms =
      (it->second.streamed_micros + node_->NowMicros() - fetching_.since_micros) / kMicrosPerMs;
  node_->Drop(std::move(it->second.rows));
  results_.erase(it);
  if (state_ == State::kStreaming) return SendCommit();
  request_ = Request::kNone;
  answers_->OnEnd(summary_);
}

void QuerySession::Commit() {
  if (Refuse()) return;
  CHECK(state_ == State::kInTransaction) << "no transaction is open";
  request_ = Request::kCommit;
  FinishResults(/*keeps_rows=*/false, [this] { SendCommit(); });
}

void QuerySession::SendCommit() {
  DropResults();
  state_ = State::kCommitting;
  const TxId tx = std::exchange(tx_, TxId());
  node_->backend()->Commit(
      tx, [weak = std::weak_ptr<QuerySession*>(self_)](const absl::StatusOr<Bookmark>& bookmark) {
        if (const auto self = weak.lock()) (*self)->OnCommitted(bookmark);
      });
}

void QuerySession::OnCommitted(const absl::StatusOr<Bookmark>& bookmark) {
  if (bookmark.ok()) return ChangeSchema(*bookmark);
  const std::weak_ptr<QuerySession*> self = self_;
  const bool resets = std::exchange(reset_waits_, false);
  if (resets) repeatable_.reset();
  state_ = State::kIdle;
  Fail(CommitFailure(bookmark.status()));
  if (resets && !self.expired()) FinishReset();
}

void QuerySession::ChangeSchema(const Bookmark& bookmark) {
  if (schema_commands_.empty()) return EndCommit(bookmark);
  RunSchemaCommands(
      node_->backend(), std::exchange(schema_commands_, {}),
      [bookmark, weak = std::weak_ptr<QuerySession*>(self_)](const absl::Status& status) {
        const auto self = weak.lock();
        if (self == nullptr) return;
        status.ok() ? (*self)->EndCommit(bookmark) : (*self)->OnCommitted(status);
      });
}

void QuerySession::EndCommit(const Bookmark& bookmark) {
  const std::weak_ptr<QuerySession*> self = self_;
  const Request request = std::exchange(request_, Request::kNone);
  const bool resets = std::exchange(reset_waits_, false);
  Rest(State::kIdle);
  if (request == Request::kCommit) {
    answers_->OnCommitted(bookmark);
  } else {
    summary_.bookmark = bookmark;
    answers_->OnEnd(summary_);
  }
  if (resets && !self.expired()) FinishReset();
}

void QuerySession::Rollback() {
  if (Refuse()) return;
  CHECK(state_ == State::kInTransaction) << "no transaction is open";
  DropTransaction();
  Rest(State::kIdle);
  answers_->OnDone();
}

// The coordinator has ended the transaction by itself.
void QuerySession::OnAborted(const absl::Status& reason) {
  tx_ = TxId();
  if (request_ != Request::kNone) return Fail(reason);
  DropTransaction();
  Rest(State::kFailed);
  failure_ = FailureOf(reason);
}

void QuerySession::Fail(const absl::Status& status) {
  DropTransaction();
  if (MayRepeat(status)) return RepeatLater();
  Rest(State::kFailed);
  failure_ = FailureOf(status);
  request_ = Request::kNone;
  answers_->OnFailure(failure_);
}

bool QuerySession::MayRepeat(const absl::Status& status) const {
  return repeatable_.has_value() && status.code() == absl::StatusCode::kAborted &&
         repeatable_->count < kMaxRepeats &&
         node_->NowMicros() - repeatable_->since_micros < kMaxRepeatMicros;
}

void QuerySession::RepeatLater() {
  state_ = State::kStreaming;
  // Writers that meet again and again are drawn apart.
  const int64_t most = kMicrosPerMs << std::min(repeatable_->count++, 8);
  const int64_t delay = static_cast<int64_t>(node_->RandomBits() % static_cast<uint64_t>(most));
  node_->executor()->RunAfter(delay, InTurn([this] {
                                statement_ = repeatable_->statement;
                                OpenTransaction(options_);
                              }));
}

void QuerySession::DropResults() {
  for (auto& [number, open] : results_) node_->Drop(std::move(open.rows));
  results_.clear();
}

void QuerySession::DropTransaction() {
  turn_ = std::make_shared<bool>(true);
  is_held_ = false;
  when_finished_ = nullptr;
  if (std::exchange(row_, nullptr) != nullptr) answers_->DropRow();
  DropResults();
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
  Rest(State::kIdle);
  if (interrupts) answers_->OnFailure(InterruptedFailure());
  FinishReset();
}

void QuerySession::FinishReset() {
  Rest(State::kIdle);
  failure_ = Failure();
  answers_->OnDone();
}

// Nothing is kept of the last transaction.
void QuerySession::Rest(State state) {
  state_ = state;
  statement_ = {};
  options_ = {};
  repeatable_.reset();
}

}  // namespace tidemark::session
