// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/status.h"

namespace tidemark {

// What the exit code of a process says. Documented in README.md.
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

// The code of a process that ends because of `status`.
ExitCode ExitCodeFor(const absl::Status& status);

}  // namespace tidemark
