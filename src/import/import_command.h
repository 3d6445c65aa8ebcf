// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace tidemark::csv_import {

// `tidemark import`: the words behind the subcommand; gives the process's exit code.
int RunImport(const std::vector<std::string>& args);

}  // namespace tidemark::csv_import
