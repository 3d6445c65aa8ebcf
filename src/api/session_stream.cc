// SPDX-License-Identifier: Apache-2.0
#include "api/session_stream.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "api/convert.h"
#include "base/check.h"
#include "base/coding.h"
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
// A request of no more than this never waits for memory.
constexpr size_t kSmallRequestBytes = size_t{64} << 10;
// What a request takes while it is decoded, in its own bytes: as a message and as operations.
constexpr uint64_t kRequestCopyCount = 2;
constexpr int64_t kTakeLimitMicros = 30'000'000;
// So many bytes of packed properties take about as long as one row more.
constexpr size_t kBytesPerUnit = 4;

// The id of a request that is not decoded: its first field, or 0.
uint64_t IdOf(const grpc::ByteBuffer& request) {
  constexpr uint8_t kIdTag = Request::kIdFieldNumber << 3;
  std::vector<grpc::Slice> slices;
  if (!request.Dump(&slices).ok() || slices.empty()) return 0;
  ByteReader reader({reinterpret_cast<const char*>(slices[0].begin()), slices[0].size()});
  if (reader.Fixed8() != kIdTag) return 0;
  const uint64_t id = reader.Varint();
  return reader.ok() ? id : 0;
}

bool IsOneRow(const RunResult& run) {
  return run.results_size() == 1 &&
         run.results(0).vertices_size() + run.results(0).edges_size() == 1;
}

size_t UnitsOf(const session::OperationResult& result) {
  size_t bytes = 0;
  for (const session::VertexRow& row : result.vertices) bytes += row.properties.size();
  for (const session::EdgeRow& row : result.edges) bytes += row.properties.size();
  return 1 + result.vertices.size() + result.edges.size() + result.neighbours.size() +
         bytes / kBytesPerUnit;
}

}  // namespace

SessionStream::SessionStream(env::Executor* executor, ClientService* service,
                             grpc::CallbackServerContext* call)
    : executor_(executor), service_(service), call_(call) {
  StartRead(&read_buffer_);
}

void SessionStream::OnReadDone(bool ok) {
  if (!ok) return Close();
  const uint64_t cost = read_buffer_.Length() * kRequestCopyCount;
  session::MemoryBudget* const memory = service_->request_memory();
  if (read_buffer_.Length() <= kSmallRequestBytes) {
    memory->Take(cost);
  } else if (!memory->TryTake(cost)) {
    return executor_->Post([this] { WaitForMemory(); });
  }
  request_charge_ = session::MemoryCharge(memory, cost);
  Decode();
  executor_->Post([this] { Handle(); });
}

void SessionStream::Decode() {
  is_malformed_ = !grpc::SerializationTraits<Request>::Deserialize(&read_buffer_, &request_).ok();
  read_buffer_.Clear();
  body_ = request_.body_case();
  if (request_.trace()) read_micros_ = service_->NowMicros();
  if (is_malformed_ || !request_.has_run()) return;
  const auto count = static_cast<uint64_t>(request_.run().operations_size());
  service_->request_memory()->Take(count * sizeof(session::Operation));
  request_charge_.Add(count * sizeof(session::Operation));
  operations_ = OperationsFromMessage(request_.run());
  request_.clear_run();
}

void SessionStream::WaitForMemory() {
  if (cancelled_) return Leave(grpc::Status::CANCELLED);
  working_ = true;
  const uint64_t bytes = read_buffer_.Length();
  session::MemoryBudget* const memory = service_->request_memory();
  const uint64_t cost = bytes * kRequestCopyCount;
  const bool waits = memory->TakeLater(cost, alive_, [this, memory, cost] {
    request_charge_ = session::MemoryCharge(memory, cost);
    decoding_ = true;
    executor_->Submit(
        env::JobQueue::kConnect, [this] { Decode(); },
        [this] {
          decoding_ = false;
          Handle();
        });
  });
  if (!waits) RefuseForMemory();
}

// The operations are not looked at, only who asks.
void SessionStream::RefuseForMemory() {
  const size_t bytes = read_buffer_.Length();
  request_.Clear();
  request_.set_id(IdOf(read_buffer_));
  read_buffer_.Clear();
  body_ = Request::kRun;
  const session::MemoryBudget& memory = *service_->request_memory();
  const absl::Status status = absl::ResourceExhaustedError(
      absl::StrCat("a request of ", bytes, " bytes finds no room: those of all clients take ",
                   memory.used_bytes(), " bytes, at most ", memory.limit_bytes(),
                   " are allowed, and as much waits; send less at a time, or later"));
  if (session_ != nullptr) session_->Fail(status);
  AnswerError(status);
}

