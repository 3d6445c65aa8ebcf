// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/flags.h"

namespace tidemark::cli {

// Parses the words of a subcommand with the process's environment and files. An exit code when the
// command is to end at once: help was asked for (printed to stdout), or something is wrong (printed
// to stderr).
std::optional<int> ParseCommandLine(const char* command, const std::vector<std::string>& args,
                                    FlagSet* flags);

}  // namespace tidemark::cli
