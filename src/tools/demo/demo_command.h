// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::tools {

// `tidemark demo`: a cluster that is written to, killed and comes back, on one screen. Takes the
// words behind its name; the exit code is 0 when everything acknowledged came back.
int RunDemo(const std::vector<std::string>& args);

}  // namespace tidemark::tools
