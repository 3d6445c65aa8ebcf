// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tidemark {

#ifdef TIDEMARK_PLANTED_BUGS
// True when the named bug is switched on. Only builds that look for planted bugs have this.
// Threads: any, as long as nobody calls SetPlantedBug.
bool PlantedBug(std::string_view name);
// Switches on one bug, or several that are joined by '+', and all others off.
void SetPlantedBug(std::string_view names);
#else
constexpr bool PlantedBug(std::string_view /*name*/) { return false; }
#endif

}  // namespace tidemark
