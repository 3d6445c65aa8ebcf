// SPDX-License-Identifier: Apache-2.0
#include "drill/drill_client.h"

#include <utility>

#include "base/status.h"
#include "base/time_units.h"
#include "bolt/bookmark_text.h"
#include "bolt_client/address.h"
#include "bolt_client/failure.h"

namespace tidemark::drill {
namespace {

// The answers of workloads have no elements of the graph in them.
graph::Value ToValue(const bolt_client::Value& value) {
  if (value.kind == bolt_client::Kind::kList) {
    std::vector<graph::Value> items;
    for (const bolt_client::Value& item : value.items) items.push_back(ToValue(item));
    return graph::Value::List(std::move(items));
  }
  if (value.kind == bolt_client::Kind::kMap) {
    std::vector<graph::MapEntry> entries;
    for (const auto& [key, entry] : value.entries) entries.emplace_back(key, ToValue(entry));
    return graph::Value::Map(std::move(entries));
  }
  return value.scalar;
}

}  // namespace

// While it lives, others may use the workloads.
class DrillClient::Released {
 public:
  Released(DrillClient* client, std::string waits_for) : client_(client) {
    client_->waits_for_ = std::move(waits_for);
    client_->waits_since_micros_ = client_->clock_->NowMicros();
    client_->lock_->unlock();
  }
  ~Released() {
    client_->lock_->lock();
    client_->waits_for_.clear();
  }
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;

 private:
  DrillClient* const client_;
};

DrillClient::DrillClient(std::string bolt_address, std::string label_suffix, env::Clock* clock,
                         std::unique_lock<std::mutex>* lock)
    : bolt_address_(std::move(bolt_address)),
      label_suffix_(std::move(label_suffix)),
      clock_(clock),
      lock_(lock) {}

int64_t DrillClient::WaitedMs() const {
  if (waits_for_.empty()) return 0;
  return (clock_->NowMicros() - waits_since_micros_) / kMicrosPerMs;
}

absl::Status DrillClient::Connect() {
  if (connection_ != nullptr && !connection_->is_broken()) return absl::OkStatus();
  connection_.reset();
  bolt_client::ConnectionOptions options;
  ASSIGN_OR_RETURN(options.address, bolt_client::ParseAddress("bolt://" + bolt_address_));
  ASSIGN_OR_RETURN(connection_, bolt_client::Connection::Open(options));
  return absl::OkStatus();
}

absl::Status DrillClient::StatusOf(const absl::Status& status) {
  if (status.ok()) return status;
  const std::string code = bolt_client::ServerCode(status);
  if (!code.empty()) return check::StatusOfCode(code, MessageOf(status));
  return absl::UnavailableError(MessageOf(status));
}

void DrillClient::Begin(bool read_only, std::optional<check::CommitPlace> after,
                        StatusCallback done) {
  absl::Status status;
  {
    const Released released(this, "BEGIN");
    bolt_client::BeginOptions options;
    options.read_only = read_only;
    if (after.has_value()) options.bookmarks = {bolt::BookmarkText({after->epoch, after->csn})};
    status = Connect();
    if (status.ok()) status = connection_->Begin(options);
  }
  done(StatusOf(status));
}

absl::StatusOr<check::OperationResult> DrillClient::RunOne(
    const check::Operation& operation, const check::CypherStatement& statement) {
  check::OperationResult result;
  absl::StatusOr<bolt_client::Result> answer =
      connection_->Query(statement.text, statement.parameters);
  if (!answer.ok()) return StatusOf(answer.status());
  for (const bolt_client::Row& row : answer->rows) {
    std::vector<graph::Value> values;
    for (const bolt_client::Value& value : row) values.push_back(ToValue(value));
    RETURN_IF_ERROR(check::TakeRow(operation, values, &result));
  }
  if (check::NeedsRow(operation.kind) && answer->rows.empty()) {
    connection_->Rollback().IgnoreError();
    return absl::NotFoundError("the element of the operation does not exist");
  }
  return result;
}

void DrillClient::Run(std::vector<check::Operation> operations, ResultsCallback done) {
  std::vector<check::OperationResult> results;
  absl::Status status;
  for (const check::Operation& operation : operations) {
    const check::CypherStatement statement =
        check::StatementOf(operation, operation.name + label_suffix_);
    const Released released(this, statement.text);
    absl::StatusOr<check::OperationResult> result = RunOne(operation, statement);
    status = result.status();
    if (!status.ok()) break;
    results.push_back(*std::move(result));
  }
  if (!status.ok()) return done(status);
  done(std::move(results));
}

void DrillClient::Commit(CommitCallback done) {
  absl::StatusOr<std::string> bookmark;
  {
    const Released released(this, "COMMIT");
    bookmark = connection_->Commit();
  }
  if (!bookmark.ok()) {
    const absl::Status status = StatusOf(bookmark.status());
    // Nobody knows what became of a commit whose answer did not come.
    if (!absl::IsUnavailable(status) || !bolt_client::ServerCode(bookmark.status()).empty()) {
      return done(status);
    }
    return done(absl::UnknownError(MessageOf(status)));
  }
  const auto place = bolt::ParseBookmark(*bookmark);
  if (!place.has_value()) return done(absl::InternalError("no bookmark: " + *bookmark));
  done(check::CommitPlace{place->epoch, place->csn});
}

void DrillClient::Rollback(StatusCallback done) {
  absl::Status status;
  {
    const Released released(this, "ROLLBACK");
    status = connection_->Rollback();
  }
  done(StatusOf(status));
}

void DrillClient::CreateUnique(const std::string& label, const std::string& key,
                               StatusCallback done) {
  absl::Status status;
  {
    const check::CypherStatement statement =
        check::UniqueConstraintStatement(label + label_suffix_, key);
    const Released released(this, statement.text);
    status = Connect();
    if (status.ok()) status = connection_->Query(statement.text, statement.parameters).status();
  }
  done(StatusOf(status));
}

}  // namespace tidemark::drill
