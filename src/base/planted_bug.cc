// SPDX-License-Identifier: Apache-2.0
#include "base/planted_bug.h"

#ifdef TIDEMARK_PLANTED_BUGS
#include <algorithm>
#include <string>
#include <vector>

namespace tidemark {
namespace {
std::vector<std::string>& ActiveBugs() {
  static auto* names = new std::vector<std::string>;
  return *names;
}
}  // namespace

bool PlantedBug(std::string_view name) {
  const std::vector<std::string>& active = ActiveBugs();
  return std::find(active.begin(), active.end(), name) != active.end();
}

void SetPlantedBug(std::string_view names) {
  ActiveBugs().clear();
  while (!names.empty()) {
    const size_t plus = std::min(names.find('+'), names.size());
    ActiveBugs().emplace_back(names.substr(0, plus));
    names.remove_prefix(std::min(plus + 1, names.size()));
  }
}

}  // namespace tidemark
#endif
