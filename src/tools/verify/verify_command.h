// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::tools {

// `tidemark verify DIR...` and `tidemark inspect KIND FILE`. Each takes the words behind its name
// and gives the exit code.
int RunVerify(const std::vector<std::string>& args);
int RunInspect(const std::vector<std::string>& args);

}  // namespace tidemark::tools
