// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::tools {

// `tidemark trace`: where the time of one commit of a running cluster goes.
int RunTrace(const std::vector<std::string>& args);

}  // namespace tidemark::tools
