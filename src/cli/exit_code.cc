// SPDX-License-Identifier: Apache-2.0
#include "cli/exit_code.h"

#include <cstdio>

#include "base/status.h"

namespace tidemark::cli {

std::string ProgramText(std::string_view command) {
  const bool is_own_program = !command.empty() && command[0] == '_';
  return std::string("tidemark").append(is_own_program ? "" : " ").append(command);
}

int ReportAndExitCode(const char* command, const absl::Status& status) {
  if (!status.ok()) {
    std::fprintf(stderr, "%s: %s\n", ProgramText(command).c_str(), MessageOf(status).c_str());
  }
  return ExitCodeFor(status);
}

}  // namespace tidemark::cli
