// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "base/exit_code.h"

namespace tidemark::cli {

// What a user types for a subcommand: "tidemark server". One that begins with "_" is a program of
// its own: "tidemark_sim".
std::string ProgramText(std::string_view command);

// Prints "tidemark COMMAND: MESSAGE" to stderr when `status` is an error; gives the exit code.
int ReportAndExitCode(const char* command, const absl::Status& status);

}  // namespace tidemark::cli
