// SPDX-License-Identifier: Apache-2.0
// The failures that the protocol itself gives; all others come from the session.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "session/front.h"

namespace tidemark::bolt {

// The request breaks the rules of the protocol, or its fields cannot be used.
session::Failure InvalidRequest(std::string message);
// Of a request whose fields could not be used.
session::Failure FailureOf(const absl::Status& status);
session::Failure Unauthorized(std::string message);
session::Failure Forbidden(std::string message);
session::Failure UnknownDatabase(std::string_view name);
session::Failure InvalidBookmark(std::string_view text);

// The GQL status of a failure and its sentence: its own or, when it has none, those of its class.
struct GqlStatus {
  std::string_view status;
  std::string_view description;
};
GqlStatus GqlStatusOf(const session::Failure& failure);
// "CLIENT_ERROR", "TRANSIENT_ERROR" or "DATABASE_ERROR".
std::string_view ClassificationOf(std::string_view code);

}  // namespace tidemark::bolt
