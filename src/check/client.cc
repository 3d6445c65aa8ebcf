// SPDX-License-Identifier: Apache-2.0
#include "check/client.h"

namespace tidemark::check {

int64_t VertexRow::Integer(const std::string& key) const {
  for (const auto& [name, value] : properties) {
    if (name == key && std::holds_alternative<int64_t>(value)) return std::get<int64_t>(value);
  }
  return -1;
}

std::vector<int64_t> VertexRow::List(const std::string& key) const {
  for (const auto& [name, value] : properties) {
    if (name == key && std::holds_alternative<std::vector<int64_t>>(value)) {
      return std::get<std::vector<int64_t>>(value);
    }
  }
  return {};
}

}  // namespace tidemark::check
