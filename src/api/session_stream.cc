// SPDX-License-Identifier: Apache-2.0
#include "api/session_stream.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "api/convert.h"
#include "base/check.h"
#include "base/status.h"
#include "rpc/error_message.h"
#include "rpc/limits.h"

namespace tidemark::api {
namespace {

// What one part of an answer takes, about: rows, where a result counts as one more.
#ifdef TIDEMARK_TINY_LIMITS
constexpr size_t kMaxPartUnits = 4;
#else
constexpr size_t kMaxPartUnits = 512;
#endif
// So many bytes of packed properties take about as long as one row more.
constexpr size_t kBytesPerUnit = 4;

size_t UnitsOf(const session::OperationResult& result) {
  size_t bytes = 0;
  for (const exec::VertexRow& row : result.vertices) bytes += row.properties.size();
  for (const exec::EdgeRow& row : result.edges) bytes += row.properties.size();
  return 1 + result.vertices.size() + result.edges.size() + result.neighbours.size() +
         bytes / kBytesPerUnit;
}

}  // namespace

SessionStream::SessionStream(env::Executor* executor, ClientService* service)
    : executor_(executor), service_(service) {
  StartRead(&request_);
}

void SessionStream::OnReadDone(bool ok) {
  if (!ok) return Close();
  if (request_.trace()) read_micros_ = service_->NowMicros();
  if (request_.has_run()) operations_ = OperationsFromMessage(request_.run());
  executor_->Post([this] { Handle(); });
}

void SessionStream::OnWriteDone(bool ok) {
  if (!ok) return Close();
  const bool more = response_->run().more();
  arena_.Reset();
  response_ = google::protobuf::Arena::CreateMessage<Response>(&arena_);
  if (more) return executor_->Post([this] { AnswerPart(); });
  outcome_ = session::RunOutcome();
  request_.Clear();
  StartRead(&request_);
}

// The stream has ended: the session goes (and rolls back), on its loop.
void SessionStream::Close() {
  executor_->Post([this] {
    session_ = nullptr;
    left_by_loop_.store(true, std::memory_order_release);
    Finish(grpc::Status::OK);
  });
}

void SessionStream::OnDone() {
  CHECK(left_by_loop_.load(std::memory_order_acquire)) << "a stream has ended before its loop left";
  delete this;
}

void SessionStream::Handle() {
  if (session_ == nullptr) session_ = service_->NewSession();
  if (request_.trace()) session_->TraceNext(read_micros_);
  switch (request_.body_case()) {
    case Request::kBegin:
      return HandleBegin(request_.begin());
    case Request::kRun:
      return HandleRun();
    case Request::kCommit:
      return HandleCommit();
    case Request::kRollback:
      return HandleRollback();
    case Request::BODY_NOT_SET:
      return AnswerError(absl::InvalidArgumentError("a request has no body"));
  }
}

void SessionStream::HandleBegin(const Begin& begin) {
  session::BeginOptions options;
  options.read_only = begin.read_only();
  options.timeout_ms = begin.timeout_ms();
  if (begin.has_bookmark()) {
    options.bookmark =
        session::Bookmark{Epoch(begin.bookmark().epoch()), Csn(begin.bookmark().csn())};
  }
  session_->WhenReadable(options, [this, options] { AnswerBegin(options); });
}

void SessionStream::AnswerBegin(const session::BeginOptions& options) {
  const absl::StatusOr<session::BegunTransaction> begun = session_->Begin(options);
  if (!begun.ok()) {
    AnswerError(begun.status());
    return;
  }
  response_->mutable_begun()->set_tx_id(begun->tx.value());
  response_->mutable_begun()->mutable_snapshot()->set_epoch(begun->snapshot.epoch.value());
  response_->mutable_begun()->mutable_snapshot()->set_csn(begun->snapshot.csn.value());
  Answer();
}

void SessionStream::HandleRun() {
  // A malformed batch still ends an open transaction, as any error does.
  if (!operations_.ok()) {
    if (session_->in_transaction()) session_->Fail(operations_.status());
    return AnswerError(operations_.status());
  }
  session_->Run(std::move(*operations_), [this](absl::StatusOr<session::RunOutcome> outcome) {
    if (!outcome.ok()) return AnswerError(outcome.status());
    outcome_ = *std::move(outcome);
    next_result_ = 0;
    AnswerPart();
  });
}

void SessionStream::AnswerPart() {
  RunResult* run = response_->mutable_run();
  size_t left = kMaxPartUnits;
  for (; next_result_ < outcome_.results.size() && left > 0; ++next_result_) {
    session::OperationResult& result = outcome_.results[next_result_];
    ResultToMessage(result, service_->names(), run->add_results());
    left -= std::min(left, UnitsOf(result));
    result = session::OperationResult();
  }
  run->set_more(next_result_ < outcome_.results.size());
  if (!run->more() && outcome_.bookmark.has_value()) {
    run->mutable_bookmark()->set_epoch(outcome_.bookmark->epoch.value());
    run->mutable_bookmark()->set_csn(outcome_.bookmark->csn.value());
  }
  const size_t bytes = response_->ByteSizeLong();
  if (bytes > rpc::kMaxMessageBytes) return RefusePart(bytes);
  Answer();
}

void SessionStream::RefusePart(size_t bytes) {
  response_->clear_run();
  const std::string too_large =
      absl::StrCat("results of a batch have ", bytes, " bytes as a message; at most ",
                   rpc::kMaxMessageBytes, " are allowed, ask for less at a time");
  if (outcome_.bookmark.has_value()) {
    return AnswerError(absl::UnknownError("the batch is committed, but " + too_large));
  }
  const absl::Status status = absl::ResourceExhaustedError(too_large);
  if (session_->in_transaction()) session_->Fail(status);
  AnswerError(status);
}

void SessionStream::HandleCommit() {
  session_->Commit([this](absl::StatusOr<session::Bookmark> bookmark) {
    if (!bookmark.ok()) return AnswerError(bookmark.status());
    Bookmark* message = response_->mutable_committed()->mutable_bookmark();
    message->set_epoch(bookmark->epoch.value());
    message->set_csn(bookmark->csn.value());
    Answer();
  });
}

void SessionStream::HandleRollback() {
  const absl::Status status = session_->Rollback();
  if (!status.ok()) return AnswerError(status);
  response_->mutable_rolled_back();
  Answer();
}

void SessionStream::AnswerError(const absl::Status& status) {
  rpc::ToMessage(status, response_->mutable_error());
  // A bookmark is the only precondition that Begin knows.
  if (request_.has_begin() && status.code() == absl::StatusCode::kFailedPrecondition) {
    response_->mutable_error()->set_code(DEAD_BOOKMARK);
  }
  Answer();
}

void SessionStream::Answer() {
  response_->set_id(request_.id());
  if (request_.trace() && !response_->run().more()) {
    TraceToMessage(session_->TakeTrace(), response_->mutable_trace());
  }
  StartWrite(response_);
}

}  // namespace tidemark::api
