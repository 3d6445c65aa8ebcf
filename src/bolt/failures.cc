// SPDX-License-Identifier: Apache-2.0
#include "bolt/failures.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "bolt/limits.h"

namespace tidemark::bolt {
namespace {

using session::Failure;

constexpr std::string_view kGeneralStatus = "50N42";
constexpr std::string_view kGeneralDescription =
    "error: general processing exception - unexpected error. Unexpected error has occurred. See "
    "debug log for details.";

std::string Quoted(std::string_view text) {
  std::string quoted = absl::StrCat("'", ToAbsl(text.substr(0, kMaxQuotedBytes)));
  return absl::StrCat(quoted, text.size() > kMaxQuotedBytes ? "...'" : "'");
}

}  // namespace

Failure InvalidRequest(std::string message) {
  return {.code = "Neo.ClientError.Request.Invalid",
          .message = std::move(message),
          .gql_status = "08N06",
          .gql_description =
              "error: connection exception - protocol error. General network "
              "protocol error."};
}

Failure FailureOf(const absl::Status& status) {
  if (absl::IsUnavailable(status)) {
    return {.code = "Neo.TransientError.General.MemoryPoolOutOfMemoryError",
            .message = MessageOf(status)};
  }
  if (!absl::IsResourceExhausted(status)) return InvalidRequest(MessageOf(status));
  return {.code = "Neo.ClientError.General.TransactionOutOfMemoryError",
          .message = MessageOf(status)};
}

Failure Unauthorized(std::string message) {
  return {.code = "Neo.ClientError.Security.Unauthorized",
          .message = std::move(message),
          .gql_status = "42NFF",
          .gql_description =
              "error: syntax error or access rule violation - permission/access "
              "denied. Access denied, see the security logs for details."};
}

Failure Forbidden(std::string message) {
  Failure failure = Unauthorized(std::move(message));
  failure.code = "Neo.ClientError.Security.Forbidden";
  return failure;
}

Failure UnknownDatabase(std::string_view name) {
  const std::string quoted = Quoted(name);
  return {.code = "Neo.ClientError.Database.DatabaseNotFound",
          .message = absl::StrCat("Database does not exist. Database name: ", quoted, "."),
          .gql_status = "22N51",
          .gql_description = absl::StrCat(
              "error: data exception - database does not exist. A database with the name ", quoted,
              " was not found. Verify that the spelling is correct.")};
}

Failure InvalidBookmark(std::string_view text) {
  return {.code = "Neo.ClientError.Transaction.InvalidBookmark",
          .message = absl::StrCat("The bookmark ", Quoted(text), " is not one of this server")};
}

GqlStatus GqlStatusOf(const Failure& failure) {
  if (failure.gql_status.empty()) return {kGeneralStatus, kGeneralDescription};
  return {failure.gql_status, failure.gql_description};
}

std::string_view ClassificationOf(std::string_view code) {
  if (code.starts_with("Neo.ClientError.")) return "CLIENT_ERROR";
  if (code.starts_with("Neo.TransientError.")) return "TRANSIENT_ERROR";
  return "DATABASE_ERROR";
}

}  // namespace tidemark::bolt
