// SPDX-License-Identifier: Apache-2.0
#include "bolt_client/failure.h"

#include "base/status.h"

namespace tidemark::bolt_client {
namespace {

constexpr char kCodePayload[] = "neo4j/code";

}  // namespace

absl::Status StatusOfFailure(const Value& metadata) {
  // Since 5.7 the code has another name.
  std::string_view code = metadata.Get("neo4j_code").text();
  if (code.empty()) code = metadata.Get("code").text();
  if (code.empty()) code = "Neo.DatabaseError.General.UnknownError";
  absl::StatusCode kind = absl::StatusCode::kInternal;
  if (code.starts_with("Neo.ClientError.")) kind = absl::StatusCode::kInvalidArgument;
  if (code.starts_with("Neo.TransientError.")) kind = absl::StatusCode::kAborted;
  absl::Status status(kind, ToAbsl(metadata.Get("message").text()));
  status.SetPayload(kCodePayload, absl::Cord(ToAbsl(code)));
  return status;
}

std::string ServerCode(const absl::Status& status) {
  const auto code = status.GetPayload(kCodePayload);
  return code.has_value() ? std::string(*code) : "";
}

bool IsTransient(const absl::Status& status) {
  const std::string code = ServerCode(status);
  return code.starts_with("Neo.TransientError.") || code == "Neo.ClientError.Cluster.NotALeader" ||
         code == "Neo.ClientError.Security.AuthorizationExpired";
}

}  // namespace tidemark::bolt_client
