// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "bolt_client/value.h"

namespace tidemark::bolt_client {

// What a server answered with FAILURE as a status: its message, and its code beside it. Client
// errors are kInvalidArgument, transient ones kAborted, all others kInternal.
absl::Status StatusOfFailure(const Value& metadata);

// "Neo.ClientError.Statement.SyntaxError"; empty for an error that is none of the server's.
std::string ServerCode(const absl::Status& status);

// The same transaction may succeed when it is run again.
bool IsTransient(const absl::Status& status);

}  // namespace tidemark::bolt_client
