// SPDX-License-Identifier: Apache-2.0
// Between the messages of the client API and the session's structs.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "proto/api.pb.h"
#include "session/operation.h"
#include "session/trace.h"

namespace tidemark::api {

// kInvalidArgument names the operation and what is wrong with it. Threads: any.
absl::StatusOr<std::vector<session::Operation>> OperationsFromMessage(const Run& run);

void ResultToMessage(const session::OperationResult& result, const catalog::NameTable& names,
                     OperationResult* message);

void TraceToMessage(const session::Trace& trace, Trace* message);

}  // namespace tidemark::api
