// SPDX-License-Identifier: Apache-2.0
#include "bolt/dialog.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "bolt/bookmark_text.h"
#include "bolt/failures.h"
#include "bolt/routing.h"
#include "bolt/summary.h"

namespace tidemark::bolt {
namespace {

using graph::Value;
using graph::ValueType;

bool AsksForUtc(const Value& hello) {
  const Value& patches = hello.Get("patch_bolt");
  if (patches.type() != ValueType::kList) return false;
  for (const Value& patch : patches.list()) {
    if (patch.type() == ValueType::kString && patch.string() == "utc") return true;
  }
  return false;
}

}  // namespace

std::string_view NameOf(State state) {
  switch (state) {
    case State::kNegotiation:
      return "NEGOTIATION";
    case State::kAuthentication:
      return "AUTHENTICATION";
    case State::kReady:
      return "READY";
    case State::kStreaming:
      return "STREAMING";
    case State::kTxReady:
      return "TX_READY";
    case State::kTxStreaming:
      return "TX_STREAMING";
    case State::kFailed:
      return "FAILED";
    case State::kInterrupted:
      return "INTERRUPTED";
    case State::kDefunct:
      return "DEFUNCT";
  }
  return "?";
}

Dialog::Dialog(DialogContext context, Replies* replies, Listener* listener)
    : context_(std::move(context)), replies_(replies), listener_(listener) {}

Dialog::~Dialog() = default;

void Dialog::SetVersion(Version version) {
  version_ = version;
  forms_ = {.element_ids = version.has_element_ids(), .utc = version.has_element_ids()};
  replies_->SetVersion(version_, forms_);
}

State Dialog::state() const {
  return interrupts_ > 0 && state_ != State::kDefunct ? State::kInterrupted : state_;
}

bool Dialog::IsAllowed(RequestKind kind) const {
  switch (kind) {
    case RequestKind::kGoodbye:
      return true;
    case RequestKind::kHello:
      return state_ == State::kNegotiation;
    case RequestKind::kLogon:
      return state_ == State::kAuthentication;
    case RequestKind::kReset:
      return session_ != nullptr;
    case RequestKind::kRun:
      return state_ == State::kReady || in_transaction();
    case RequestKind::kPull:
    case RequestKind::kDiscard:
      return state_ == State::kStreaming || state_ == State::kTxStreaming;
    case RequestKind::kCommit:
    case RequestKind::kRollback:
      return in_transaction();
    case RequestKind::kBegin:
    case RequestKind::kRoute:
    case RequestKind::kTelemetry:
    case RequestKind::kLogoff:
      return state_ == State::kReady;
  }
  return false;
}

void Dialog::Handle(const Request& request) {
  DCHECK(is_idle());
  const bool ignores = interrupts_ > 0 || state_ == State::kFailed;
  if (ignores && request.kind != RequestKind::kReset && request.kind != RequestKind::kGoodbye) {
    replies_->Ignored();
    return;
  }
  if (!IsAllowed(request.kind)) {
    Break(absl::FailedPreconditionError(absl::StrCat(ToAbsl(NameOf(request.kind)),
                                                     " cannot be handled in the state ",
                                                     ToAbsl(NameOf(state())))));
    return;
  }
  if (!request.status.ok()) {
    Fail(FailureOf(request.status));
    return;
  }
  answering_ = true;
  HandleAllowed(request);
  answering_ = false;
}

void Dialog::HandleAllowed(const Request& request) {
  switch (request.kind) {
    case RequestKind::kHello:
      return HandleHello(request);
    case RequestKind::kLogon:
      return HandleLogon(request.fields[0]);
    case RequestKind::kLogoff:
      return HandleLogoff();
    case RequestKind::kGoodbye:
      return End(absl::OkStatus());
    case RequestKind::kReset:
      return HandleReset(request);
    case RequestKind::kRun:
      return HandleRun(request);
    case RequestKind::kBegin:
      return HandleBegin(request);
    case RequestKind::kPull:
    case RequestKind::kDiscard:
      return HandleFetch(request);
    case RequestKind::kCommit:
      awaited_ = request.kind;
      return session_->Commit();
    case RequestKind::kRollback:
      awaited_ = request.kind;
      return session_->Rollback();
    case RequestKind::kRoute:
      return HandleRoute(request);
    case RequestKind::kTelemetry:
      return replies_->Success();
  }
}

void Dialog::HandleHello(const Request& request) {
  const Value& hello = request.fields[0];
  if (auto failure = ReadNotificationFilter(hello, version_, &notifications_)) {
    return Fail(*failure);
  }
  std::string user;
  if (!version_.has_logon()) {
    if (auto failure = context_.authenticator->Check(hello, &user)) return Fail(*failure);
  }
  const bool patches_utc = !forms_.utc && AsksForUtc(hello);
  replies_->Success([&](SmallMap* map) {
    map->Key("server").String(context_.agent);
    map->Key("connection_id").String(context_.connection_label);
    if (patches_utc) {
      PackWriter& patches = map->Key("patch_bolt");
      patches.List(1);
      patches.String("utc");
    }
    map->Key("hints");
    SmallMap hints(map->out());
    if (version_.has_telemetry()) hints.Key("telemetry.enabled").Boolean(false);
  });
  if (patches_utc) {
    forms_.utc = true;
    replies_->SetVersion(version_, forms_);
  }
  state_ = State::kAuthentication;
  if (!version_.has_logon()) LogIn(std::move(user));
}

void Dialog::HandleLogon(const Value& token) {
  std::string user;
  if (auto failure = context_.authenticator->Check(token, &user)) return Fail(*failure);
  LogIn(std::move(user));
  replies_->Success();
}

void Dialog::LogIn(std::string user) {
  user_ = std::move(user);
  session_ = context_.front->NewSession(user_, this);
  state_ = State::kReady;
}

// The session may be within its last answer still, so it is kept a little longer.
void Dialog::HandleLogoff() {
  retired_ = std::move(session_);
  user_.clear();
  state_ = State::kAuthentication;
  replies_->Success();
}

void Dialog::HandleRun(const Request& request) {
  session::TransactionOptions options{.charge = request.charge, .notifications = notifications_};
  if (auto failure = ReadTransactionOptions(request.fields[2], option_context(), &options)) {
    return Fail(*failure);
  }
  awaited_ = request.kind;
  session_->Run(
      {.text = request.fields[0], .parameters = request.fields[1], .charge = request.charge},
      std::move(options));
}

void Dialog::HandleBegin(const Request& request) {
  session::TransactionOptions options{.charge = request.charge, .notifications = notifications_};
  if (auto failure = ReadTransactionOptions(request.fields[0], option_context(), &options)) {
    return Fail(*failure);
  }
  awaited_ = request.kind;
  session_->Begin(std::move(options));
}

void Dialog::HandleFetch(const Request& request) {
  FetchOptions options;
  if (auto failure = ReadFetchOptions(request.fields[0], &options)) return Fail(*failure);
  fetched_query_ =
      options.query == session::FrontSession::kLatestQuery ? latest_query_ : options.query;
  const auto found = queries_.find(fetched_query_);
  if (found == queries_.end()) {
    return Fail(InvalidRequest(absl::StrCat("No statement with the number ", fetched_query_,
                                            " has rows left in this transaction")));
  }
  fetched_ = &found->second;
  awaited_ = request.kind;
  if (request.kind == RequestKind::kPull) {
    session_->Pull(fetched_query_, options.count);
  } else {
    session_->Discard(fetched_query_, options.count);
  }
}

void Dialog::HandleRoute(const Request& request) {
  if (auto failure = CheckDatabase(request.fields[2].Get("db"), context_.front->database())) {
    return Fail(*failure);
  }
  replies_->Success([&](SmallMap* map) {
    map->Key("rt");
    WriteRoutingTable({.asked_address = request.fields[0].Get("address"),
                       .own_address = context_.address,
                       .database = context_.front->database()},
                      map->out());
  });
}

bool Dialog::Interrupt() {
  if (session_ == nullptr || state_ == State::kDefunct) return false;
  ++interrupts_;
  if (!awaited_.has_value() || reset_asked_) return true;
  reset_asked_ = true;
  session_->Reset();
  return true;
}

void Dialog::HandleReset(const Request& request) {
  if (request.interrupts) --interrupts_;
  if (interrupts_ > 0) return replies_->Success();  // the last one does the work
  if (reset_done_) return FinishReset();
  awaited_ = RequestKind::kReset;
  if (reset_asked_) return;
  reset_asked_ = true;
  session_->Reset();
}

void Dialog::FinishReset() {
  awaited_.reset();
  reset_asked_ = false;
  reset_done_ = false;
  queries_.clear();
  state_ = State::kReady;
  replies_->Success();
}

void Dialog::Fail(const session::Failure& failure) {
  replies_->Failure(failure);
  queries_.clear();
  if (session_ != nullptr) {
    state_ = State::kFailed;
  } else {
    End(absl::PermissionDeniedError(failure.message));
  }
}

void Dialog::Break(const absl::Status& reason) {
  replies_->DropRecord();
  replies_->Failure(InvalidRequest(MessageOf(reason)));
  End(reason);
}

void Dialog::End(absl::Status reason) {
  end_ = std::move(reason);
  state_ = State::kDefunct;
  awaited_.reset();
}

void Dialog::Resume() {
  if (session_ != nullptr) session_->Resume();
}

void Dialog::Answered() {
  awaited_.reset();
  fetched_ = nullptr;
  if (!answering_) listener_->OnAnswered();
}

void Dialog::OnDone() {
  if (state_ == State::kDefunct) return;
  if (awaited_ == RequestKind::kBegin) {
    state_ = State::kTxReady;
    replies_->Success();
  } else if (awaited_ == RequestKind::kRollback) {
    state_ = State::kReady;
    queries_.clear();
    replies_->Success();
  } else if (awaited_ == RequestKind::kReset) {
    FinishReset();
  } else {
    CHECK(reset_asked_) << "a session answered what was not asked";
    reset_done_ = true;
    return;
  }
  Answered();
}

void Dialog::OnCommitted(const session::Bookmark& bookmark) {
  if (state_ == State::kDefunct) return;
  CHECK(awaited_ == RequestKind::kCommit) << "a session answered what was not asked";
  state_ = State::kReady;
  queries_.clear();
  replies_->Success([&](SmallMap* map) { map->Key("bookmark").String(BookmarkText(bookmark)); });
  Answered();
}

void Dialog::OnRunning(const session::RunningQuery& running) {
  if (state_ == State::kDefunct) return;
  CHECK(awaited_ == RequestKind::kRun) << "a session answered what was not asked";
  const bool in_tx = in_transaction();
  latest_query_ = running.query;
  queries_[running.query] = {.column_count = running.columns.size()};
  replies_->Success([&](SmallMap* map) {
    map->Key("t_first").Integer(running.planned_ms);
    PackWriter& fields = map->Key("fields");
    fields.List(running.columns.size());
    for (const std::string& column : running.columns) fields.String(column);
    if (in_tx) map->Key("qid").Integer(running.query);
    if (version_.names_database()) map->Key("db").String(context_.front->database());
  });
  state_ = in_tx ? State::kTxStreaming : State::kStreaming;
  Answered();
}

graph::ValueSink* Dialog::BeginRow() {
  CHECK(fetched_ != nullptr) << "a session gave a row that was not asked for";
  fetched_->has_rows = true;
  return replies_->BeginRecord(fetched_->column_count);
}

bool Dialog::EndRow() {
  replies_->EndRecord();
  return listener_->OnRow();
}

void Dialog::PauseRow() { replies_->PauseRecord(); }

void Dialog::DropRow() { replies_->DropRecord(); }

void Dialog::OnPaused() {
  if (state_ == State::kDefunct) return;
  CHECK(fetched_ != nullptr) << "a session answered what was not asked";
  replies_->Success([](SmallMap* map) { map->Key("has_more").Boolean(true); });
  Answered();
}

void Dialog::OnEnd(const session::Summary& summary) {
  if (state_ == State::kDefunct) return;
  CHECK(fetched_ != nullptr) << "a session answered what was not asked";
  const SummaryContext context{.version = version_,
                               .database = context_.front->database(),
                               .has_columns = fetched_->column_count != 0,
                               .has_rows = fetched_->has_rows};
  replies_->Success([&](SmallMap* map) { WriteSummary(summary, context, map); });
  queries_.erase(fetched_query_);
  if (queries_.empty()) {
    state_ = state_ == State::kStreaming ? State::kReady : State::kTxReady;
  }
  Answered();
}

void Dialog::OnFailure(const session::Failure& failure) {
  if (state_ == State::kDefunct) return;
  if (interrupts_ > 0) {
    replies_->Ignored();
    queries_.clear();
  } else {
    Fail(failure);
  }
  Answered();
}

}  // namespace tidemark::bolt
