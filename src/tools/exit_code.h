// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tidemark::tools {

// What every subcommand's exit code says. Documented in README.md.
enum ExitCode : int {
  kExitOk = 0,
  kExitFoundProblems = 1,  // verify, drill, demo: it worked, and what it looked at is not well
  kExitUsage = 2,          // flags or input are wrong
  kExitRefused = 3,      // a state that an operator must change (directory in use, of another ...)
  kExitUnavailable = 4,  // nobody answers, port in use
  kExitDamaged = 5,      // a file is damaged
  kExitLimit = 6,        // disk full, memory or count limit
  kExitInternal = 70,    // the process could not go on without breaking a promise
};

ExitCode ExitCodeFor(const absl::Status& status);

// Prints "tidemark COMMAND: MESSAGE" to stderr when `status` is an error; gives the exit code.
int ReportAndExitCode(const char* command, const absl::Status& status);

}  // namespace tidemark::tools
