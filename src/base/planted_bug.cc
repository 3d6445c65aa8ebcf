// SPDX-License-Identifier: Apache-2.0
#include "base/planted_bug.h"

#ifdef TIDEMARK_PLANTED_BUGS
#include <string>

namespace tidemark {
namespace {
std::string& ActiveBug() {
  static std::string name;
  return name;
}
}  // namespace

bool PlantedBug(std::string_view name) { return ActiveBug() == name; }
void SetPlantedBug(std::string_view name) { ActiveBug() = name; }

}  // namespace tidemark
#endif
