// SPDX-License-Identifier: Apache-2.0
#include "graph/temporal.h"

#include <algorithm>

namespace tidemark::graph {
namespace {

constexpr int64_t kMinEpochSecond = kMinEpochDay * kSecondsPerDay;
constexpr int64_t kMaxEpochSecond = kMaxEpochDay * kSecondsPerDay + kSecondsPerDay - 1;

template <typename T>
bool InRange(T value, T low, T high) {
  return low <= value && value <= high;
}

bool IsValidOffset(int32_t seconds) {
  return InRange(seconds, -kMaxOffsetSeconds, kMaxOffsetSeconds);
}

bool IsZoneCharacter(char c) {
  return InRange(c, 'a', 'z') || InRange(c, 'A', 'Z') || InRange(c, '0', '9') || c == '/' ||
         c == '_' || c == '-' || c == '+' || c == '~';
}

}  // namespace

CivilDate CivilFromDays(int64_t epoch_day) {
  const int64_t shifted = epoch_day + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const int64_t day_of_era = shifted - era * 146097;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  CivilDate date;
  date.day = static_cast<int>(day_of_year - (153 * shifted_month + 2) / 5 + 1);
  date.month = static_cast<int>(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
  date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
  return date;
}

int DaysInMonth(int64_t year, int month) {
  if (month == 2) return (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

bool IsValidCivil(const CivilDate& date) {
  return InRange(date.year, kMinYear, kMaxYear) && InRange(date.month, 1, 12) && date.day >= 1 &&
         date.day <= DaysInMonth(date.year, date.month);
}

std::strong_ordering operator<=>(const Duration& a, const Duration& b) {
  if (auto order = a.mean_seconds() <=> b.mean_seconds(); order != 0) return order;
  if (auto order = a.nanos <=> b.nanos; order != 0) return order;
  if (auto order = a.months <=> b.months; order != 0) return order;
  return a.days <=> b.days;
}

bool IsValid(const Date& date) { return InRange(date.epoch_day, kMinEpochDay, kMaxEpochDay); }

bool IsValid(const LocalTime& time) {
  return InRange(time.nanos_of_day, int64_t{0}, kNanosPerDay - 1);
}

bool IsValid(const LocalDateTime& time) {
  return InRange(time.epoch_second, kMinEpochSecond, kMaxEpochSecond) &&
         InRange(int64_t{time.nanos}, int64_t{0}, kNanosPerSecond - 1);
}

bool IsValid(const Time& time) {
  return IsValid(LocalTime{time.nanos_of_day}) && IsValidOffset(time.offset_seconds);
}

bool IsValid(const DateTime& time) {
  // The first test keeps the addition of the offset from overflowing.
  return InRange(time.epoch_second, kMinEpochSecond - kMaxOffsetSeconds,
                 kMaxEpochSecond + kMaxOffsetSeconds) &&
         IsValidOffset(time.offset_seconds) && IsValid(time.local()) && IsValidZoneName(time.zone);
}

bool IsValidZoneName(std::string_view zone) {
  // Without a leading slash and without dots, a name cannot be taken for a path.
  return zone.size() <= kMaxZoneNameBytes && zone.substr(0, 1) != "/" &&
         std::all_of(zone.begin(), zone.end(), IsZoneCharacter);
}

bool IsValid(const Duration& duration) {
  if (!InRange(int64_t{duration.nanos}, int64_t{0}, kNanosPerSecond - 1)) return false;
  const __int128 total = __int128{duration.months} * kSecondsPerMeanMonth +
                         __int128{duration.days} * kSecondsPerDay + duration.seconds;
  const __int128 without_seconds = total - duration.seconds;
  const __int128 months_only = __int128{duration.months} * kSecondsPerMeanMonth;
  const __int128 days_only = __int128{duration.days} * kSecondsPerDay;
  const auto fits = [](__int128 v) { return v >= INT64_MIN && v <= INT64_MAX; };
  return fits(total) && fits(without_seconds) && fits(months_only) && fits(days_only);
}

}  // namespace tidemark::graph
