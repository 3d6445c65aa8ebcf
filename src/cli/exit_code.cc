// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <cstdio>

#include "base/status.h"

namespace tidemark::cli {

int ReportAndExitCode(const char* command, const absl::Status& status) {
  if (!status.ok()) {
    std::fprintf(stderr, "tidemark %s: %s\n", command, MessageOf(status).c_str());
  }
  return ExitCodeFor(status);
}

}  // namespace tidemark::cli
