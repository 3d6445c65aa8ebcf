// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::shell {

// `tidemark shell`. Takes the words behind its name, gives the exit code: 0, 1 when a statement
// failed, 2 when the usage is wrong or there is no connection.
int RunShell(const std::vector<std::string>& args);

}  // namespace tidemark::shell
