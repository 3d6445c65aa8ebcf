// SPDX-License-Identifier: Apache-2.0
#include "host/remove_tree.h"

#include <filesystem>
#include <system_error>

namespace tidemark::host {

void RemoveTree(const std::string& path) {
  std::error_code ignored;
  std::filesystem::remove_all(path, ignored);
}

}  // namespace tidemark::host
