// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::drill {

// `tidemark drill`: crashes and restarts of real processes under load, with a check of what was
// promised after each. Takes the words behind its name; the exit code is 0 without violations, 1
// with.
int RunDrill(const std::vector<std::string>& args);

}  // namespace tidemark::drill
