// SPDX-License-Identifier: Apache-2.0
#include <cctype>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/text_scanner.h"
#include "graph/value_text.h"

namespace tidemark::graph {
namespace {

constexpr std::string_view kPointShape =
    "expected a form like {x: 1.0, y: 2.0} or {latitude: 56.7, longitude: 12.8}";

std::string ToLower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return out;
}

constexpr struct {
  Crs crs;
  const char* name;
  const char* lower_name;
} kSystems[] = {{Crs::kCartesian, "cartesian", "cartesian"},
                {Crs::kCartesian3d, "cartesian-3D", "cartesian-3d"},
                {Crs::kWgs84, "WGS-84", "wgs-84"},
                {Crs::kWgs84_3d, "WGS-84-3D", "wgs-84-3d"}};

const char* NameOf(Crs crs) {
  for (const auto& system : kSystems) {
    if (system.crs == crs) return system.name;
  }
  return "?";
}

// What the map of a point says.
struct PointParts {
  std::optional<double> coordinates[3];
  bool geographic_names = false;
  bool cartesian_names = false;
  std::optional<Crs> crs;
};

absl::Status SetSystem(std::string_view value, PointParts* parts) {
  ASSIGN_OR_RETURN(const Crs crs, ParseCrs(value));
  if (parts->crs.has_value() && *parts->crs != crs) {
    return absl::InvalidArgumentError("crs and srid contradict each other");
  }
  parts->crs = crs;
  return absl::OkStatus();
}

absl::Status SetPart(std::string_view key, std::string_view value, PointParts* parts) {
  if (key == "crs" || key == "srid") return SetSystem(value, parts);
  constexpr std::string_view kCartesian[] = {"x", "y", "z"};
  constexpr std::string_view kGeographic[] = {"longitude", "latitude", "height"};
  for (size_t i = 0; i < 3; ++i) {
    if (key != kCartesian[i] && key != kGeographic[i]) continue;
    if (parts->coordinates[i].has_value()) {
      return absl::InvalidArgumentError("a coordinate is given twice");
    }
    ASSIGN_OR_RETURN(parts->coordinates[i], ParseFloat(value));
    // A height goes with either kind of name, and so does z.
    if (i < 2) (key == kCartesian[i] ? parts->cartesian_names : parts->geographic_names) = true;
    return absl::OkStatus();
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown key ", Quote(key, 20)));
}

absl::Status TakeEntries(TextScanner* in, PointParts* parts) {
  do {
    const std::string key = ToLower(TrimBlanks(in->TakeUntil(":,}")));
    if (!in->Take(':')) return absl::InvalidArgumentError(std::string(kPointShape));
    std::string_view value = TrimBlanks(in->TakeUntil(",}"));
    const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                        (value.front() == '"' || value.front() == '\'');
    if (quoted) value = value.substr(1, value.size() - 2);
    RETURN_IF_ERROR(SetPart(key, value, parts));
  } while (in->Take(','));
  return in->Take('}') && in->done() ? absl::OkStatus()
                                     : absl::InvalidArgumentError(std::string(kPointShape));
}

absl::StatusOr<Point> FinishPoint(const PointParts& parts, const TextDefaults& defaults) {
  if (!parts.coordinates[0].has_value() || !parts.coordinates[1].has_value()) {
    return absl::InvalidArgumentError(std::string(kPointShape));
  }
  if (parts.cartesian_names && parts.geographic_names) {
    return absl::InvalidArgumentError("x and y do not go with latitude and longitude");
  }
  const bool has_third = parts.coordinates[2].has_value();
  Point point;
  if (parts.crs.has_value()) {
    point.crs = *parts.crs;
  } else if (defaults.crs.has_value()) {
    point.crs = *defaults.crs;
  } else if (parts.geographic_names) {
    point.crs = has_third ? Crs::kWgs84_3d : Crs::kWgs84;
  } else {
    point.crs = has_third ? Crs::kCartesian3d : Crs::kCartesian;
  }
  if (parts.geographic_names && !IsGeographic(point.crs)) {
    return absl::InvalidArgumentError("latitude and longitude need a WGS-84 system");
  }
  if (has_third != (DimensionCount(point.crs) == 3)) {
    return absl::InvalidArgumentError(absl::StrCat("the system ", NameOf(point.crs), " has ",
                                                   DimensionCount(point.crs), " coordinates"));
  }
  for (size_t i = 0; i < 3; ++i) point.coordinates[i] = parts.coordinates[i].value_or(0);
  if (!IsValid(point)) {
    return absl::InvalidArgumentError(
        "coordinates are finite, longitudes -180 to 180, latitudes -90 to 90");
  }
  return point;
}

absl::StatusOr<Point> Parse(std::string_view text, const TextDefaults& defaults) {
  if (text.substr(0, 5) == "point") {
    text = TrimBlanks(text.substr(5));
    if (text.size() < 2 || text.front() != '(' || text.back() != ')') {
      return absl::InvalidArgumentError(std::string(kPointShape));
    }
    text = TrimBlanks(text.substr(1, text.size() - 2));
  }
  TextScanner in(text);
  if (!in.Take('{')) return absl::InvalidArgumentError(std::string(kPointShape));
  PointParts parts;
  RETURN_IF_ERROR(TakeEntries(&in, &parts));
  return FinishPoint(parts, defaults);
}

}  // namespace

absl::StatusOr<Crs> ParseCrs(std::string_view text) {
  const std::string lower = ToLower(TrimBlanks(text));
  for (const auto& system : kSystems) {
    if (lower == system.lower_name || lower == std::to_string(static_cast<int>(system.crs))) {
      return system.crs;
    }
  }
  return absl::InvalidArgumentError(
      "the coordinate systems are cartesian (7203), cartesian-3D (9157), WGS-84 (4326) and "
      "WGS-84-3D (4979)");
}

absl::StatusOr<Point> ParsePoint(std::string_view text, const TextDefaults& defaults) {
  absl::StatusOr<Point> point = Parse(TrimBlanks(text), defaults);
  if (!point.ok()) return NotA("a point", text, MessageOf(point.status()));
  return point;
}

std::string FormatPoint(const Point& point) {
  std::string out = absl::StrCat("point({x: ", FormatFloat(point.coordinates[0]),
                                 ", y: ", FormatFloat(point.coordinates[1]));
  if (DimensionCount(point.crs) == 3) {
    absl::StrAppend(&out, ", z: ", FormatFloat(point.coordinates[2]));
  }
  return absl::StrCat(out, ", crs: \"", NameOf(point.crs), "\"})");
}

}  // namespace tidemark::graph
