// SPDX-License-Identifier: Apache-2.0
#include "session/error.h"

#include <optional>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/text/error.h"

namespace tidemark::session {
namespace {

constexpr std::string_view kTransient = "Neo.TransientError.";

struct Row {
  absl::StatusCode status;
  std::string_view code;
};

// base/status.h says what the canonical codes mean here. Drivers repeat what is transient.
constexpr Row kRows[] = {
    {absl::StatusCode::kInvalidArgument, "Neo.ClientError.Statement.ArgumentError"},
    {absl::StatusCode::kNotFound, "Neo.ClientError.Statement.EntityNotFound"},
    {absl::StatusCode::kAlreadyExists, "Neo.ClientError.Schema.ConstraintValidationFailed"},
    {absl::StatusCode::kPermissionDenied, "Neo.ClientError.Statement.AccessMode"},
    {absl::StatusCode::kFailedPrecondition, "Neo.ClientError.Transaction.InvalidBookmark"},
    {absl::StatusCode::kAborted, "Neo.TransientError.Transaction.DeadlockDetected"},
    {absl::StatusCode::kUnavailable, "Neo.TransientError.General.DatabaseUnavailable"},
    {absl::StatusCode::kResourceExhausted, "Neo.TransientError.General.MemoryPoolOutOfMemoryError"},
    {absl::StatusCode::kDeadlineExceeded, "Neo.ClientError.Transaction.TransactionTimedOut"},
    {absl::StatusCode::kUnknown, "Neo.ClientError.Transaction.TransactionCommitFailed"},
    {absl::StatusCode::kUnimplemented, "Neo.DatabaseError.Statement.ExecutionFailed"},
    {absl::StatusCode::kDataLoss, "Neo.DatabaseError.Statement.ExecutionFailed"},
};

std::string_view CodeOf(absl::StatusCode status) {
  for (const Row& row : kRows) {
    if (row.status == status) return row.code;
  }
  return "Neo.DatabaseError.General.UnknownError";
}

}  // namespace

Failure FailureOf(const absl::Status& status) {
  Failure failure;
  failure.message = MessageOf(status);
  if (const std::optional<query::Error> error = query::ErrorOf(status)) {
    failure.code = error->code;
    failure.gql_status = query::InfoOf(error->id).gql_status;
    if (error->position.has_value()) {
      failure.position = {error->position->offset, error->position->line, error->position->column};
    }
  } else {
    failure.code = CodeOf(status.code());
  }
  failure.retryable = failure.code.starts_with(kTransient);
  return failure;
}

absl::Status CommitFailure(const absl::Status& status) {
  if (!absl::IsFailedPrecondition(status) || query::ErrorOf(status).has_value()) return status;
  return ToStatus(query::MakeError(query::ErrorId::kConstraintViolation, {MessageOf(status)}));
}

absl::Status RowTooLarge() {
  return ToStatus(query::MakeError(
      query::ErrorId::kValueTooLarge,
      {absl::StrCat("a row has more than ", kMaxRowBytes,
                    " bytes, which is the most that a client is sent at once; return the parts of "
                    "lists as rows of their own")}));
}

Failure InterruptedFailure() {
  return {.code = "Neo.ClientError.Transaction.Terminated",
          .message = "The request was interrupted by a reset of the connection"};
}

}  // namespace tidemark::session
