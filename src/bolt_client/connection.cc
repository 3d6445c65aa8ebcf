// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/connection.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt/pack_writer.h"
#include "bolt/value_writer.h"
#include "bolt_client/failure.h"

namespace tidemark::bolt_client {
namespace {

using bolt::PackWriter;
using bolt::RequestKind;

constexpr uint8_t kSuccess = 0x70;
constexpr uint8_t kRecord = 0x71;
constexpr uint8_t kIgnored = 0x7e;
constexpr uint8_t kFailure = 0x7f;

constexpr size_t kMaxMessageBytes = size_t{1} << 30;
constexpr size_t kReadBytes = 64 << 10;
// A server that does not answer a RESET for so long is given up.
constexpr int64_t kResetLimitMs = 10'000;
constexpr int64_t kGoodbyeLimitMs = 200;

// Answers that follow a failure of an earlier request.
absl::Status IgnoredStatus() { return absl::FailedPreconditionError("the request was ignored"); }

absl::Status NoTransaction() { return absl::FailedPreconditionError("no transaction is open"); }

bool IsOfServer(const absl::Status& status) { return !ServerCode(status).empty(); }

}  // namespace

Connection::Connection(const ConnectionOptions& options)
    : options_(options), buffer_(std::make_unique_for_overwrite<char[]>(kReadBytes)) {}

absl::StatusOr<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options) {
  std::unique_ptr<Connection> connection(new Connection(options));
  RETURN_IF_ERROR(connection->Start());
  return connection;
}

absl::Status Connection::Start() {
  const Patience patience{.deadline_ms = MonotonicMillis() + options_.connect_timeout_ms,
                          .interrupt = options_.interrupt};
  ASSIGN_OR_RETURN(socket_, Socket::Connect(options_.address, options_.ca_file, patience));
  absl::Status status = ShakeHands(patience);
  if (status.ok()) status = LogIn(patience);
  if (status.ok() || IsOfServer(status)) return status;
  return Annotate(status, absl::StrCat("no login at ", options_.address.ToString()));
}

Connection::~Connection() {
  if (broken_ || socket_ == nullptr || version_ == bolt::Version{}) return;
  Append(RequestKind::kGoodbye, 0);
  FinishRequest();
  socket_->Write(unsent_, {.deadline_ms = MonotonicMillis() + kGoodbyeLimitMs}).IgnoreError();
}

absl::Status Connection::LogIn(const Patience& patience) {
  chunks_.set_message_limit(kMaxMessageBytes);
  forms_ = {.element_ids = version_.has_element_ids(), .utc = version_.has_element_ids()};
  PackWriter pack(&unsent_);
  const auto credentials = [this, &pack] {
    pack.Entry("scheme", options_.user.empty() ? "none" : "basic");
    if (options_.user.empty()) return;
    pack.Entry("principal", options_.user);
    pack.Entry("credentials", options_.password);
  };
  const size_t credential_count = options_.user.empty() ? 1 : 3;
  Append(RequestKind::kHello, 1);
  if (version_.has_logon()) {
    const bool has_agent = version_ >= bolt::Version{5, 3};
    pack.Map(has_agent ? 2 : 1);
    pack.Entry("user_agent", options_.user_agent);
    if (has_agent) {
      pack.String("bolt_agent");
      pack.Map(1);
      pack.Entry("product", options_.user_agent);
    }
    FinishRequest();
    Append(RequestKind::kLogon, 1);
    pack.Map(credential_count);
    credentials();
  } else {
    pack.Map(credential_count + 2);
    pack.Entry("user_agent", options_.user_agent);
    pack.String("patch_bolt");
    pack.List(1);
    pack.String("utc");
    credentials();
  }
  FinishRequest();
  RETURN_IF_ERROR(Send());
  ASSIGN_OR_RETURN(const Value hello, ReadAnswer(patience, nullptr));
  server_ = hello.Get("server").text();
  if (!hello.Get("patch_bolt").items.empty()) forms_.utc = true;
  return version_.has_logon() ? ReadAnswer(patience, nullptr).status() : absl::OkStatus();
}

Patience Connection::StatementPatience() const { return {.interrupt = options_.interrupt}; }

