// SPDX-License-Identifier: Apache-2.0
#include "tools/node/remove_tree.h"

#include <filesystem>
#include <system_error>

namespace tidemark::tools {

void RemoveTree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace tidemark::tools
