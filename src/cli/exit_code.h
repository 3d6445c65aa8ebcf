// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"
#include "base/exit_code.h"

namespace tidemark::cli {

// Prints "tidemark COMMAND: MESSAGE" to stderr when `status` is an error; gives the exit code.
int ReportAndExitCode(const char* command, const absl::Status& status);

}  // namespace tidemark::cli
