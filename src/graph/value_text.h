// SPDX-License-Identifier: Apache-2.0
// Values from text (import, ISO 8601 strings) and values as text (toString, inspect, messages).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/point.h"
#include "graph/value.h"

namespace tidemark::graph {

// What a text stands for that leaves something out.
struct TextDefaults {
  // Of a time or date-time without an offset. With a zone (date-times only), the zone's offset at
  // that time, and the zone itself.
  int32_t offset_seconds = 0;
  std::string zone;
  // Of a point without crs and srid; nothing: by the names and the number of its coordinates.
  std::optional<Crs> crs;
};
// Sets offset or zone: "+02:00", "Z", "Europe/Stockholm". kInvalidArgument when it is neither.
absl::Status SetDefaultZone(std::string_view text, TextDefaults* defaults);
// "WGS-84", "4979" ... in any case of letters.
absl::StatusOr<Crs> ParseCrs(std::string_view text);

// Blanks around the text are ignored. What cannot be read is kInvalidArgument; the message quotes
// the text and says what was expected.
absl::StatusOr<int64_t> ParseInteger(std::string_view text);  // 42, -7, +3
absl::StatusOr<double> ParseFloat(std::string_view text);     // 1.5, 1e-3, NaN, -Infinity
absl::StatusOr<bool> ParseBoolean(std::string_view text);     // true, false in any case
// Calendar, week, quarter and ordinal dates: 2015-07-21, 20150721, 2015-07, 2015-W30-2, 2015-Q2-60,
// 2015-202, 2015; years beyond four digits with a sign: +12015-07-21, -0044-03-15.
absl::StatusOr<Date> ParseDate(std::string_view text);
absl::StatusOr<LocalTime> ParseLocalTime(std::string_view text);  // 21:40:32.142, 2140, 21
// An offset behind it: Z, +01:00, -0530, +01. Without one it is that of `defaults`.
absl::StatusOr<Time> ParseTime(std::string_view text, const TextDefaults& defaults = {});
absl::StatusOr<LocalDateTime> ParseLocalDateTime(std::string_view text);  // <date>T<time>
// <date>T<time><offset>[Zone/Name], offset and zone both optional. A zone alone gives the offset
// (the earlier one when a clock change makes the local time occur twice); given both, they must
// agree. Zones are looked up in the machine's time zone database.
absl::StatusOr<DateTime> ParseDateTime(std::string_view text, const TextDefaults& defaults = {});
// P1Y2M10DT2H30M1.5S: any part may be negative or have a fraction, a sign before P turns all; also
// P<date>T<time>, as in P0001-02-10T02:30:01.5.
absl::StatusOr<Duration> ParseDuration(std::string_view text);
// {x: 1, y: 2, z: 3, crs: cartesian-3D}, {latitude: 56.7, longitude: 12.8, height: 100} with or
// without point(...) around it; instead of crs also srid: 4326.
absl::StatusOr<Point> ParsePoint(std::string_view text, const TextDefaults& defaults = {});
// One of the above by type, or a string as it is. kInvalidArgument for any other type.
absl::StatusOr<Value> ParseValue(ValueType type, std::string_view text,
                                 const TextDefaults& defaults = {});

// The text that the function above reads back to the same value; temporal types in the form of
// Cypher's toString(): 2015-07-21T21:40:32.142+02:00[Europe/Berlin], PT-0.5S. A float
// has the fewest digits that give it back, and never looks like an integer: 1.0, 1e+300, NaN.
std::string FormatFloat(double value);
std::string FormatDate(const Date& date);
std::string FormatLocalTime(const LocalTime& time);
std::string FormatTime(const Time& time);
std::string FormatLocalDateTime(const LocalDateTime& time);
std::string FormatDateTime(const DateTime& time);
std::string FormatDuration(const Duration& duration);
std::string FormatPoint(const Point& point);

// Any value, as one would write it in Cypher: {name: "Ann", born: date("1999-01-31"), tags: [1,
// 2]}. Bytes are bytes("00ff"), vertices (slot:sequence), edges [slot:sequence]. Control characters
// are escaped. At most about `max_bytes`; what is left out is shown as "...".
std::string ToText(const Value& value, size_t max_bytes = kMaxValueBytes);

}  // namespace tidemark::graph
