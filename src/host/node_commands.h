// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::host {

// The subcommands that run one node, or all nodes, in this process. Each takes the words behind its
// name and gives the exit code (cli/exit_code.h).
int RunMaster(const std::vector<std::string>& args);
int RunWorker(const std::vector<std::string>& args);
int RunServer(const std::vector<std::string>& args);

}  // namespace tidemark::host
