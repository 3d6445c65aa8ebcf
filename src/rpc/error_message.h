// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "proto/api.pb.h"

namespace tidemark::rpc {

// Errors as messages of the client API: one table says which code of absl::Status is which
// api::ErrorCode, for the server and for the client.

// Whether the same transaction may succeed when it is run again from its beginning.
bool IsRetryable(absl::StatusCode code);

// REQUIRES: `status` is an error.
void ToMessage(const absl::Status& status, api::Error* message);

// A code that this build does not know is kInternal.
absl::Status FromMessage(const api::Error& message);

}  // namespace tidemark::rpc
