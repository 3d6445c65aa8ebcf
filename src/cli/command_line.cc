// SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.h"

#include <cstdio>
#include <cstdlib>

#include "cli/exit_code.h"
#include "env/posix_file_system.h"

namespace tidemark::cli {

std::optional<int> ParseCommandLine(const char* command, const std::vector<std::string>& args,
                                    FlagSet* flags) {
  constexpr uint64_t kMaxFlagFileBytes = 1 << 20;
  env::PosixFileSystem files;
  const absl::Status status = flags->Parse(
      args, [](const std::string& name) { return std::getenv(name.c_str()); },
      [&files](const std::string& path) {
        return env::ReadWholeFile(&files, path, kMaxFlagFileBytes);
      });
  if (flags->help_requested()) {
    std::fputs(flags->HelpText().c_str(), stdout);
    return kExitOk;
  }
  if (status.ok()) return std::nullopt;
  return ReportAndExitCode(command, status);
}

}  // namespace tidemark::cli
