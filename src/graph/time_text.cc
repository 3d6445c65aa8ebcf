// SPDX-License-Identifier: Apache-2.0
// Times of day and points in time of ISO 8601.
#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/text_scanner.h"
#include "graph/time_zone.h"
#include "graph/value_text.h"

namespace tidemark::graph {
namespace {

constexpr const char* kTimeShape = "expected a time like 21:40:32.142 or 2140";
constexpr const char* kOffsetShape = "expected an offset like Z, +01:00 or -0530";

// Hours, minutes and seconds: two digits each, all or none separated by ':'. The later ones may be
// missing. nullptr when read, else the reason.
const char* TakeClock(TextScanner* in, int64_t parts[3], const char* shape) {
  std::optional<int64_t> part = in->TakeNumber(2);
  if (!part.has_value()) return shape;
  parts[0] = *part;
  bool colons = false;
  for (int i = 1; i < 3; ++i) {
    const bool colon = in->Peek() == ':';
    if (!colon && (in->DigitCount() == 0 || (i == 2 && colons))) break;
    if (colon && i == 2 && !colons) return shape;
    colons = in->Take(':');
    part = in->TakeNumber(2);
    if (!part.has_value()) return shape;
    if (*part > 59) return "minutes and seconds are 00 to 59";
    parts[i] = *part;
  }
  return nullptr;
}

const char* TakeTimeOfDay(TextScanner* in, int64_t* nanos_of_day) {
  int64_t parts[3] = {0, 0, 0};
  if (const char* reason = TakeClock(in, parts, kTimeShape)) return reason;
  if (parts[0] > 23) return "hours are 00 to 23";
  const std::optional<int32_t> fraction = in->TakeFraction();
  if (!fraction.has_value()) return "a fraction of a second has one to nine digits";
  *nanos_of_day = (parts[0] * 3600 + parts[1] * 60 + parts[2]) * kNanosPerSecond + *fraction;
  return nullptr;
}

// Nothing where an offset could be leaves `*offset` empty.
const char* TakeOffset(TextScanner* in, std::optional<int32_t>* offset) {
  if (in->Take('Z')) {
    *offset = 0;
    return nullptr;
  }
  if (in->Peek() != '+' && in->Peek() != '-') return nullptr;
  const int sign = in->TakeSign();
  int64_t parts[3] = {0, 0, 0};
  if (const char* reason = TakeClock(in, parts, kOffsetShape)) return reason;
  const auto seconds = static_cast<int32_t>(parts[0] * 3600 + parts[1] * 60 + parts[2]);
  if (seconds > kMaxOffsetSeconds) return "offsets are -18:00 to +18:00";
  *offset = sign * seconds;
  return nullptr;
}

// Date and time of day as one; the reader is left behind the time.
absl::StatusOr<LocalDateTime> TakeLocalDateTime(TextScanner* in) {
  ASSIGN_OR_RETURN(const Date date, ParseDate(in->TakeUntil("T")));
  int64_t nanos_of_day = 0;
  if (in->Take('T')) {
    if (const char* reason = TakeTimeOfDay(in, &nanos_of_day)) {
      return absl::InvalidArgumentError(reason);
    }
  }
  LocalDateTime local;
  local.epoch_second = date.epoch_day * kSecondsPerDay + nanos_of_day / kNanosPerSecond;
  local.nanos = static_cast<int32_t>(nanos_of_day % kNanosPerSecond);
  return local;
}

absl::StatusOr<int32_t> ResolveOffset(std::string_view zone, const LocalDateTime& local,
                                      std::optional<int32_t> offset) {
  ASSIGN_OR_RETURN(const ZoneOffsets offsets, FindZoneOffsets(zone, local));
  if (!offset.has_value()) return offsets.earlier;
  if (*offset == offsets.earlier || *offset == offsets.later) return *offset;
  return absl::InvalidArgumentError("the zone has another offset at this time");
}

absl::StatusOr<DateTime> TakeDateTime(TextScanner* in, const TextDefaults& defaults) {
  ASSIGN_OR_RETURN(const LocalDateTime local, TakeLocalDateTime(in));
  std::optional<int32_t> offset;
  if (const char* reason = TakeOffset(in, &offset)) return absl::InvalidArgumentError(reason);
  DateTime time;
  if (in->Take('[')) {
    time.zone = in->TakeUntil("]");
    if (!in->Take(']')) return absl::InvalidArgumentError("the ']' behind the zone is missing");
    ASSIGN_OR_RETURN(offset, ResolveOffset(time.zone, local, offset));
  } else if (!offset.has_value() && !defaults.zone.empty()) {
    time.zone = defaults.zone;
    ASSIGN_OR_RETURN(offset, ResolveOffset(time.zone, local, offset));
  }
  if (!in->done()) return absl::InvalidArgumentError(kOffsetShape);
  time.offset_seconds = offset.value_or(defaults.offset_seconds);
  time.epoch_second = local.epoch_second - time.offset_seconds;
  time.nanos = local.nanos;
  if (!IsValid(time))
    return absl::InvalidArgumentError("outside the years -999999999 to 999999999");
  return time;
}

std::string FormatOffset(int32_t offset) {
  if (offset == 0) return "Z";
  const int size = offset < 0 ? -offset : offset;
  char buffer[16];
  int length = std::snprintf(buffer, sizeof buffer, "%c%02d:%02d", offset < 0 ? '-' : '+',
                             size / 3600, size / 60 % 60);
  if (size % 60 != 0) {
    std::snprintf(buffer + length, sizeof buffer - static_cast<size_t>(length), ":%02d", size % 60);
  }
  return buffer;
}

}  // namespace

absl::StatusOr<LocalTime> ParseLocalTime(std::string_view text) {
  TextScanner in(TrimBlanks(text));
  LocalTime time;
  const char* reason = TakeTimeOfDay(&in, &time.nanos_of_day);
  if (reason == nullptr && !in.done()) reason = kTimeShape;
  if (reason != nullptr) return NotA("a local time", text, reason);
  return time;
}

absl::Status SetDefaultZone(std::string_view text, TextDefaults* defaults) {
  const std::string_view zone = TrimBlanks(text);
  TextScanner in(zone);
  std::optional<int32_t> offset;
  const char* const reason = TakeOffset(&in, &offset);
  if (reason == nullptr && offset.has_value() && in.done()) {
    defaults->offset_seconds = *offset;
    return absl::OkStatus();
  }
  if (zone.empty() || !FindZoneOffsets(zone, LocalDateTime()).ok()) {
    return NotA("a time zone", text, "expected an offset like +02:00, or a name like Europe/Oslo");
  }
  defaults->zone = zone;
  return absl::OkStatus();
}

absl::StatusOr<Time> ParseTime(std::string_view text, const TextDefaults& defaults) {
  TextScanner in(TrimBlanks(text));
  Time time;
  std::optional<int32_t> offset;
  const char* reason = TakeTimeOfDay(&in, &time.nanos_of_day);
  if (reason == nullptr) reason = TakeOffset(&in, &offset);
  if (reason == nullptr && !in.done()) reason = kOffsetShape;
  if (reason != nullptr) return NotA("a time", text, reason);
  time.offset_seconds = offset.value_or(defaults.offset_seconds);
  return time;
}

absl::StatusOr<LocalDateTime> ParseLocalDateTime(std::string_view text) {
  TextScanner in(TrimBlanks(text));
  absl::StatusOr<LocalDateTime> time = TakeLocalDateTime(&in);
  if (!time.ok()) return NotA("a local date-time", text, MessageOf(time.status()));
  if (!in.done()) return NotA("a local date-time", text, kTimeShape);
  return time;
}

absl::StatusOr<DateTime> ParseDateTime(std::string_view text, const TextDefaults& defaults) {
  TextScanner in(TrimBlanks(text));
  absl::StatusOr<DateTime> time = TakeDateTime(&in, defaults);
  if (!time.ok()) return NotA("a date-time", text, MessageOf(time.status()));
  return time;
}

std::string FormatLocalTime(const LocalTime& time) {
  const int64_t second = time.nanos_of_day / kNanosPerSecond;
  const auto nanos = static_cast<int>(time.nanos_of_day % kNanosPerSecond);
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%02d:%02d", static_cast<int>(second / 3600),
                static_cast<int>(second / 60 % 60));
  std::string out = buffer;
  if (second % 60 == 0 && nanos == 0) return out;
  std::snprintf(buffer, sizeof buffer, ":%02d.%09d", static_cast<int>(second % 60), nanos);
  out += buffer;
  // A fraction has three, six or nine digits, or is left out.
  if (nanos == 0)
    out.resize(out.size() - 10);
  else if (nanos % 1'000'000 == 0)
    out.resize(out.size() - 6);
  else if (nanos % 1'000 == 0)
    out.resize(out.size() - 3);
  return out;
}

std::string FormatTime(const Time& time) {
  return FormatLocalTime({time.nanos_of_day}) + FormatOffset(time.offset_seconds);
}

std::string FormatLocalDateTime(const LocalDateTime& time) {
  int64_t day = time.epoch_second / kSecondsPerDay;
  int64_t second = time.epoch_second % kSecondsPerDay;
  if (second < 0) {
    second += kSecondsPerDay;
    --day;
  }
  return absl::StrCat(FormatDate({day}), "T",
                      FormatLocalTime({second * kNanosPerSecond + time.nanos}));
}

std::string FormatDateTime(const DateTime& time) {
  std::string out = FormatLocalDateTime(time.local()) + FormatOffset(time.offset_seconds);
  if (!time.zone.empty()) absl::StrAppend(&out, "[", time.zone, "]");
  return out;
}

}  // namespace tidemark::graph