void Connection::Append(RequestKind kind, size_t field_count) {
  request_start_ = unsent_.size();
  unsent_.append(bolt::kChunkHeaderBytes, '\0');
  PackWriter(&unsent_).Structure(static_cast<uint8_t>(kind), field_count);
}

void Connection::FinishRequest() {
  bolt::FinishMessage(request_start_, &unsent_);
  ++unanswered_;
}

void Connection::AppendTransactionOptions(bool always, const BeginOptions& options) {
  PackWriter pack(&unsent_);
  const bool names_database = !options_.database.empty() && (always || !in_transaction_);
  pack.Map((names_database ? 1 : 0) + (options.read_only ? 1 : 0) +
           (options.bookmarks.empty() ? 0 : 1));
  if (names_database) pack.Entry("db", options_.database);
  if (options.read_only) pack.Entry("mode", "r");
  if (options.bookmarks.empty()) return;
  pack.String("bookmarks");
  pack.List(options.bookmarks.size());
  for (const std::string& bookmark : options.bookmarks) pack.String(bookmark);
}

void Connection::AppendRun(std::string_view text, const graph::Value& parameters) {
  Append(RequestKind::kRun, 3);
  PackWriter pack(&unsent_);
  pack.String(text);
  if (parameters.is_null()) {
    pack.Map(0);
  } else {
    bolt::ValueWriter values(&unsent_, forms_);
    graph::WriteValue(parameters, &values);
  }
  AppendTransactionOptions(false, {});
  FinishRequest();
}

void Connection::AppendPull(RequestKind kind, int64_t count) {
  Append(kind, 1);
  PackWriter pack(&unsent_);
  pack.Map(1);
  pack.Entry("n", count);
  FinishRequest();
}

// What has begun to be sent is sent to its end: half a message would leave nothing to go on with.
absl::Status Connection::Send() {
  if (broken_) return absl::UnavailableError("the connection is broken; open a new one");
  const std::string bytes = std::exchange(unsent_, {});
  const absl::Status status = socket_->Write(bytes, {});
  if (!status.ok()) broken_ = true;
  return status;
}

absl::StatusOr<Message> Connection::ReadMessage(const Patience& patience) {
  while (true) {
    bolt::MessageBytes message;
    ASSIGN_OR_RETURN(const bool complete, chunks_.Next(&received_, &message));
    if (complete && message.parts.empty()) return DecodeMessage(message.whole, forms_);
    if (complete) return DecodeMessage(Join(std::move(message)), forms_);
    const absl::StatusOr<size_t> count = socket_->Read(buffer_.get(), kReadBytes, patience);
    if (!count.ok()) return count.status();
    received_ = std::string_view(buffer_.get(), *count);
  }
}

absl::StatusOr<Value> Connection::ReadAnswer(const Patience& patience, const OnRow* on_row) {
  while (true) {
    absl::StatusOr<Message> message = ReadMessage(patience);
    if (!message.ok()) {
      broken_ = broken_ || !absl::IsCancelled(message.status());
      return message.status();
    }
    if (message->tag == kRecord) {
      if (on_row != nullptr) (*on_row)(std::move(message->field.items));
      continue;
    }
    --unanswered_;
    if (message->tag == kSuccess) return std::move(message->field);
    if (message->tag == kFailure) return StatusOfFailure(message->field);
    if (message->tag == kIgnored) return IgnoredStatus();
    broken_ = true;
    return absl::DataLossError(absl::StrCat("the server sent the message 0x",
                                            absl::Hex(message->tag), ", which no server sends"));
  }
}

// A failed server takes nothing but RESET.
absl::Status Connection::AfterFailure(const absl::Status& status) {
  if (broken_ || absl::IsCancelled(status)) return status;
  const absl::Status reset = Reset();
  return reset.ok() || IsOfServer(status) ? status : reset;
}

absl::StatusOr<Value> Connection::ReadAnswerAndReset(const OnRow* on_row) {
  absl::StatusOr<Value> answer = ReadAnswer(StatementPatience(), on_row);
  if (!answer.ok()) return AfterFailure(answer.status());
  return answer;
}

