// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <vector>

#include "absl/status/status.h"
#include "session/backend.h"
#include "session/schema_command.h"

namespace tidemark::session {

// Makes the commands of one transaction, one after the other. When one fails those before it are
// taken back, the last one first, and `done` gets its error; the error also names what could not be
// taken back. Others see each change when it is made. Goes on when nobody waits for it any more.
// `backend` outlives it. Threads: the loop. Errors: those of PlanSchemaChange and SchemaFailure.
void RunSchemaCommands(Backend* backend, std::vector<SchemaCommand> commands,
                       std::function<void(absl::Status)> done);

}  // namespace tidemark::session
