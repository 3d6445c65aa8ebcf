// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::bench {

// `tidemark bench bolt`. Takes the words behind its name, gives the exit code.
int RunBoltBench(const std::vector<std::string>& args);

}  // namespace tidemark::bench
