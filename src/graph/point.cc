// SPDX-License-Identifier: Apache-2.0
#include "graph/point.h"

#include <algorithm>
#include <cmath>

namespace tidemark::graph {

bool IsValid(const Point& point) {
  switch (point.crs) {
    case Crs::kWgs84:
    case Crs::kWgs84_3d:
    case Crs::kCartesian:
    case Crs::kCartesian3d:
      break;
    default:
      return false;
  }
  const auto& c = point.coordinates;
  if (!std::all_of(c.begin(), c.end(), [](double v) { return std::isfinite(v); })) return false;
  if (DimensionCount(point.crs) == 2 && c[2] != 0) return false;
  return !IsGeographic(point.crs) || (std::abs(c[0]) <= 180 && std::abs(c[1]) <= 90);
}

}  // namespace tidemark::graph
