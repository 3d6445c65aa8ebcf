// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

namespace tidemark::graph {

// Coordinate reference systems, by their SRID.
enum class Crs : uint16_t {
  kWgs84 = 4326,       // longitude, latitude in degrees
  kWgs84_3d = 4979,    // and height in metres
  kCartesian = 7203,   // x, y
  kCartesian3d = 9157  // x, y, z
};

constexpr int DimensionCount(Crs crs) {
  return crs == Crs::kWgs84_3d || crs == Crs::kCartesian3d ? 3 : 2;
}
constexpr bool IsGeographic(Crs crs) { return crs == Crs::kWgs84 || crs == Crs::kWgs84_3d; }

struct Point {
  Crs crs = Crs::kCartesian;
  std::array<double, 3> coordinates = {0, 0, 0};  // the third is 0 in two dimensions

  friend bool operator==(const Point&, const Point&) = default;
};

// A known system, finite coordinates, no third one in two dimensions, latitude within 90 degrees
// and longitude within 180.
bool IsValid(const Point& point);

}  // namespace tidemark::graph