void SessionStream::OnWriteDone(bool ok) {
  written_count_.fetch_add(1, std::memory_order_relaxed);
  if (!ok) return Close();
  const bool more = response_->run().more();
  arena_.Reset();
  write_buffer_.Clear();
  response_ = google::protobuf::Arena::CreateMessage<Response>(&arena_);
  if (more) return executor_->Post([this] { AnswerPart(); });
  outcome_ = session::RunOutcome();
  request_charge_.Release();
  request_.Clear();
  StartRead(&read_buffer_);
}

void SessionStream::Close() {
  executor_->Post([this] { Leave(grpc::Status::OK); });
}

// A client that is gone while its request is carried out: nobody would notice before the answer.
// What is with gRPC comes back by itself.
void SessionStream::OnCancel() {
  executor_->Post([this, is_alive = is_alive_] {
    if (is_alive.expired()) return;
    cancelled_ = true;
    session_ = nullptr;
    if (working_ && !decoding_) Leave(grpc::Status::CANCELLED);
  });
}

void SessionStream::Leave(const grpc::Status& status) {
  CHECK(alive_ != nullptr) << "a stream is left twice";
  alive_ = nullptr;
  session_ = nullptr;
  left_by_loop_.store(true, std::memory_order_release);
  Finish(status);
}

void SessionStream::OnDone() {
  CHECK(left_by_loop_.load(std::memory_order_acquire)) << "a stream has ended before its loop left";
  delete this;
}

void SessionStream::Handle() {
  if (cancelled_) return Leave(grpc::Status::CANCELLED);
  if (is_malformed_) {
    return Leave({grpc::StatusCode::INVALID_ARGUMENT,
                  "the request is not a valid tidemark.api.Request (nested too deeply?)"});
  }
  working_ = true;
  if (session_ == nullptr) session_ = service_->NewSession();
  if (request_.trace()) session_->TraceNext(read_micros_);
  HandleBody();
}

void SessionStream::HandleBody() {
  CHECK(session_ != nullptr && working_);
  switch (body_) {
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
  if (cancelled_) return Leave(grpc::Status::CANCELLED);
  working_ = true;
  CHECK_LE(next_result_, outcome_.results.size());
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
  const size_t limit_bytes = IsOneRow(*run) ? rpc::kMaxRowMessageBytes : rpc::kMaxMessageBytes;
  if (bytes > limit_bytes) return RefusePart(bytes, limit_bytes);
  Answer();
}

void SessionStream::RefusePart(size_t bytes, size_t limit_bytes) {
  response_->clear_run();
  const std::string too_large =
      absl::StrCat("results of a batch have ", bytes, " bytes as a message; at most ", limit_bytes,
                   " are allowed, ask for less at a time");
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
  CHECK(!status.ok());
  rpc::ToMessage(status, response_->mutable_error());
  // A bookmark is the only precondition that Begin knows.
  if (body_ == Request::kBegin && status.code() == absl::StatusCode::kFailedPrecondition) {
    response_->mutable_error()->set_code(DEAD_BOOKMARK);
  }
  Answer();
}

void SessionStream::Answer() {
  CHECK(working_ && alive_ != nullptr) << "an answer to no request";
  response_->set_id(request_.id());
  if (request_.trace() && !response_->run().more()) {
    TraceToMessage(session_->TakeTrace(), response_->mutable_trace());
  }
  bool own_buffer = false;
  const grpc::Status encoded =
      grpc::SerializationTraits<Response>::Serialize(*response_, &write_buffer_, &own_buffer);
  CHECK(encoded.ok()) << encoded.error_message();
  working_ = false;
  ++write_count_;
  if (response_->run().more() || write_buffer_.Length() > kSmallRequestBytes) WatchWrite();
  StartWrite(&write_buffer_);
}

void SessionStream::WatchWrite() {
  if (std::exchange(watching_, true)) return;
  executor_->RunAfter(kTakeLimitMicros, [this, number = write_count_, is_alive = is_alive_] {
    if (is_alive.expired()) return;
    watching_ = false;
    const uint64_t written_count = written_count_.load(std::memory_order_relaxed);
    if (written_count >= number) {
      if (written_count < write_count_) WatchWrite();
      return;
    }
    LOG(WARNING) << "a client has not taken its answer for " << kTakeLimitMicros / 1'000'000
                 << " s; its session ends";
    call_->TryCancel();
  });
}

}  // namespace tidemark::api
