// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::host {

// `tidemark cluster`: starts a master and N workers as processes of this machine and supervises
// them. Takes the words behind its name, gives the exit code.
int RunCluster(const std::vector<std::string>& args);

}  // namespace tidemark::host
