// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "sim/scenario.h"

namespace tidemark::sim {

// A rule that a build with TIDEMARK_PLANTED_BUGS can break, and the configuration in which the
// simulator must notice it within kPlantedBugSeeds seeds.
struct PlantedBugCase {
  std::string name;
  std::string rule;  // what is broken
  ScenarioWishes wishes;
};
inline constexpr uint64_t kPlantedBugSeeds = 2000;

const std::vector<PlantedBugCase>& PlantedBugCases();
// null when there is none of that name.
const PlantedBugCase* FindPlantedBug(const std::string& name);

}  // namespace tidemark::sim