absl::StatusOr<Summary> Connection::ReadSummary(const OnRow* on_row) {
  ASSIGN_OR_RETURN(Value metadata, ReadAnswerAndReset(on_row));
  const Value& more = metadata.Get("has_more");
  Summary summary;
  summary.has_more = more.scalar.type() == graph::ValueType::kBoolean && more.scalar.boolean();
  summary.type = metadata.Get("type").text();
  summary.bookmark = metadata.Get("bookmark").text();
  summary.first_ms = first_ms_;
  summary.last_ms = metadata.Get("t_last").integer_or(0);
  summary.metadata = std::move(metadata);
  return summary;
}

absl::Status Connection::ReadBegun() {
  if (!std::exchange(begin_unanswered_, false)) return absl::OkStatus();
  return ReadAnswerAndReset(nullptr).status();
}

absl::StatusOr<std::vector<std::string>> Connection::Run(std::string_view text,
                                                         const graph::Value& parameters) {
  AppendRun(text, parameters);
  RETURN_IF_ERROR(Send());
  RETURN_IF_ERROR(ReadBegun());
  ASSIGN_OR_RETURN(const Value metadata, ReadAnswerAndReset(nullptr));
  first_ms_ = metadata.Get("t_first").integer_or(0);
  std::vector<std::string> columns;
  for (const Value& field : metadata.Get("fields").items) columns.emplace_back(field.text());
  return columns;
}

absl::StatusOr<Summary> Connection::Pull(int64_t count, const OnRow& on_row) {
  AppendPull(RequestKind::kPull, count);
  RETURN_IF_ERROR(Send());
  return ReadSummary(&on_row);
}

absl::StatusOr<Summary> Connection::Discard(int64_t count) {
  AppendPull(RequestKind::kDiscard, count);
  RETURN_IF_ERROR(Send());
  return ReadSummary(nullptr);
}

absl::StatusOr<Result> Connection::Query(std::string_view text, const graph::Value& parameters) {
  AppendRun(text, parameters);
  AppendPull(RequestKind::kPull, kAllRows);
  RETURN_IF_ERROR(Send());
  RETURN_IF_ERROR(ReadBegun());
  ASSIGN_OR_RETURN(const Value metadata, ReadAnswerAndReset(nullptr));
  first_ms_ = metadata.Get("t_first").integer_or(0);
  Result result;
  for (const Value& field : metadata.Get("fields").items) result.columns.emplace_back(field.text());
  const OnRow keep = [&result](Row row) { result.rows.push_back(std::move(row)); };
  ASSIGN_OR_RETURN(result.summary, ReadSummary(&keep));
  return result;
}

void Connection::BeginWithNext(const BeginOptions& options) {
  Append(RequestKind::kBegin, 1);
  AppendTransactionOptions(true, options);
  FinishRequest();
  begin_unanswered_ = true;
  in_transaction_ = true;
}

absl::Status Connection::Begin(const BeginOptions& options) {
  BeginWithNext(options);
  RETURN_IF_ERROR(Send());
  return ReadBegun();
}

absl::StatusOr<std::string> Connection::Commit() {
  if (!in_transaction_) return NoTransaction();
  Append(RequestKind::kCommit, 0);
  FinishRequest();
  RETURN_IF_ERROR(Send());
  RETURN_IF_ERROR(ReadBegun());
  ASSIGN_OR_RETURN(const Value metadata, ReadAnswerAndReset(nullptr));
  in_transaction_ = false;
  return std::string(metadata.Get("bookmark").text());
}

absl::Status Connection::Rollback() {
  if (!in_transaction_) return NoTransaction();
  Append(RequestKind::kRollback, 0);
  FinishRequest();
  RETURN_IF_ERROR(Send());
  RETURN_IF_ERROR(ReadBegun());
  RETURN_IF_ERROR(ReadAnswerAndReset(nullptr).status());
  in_transaction_ = false;
  return absl::OkStatus();
}

// Reads what is still to be answered, and then the answer to RESET itself.
absl::Status Connection::Reset() {
  Append(RequestKind::kReset, 0);
  FinishRequest();
  RETURN_IF_ERROR(Send());
  const Patience patience{.deadline_ms = MonotonicMillis() + kResetLimitMs};
  begin_unanswered_ = false;
  in_transaction_ = false;
  absl::Status status;
  while (unanswered_ > 0) {
    status = ReadAnswer(patience, nullptr).status();
    if (broken_) return status;
  }
  if (!status.ok()) broken_ = true;
  return status;
}

}  // namespace tidemark::bolt_client
