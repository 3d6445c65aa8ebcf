// SPDX-License-Identifier: Apache-2.0
#include "tests/graph/random_values.h"

#include <bit>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>
#include <vector>

namespace tidemark::graph {

// A number of [low, high]: an end, near zero, a coarse one or any.
int64_t RandomValues::Near(int64_t low, int64_t high) {
  const auto span = static_cast<uint64_t>(high) - static_cast<uint64_t>(low);
  switch (Below(5)) {
    case 0:
      return low + static_cast<int64_t>(Below(2));
    case 1:
      return high - static_cast<int64_t>(Below(2));
    case 2:
      return std::max(low, std::min(high, static_cast<int64_t>(Below(5)) - 2));
    case 3:
      return std::max(low, std::min(high, (static_cast<int64_t>(Below(9)) - 4) * 3600));
    default:
      return static_cast<int64_t>(static_cast<uint64_t>(low) +
                                  (span == UINT64_MAX ? random_() : Below(span + 1)));
  }
}

int64_t RandomValues::Integer() {
  // Around the powers of two, where the double next to an integer changes its distance.
  switch (Below(3)) {
    case 0:
      return static_cast<int64_t>(Below(140)) - 20;
    case 1: {
      const auto size = (uint64_t{1} << Below(64)) + Below(7) - 3;
      return static_cast<int64_t>(Below(2) == 0 ? size : ~size + 1);
    }
    default:
      return Near(INT64_MIN, INT64_MAX);
  }
}

double RandomValues::Float() {
  static constexpr double kSpecial[] = {0.0,
                                        -0.0,
                                        1.0,
                                        -1.0,
                                        0.5,
                                        9007199254740992.0,
                                        9223372036854775808.0,
                                        -9223372036854775808.0,
                                        18446744073709551616.0,
                                        -18446744073709551616.0,
                                        std::numeric_limits<double>::infinity(),
                                        -std::numeric_limits<double>::infinity(),
                                        std::numeric_limits<double>::quiet_NaN(),
                                        std::numeric_limits<double>::denorm_min(),
                                        -std::numeric_limits<double>::denorm_min(),
                                        std::numeric_limits<double>::max()};
  switch (Below(4)) {
    case 0:
      return kSpecial[Below(std::size(kSpecial))];
    case 1:
      return static_cast<double>(Integer());
    case 2:
      return static_cast<double>(Integer()) + 0.5;
    default: {
      const auto value = std::bit_cast<double>(random_());
      return std::isnan(value) ? 0.25 : value;
    }
  }
}

std::string RandomValues::Text() {
  static const std::string kPieces[] = {"",  "a", "b",    "ab", std::string(1, '\0'),
                                        "z", "ß", "\xff", "\"", std::string("\x00\x01", 2),
                                        "\\"};
  std::string text;
  const uint64_t piece_count = Below(8) == 0 ? Below(80) : Below(4);
  for (uint64_t i = 0; i < piece_count; ++i) text += kPieces[Below(std::size(kPieces))];
  return text;
}

Date RandomValues::AnyDate() { return {Near(kMinEpochDay, kMaxEpochDay)}; }
LocalTime RandomValues::AnyLocalTime() {
  const int64_t nanos = Near(0, kNanosPerDay - 1);
  return {Below(2) == 0 ? nanos : nanos / 1'000'000'000 * 1'000'000'000};
}
Time RandomValues::AnyTime() {
  return {AnyLocalTime().nanos_of_day,
          static_cast<int32_t>(Near(-kMaxOffsetSeconds, kMaxOffsetSeconds))};
}
LocalDateTime RandomValues::AnyLocalDateTime() {
  return {AnyDate().epoch_day * kSecondsPerDay + Near(0, kSecondsPerDay - 1),
          static_cast<int32_t>(Near(0, kNanosPerSecond - 1))};
}
DateTime RandomValues::AnyDateTime() {
  const LocalDateTime local = AnyLocalDateTime();
  DateTime time;
  time.offset_seconds = static_cast<int32_t>(Near(-kMaxOffsetSeconds, kMaxOffsetSeconds));
  time.epoch_second = local.epoch_second - time.offset_seconds;
  time.nanos = local.nanos;
  static constexpr const char* kZones[] = {"", "", "Europe/Berlin", "Asia/Tokyo"};
  time.zone = kZones[Below(4)];
  return time;
}

Duration RandomValues::AnyDuration() {
  Duration duration;
  do {
    duration.months = Near(-12'000'000, 12'000'000);
    duration.days = Near(-3'000'000'000, 3'000'000'000);
    duration.seconds = Below(4) == 0 ? Near(INT64_MIN, INT64_MAX) : Near(-100'000, 100'000);
    duration.nanos = static_cast<int32_t>(Near(0, kNanosPerSecond - 1));
  } while (!IsValid(duration));
  return duration;
}

Point RandomValues::AnyPoint() {
  static constexpr Crs kSystems[] = {Crs::kWgs84, Crs::kWgs84_3d, Crs::kCartesian,
                                     Crs::kCartesian3d};
  Point point;
  do {
    point.crs = kSystems[Below(4)];
    for (int i = 0; i < DimensionCount(point.crs); ++i) {
      point.coordinates[static_cast<size_t>(i)] =
          Below(3) == 0 ? Float() : static_cast<double>(Below(5)) / 2 - 1;
    }
  } while (!IsValid(point));
  return point;
}

VertexId RandomValues::AnyVertex() {
  return VertexId(SlotId(static_cast<uint16_t>(Near(0, kSlotCount - 1))),
                  static_cast<uint32_t>(Near(1, UINT32_MAX)));
}

EdgeRef RandomValues::AnyEdge() {
  EdgeRef edge;
  edge.source = AnyVertex();
  edge.target = Below(8) == 0 ? edge.source : AnyVertex();
  edge.edge = EdgeId(edge.source.slot(), static_cast<uint32_t>(Near(1, UINT32_MAX)));
  edge.type = TypeId(static_cast<uint32_t>(Near(1, UINT32_MAX)));
  return edge;
}

Path RandomValues::AnyPath() {
  Path path;
  path.vertices.push_back(AnyVertex());
  for (uint64_t i = Below(4); i > 0; --i) {
    EdgeRef edge = AnyEdge();
    const bool backward = Below(2) == 0;
    (backward ? edge.target : edge.source) = path.vertices.back();
    edge.edge = EdgeId(edge.source.slot(), edge.edge.sequence());
    path.edges.push_back(edge);
    path.vertices.push_back(backward ? edge.source : edge.target);
  }
  return path;
}

Value RandomValues::Scalar() {
  switch (Below(14)) {
    case 0:
      return Value::Boolean(Below(2) == 0);
    case 1:
    case 2:
    case 3:
      return Value::Integer(Integer());
    case 4:
    case 5:
      return Value::Float(Float());
    case 6:
      return Value::String(Text());
    case 7:
      return Value::Of(AnyDate());
    case 8:
      return Value::Of(AnyLocalTime());
    case 9:
      return Value::Of(AnyTime());
    case 10:
      return Value::Of(AnyLocalDateTime());
    case 11:
      return Value::Of(AnyDateTime());
    case 12:
      return Value::Of(AnyDuration());
    default:
      return Value::Of(AnyPoint());
  }
}

Value RandomValues::Property() {
  if (Below(20) == 0) return Value::Bytes(Text());
  if (Below(5) != 0) return Scalar();
  std::vector<Value> elements;
  const uint64_t element_count = Below(4);
  while (elements.size() < element_count) {
    elements.push_back(Scalar());
    if (!CheckStorable(Value::List(elements)).ok()) elements.pop_back();
  }
  return Value::List(std::move(elements));
}

Value RandomValues::Any(int depth) {
  switch (Below(depth > 0 ? 9 : 6)) {
    case 0:
      return Value::Null();
    case 1:
      return Value::Bytes(Text());
    case 2:
      return Value::Of(AnyVertex());
    case 3:
      return Below(2) == 0 ? Value::Of(AnyEdge()) : Value::Of(AnyPath());
    case 4:
    case 5:
      return Scalar();
    case 6: {
      std::vector<MapEntry> entries(Below(3));
      for (auto& [key, value] : entries) {
        key = Text();
        value = Any(depth - 1);
      }
      return Value::Map(std::move(entries));
    }
    default: {
      std::vector<Value> elements(Below(4));
      for (Value& element : elements) element = Any(depth - 1);
      return Value::List(std::move(elements));
    }
  }
}

std::string RandomValues::Damage(std::string bytes) {
  for (uint64_t i = 1 + Below(4); i > 0 && !bytes.empty(); --i) {
    const size_t at = Below(bytes.size());
    switch (Below(4)) {
      case 0:
        bytes[at] = static_cast<char>(random_());
        break;
      case 1:
        bytes.erase(at, 1 + Below(3));
        break;
      case 2:
        bytes.insert(at, 1, static_cast<char>(random_()));
        break;
      default:
        bytes[at] = static_cast<char>(bytes[at] ^ 1 << Below(8));
    }
  }
  return bytes;
}

}  // namespace tidemark::graph
