// SPDX-License-Identifier: Apache-2.0
#include "tools/exit_code.h"

#include <cstdio>

#include "base/status.h"

namespace tidemark::tools {

int ReportAndExitCode(const char* command, const absl::Status& status) {
  if (!status.ok()) {
    std::fprintf(stderr, "tidemark %s: %s\n", command, MessageOf(status).c_str());
  }
  return ExitCodeFor(status);
}

}  // namespace tidemark::tools
