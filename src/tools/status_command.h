// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::tools {

// `tidemark status`: what a running cluster says of itself. Takes the words behind its name, gives
// the exit code.
int RunStatus(const std::vector<std::string>& args);

}  // namespace tidemark::tools
