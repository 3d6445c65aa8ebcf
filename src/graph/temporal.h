// SPDX-License-Identifier: Apache-2.0
// The temporal types as plain numbers on the proleptic Gregorian calendar, in the ranges of Neo4j:
// years -999,999,999 to 999,999,999, offsets up to 18 hours, no leap seconds.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace tidemark::graph {

inline constexpr int64_t kMinYear = -999'999'999;
inline constexpr int64_t kMaxYear = 999'999'999;
inline constexpr int32_t kMaxOffsetSeconds = 18 * 3600;
inline constexpr int64_t kNanosPerSecond = 1'000'000'000;
inline constexpr int64_t kSecondsPerDay = 86'400;
inline constexpr int64_t kNanosPerDay = kSecondsPerDay * kNanosPerSecond;
// A twelfth of the mean Gregorian year: what a month counts when durations are put in order.
inline constexpr int64_t kSecondsPerMeanMonth = 2'629'746;
inline constexpr size_t kMaxZoneNameBytes = 64;

struct CivilDate {
  int64_t year = 1970;
  int month = 1;
  int day = 1;

  friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

// Days since 1970-01-01. REQUIRES: a month of 1 ... 12; the day may lie outside its month.
constexpr int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}
CivilDate CivilFromDays(int64_t epoch_day);
int DaysInMonth(int64_t year, int month);
bool IsValidCivil(const CivilDate& date);

inline constexpr int64_t kMinEpochDay = DaysFromCivil(kMinYear, 1, 1);
inline constexpr int64_t kMaxEpochDay = DaysFromCivil(kMaxYear, 12, 31);

// The members are in the order in which values of the type compare.
struct Date {
  int64_t epoch_day = 0;
  friend auto operator<=>(const Date&, const Date&) = default;
};

struct LocalTime {
  int64_t nanos_of_day = 0;
  friend auto operator<=>(const LocalTime&, const LocalTime&) = default;
};

struct LocalDateTime {
  int64_t epoch_second = 0;  // as if the offset were zero
  int32_t nanos = 0;
  friend auto operator<=>(const LocalDateTime&, const LocalDateTime&) = default;
};

// A time of day with an offset. Orders by the instant on one day, then by the offset.
struct Time {
  int64_t nanos_of_day = 0;  // local
  int32_t offset_seconds = 0;

  int64_t utc_nanos() const { return nanos_of_day - offset_seconds * kNanosPerSecond; }
  friend bool operator==(const Time&, const Time&) = default;
  friend std::strong_ordering operator<=>(const Time& a, const Time& b) {
    if (auto order = a.utc_nanos() <=> b.utc_nanos(); order != 0) return order;
    return a.offset_seconds <=> b.offset_seconds;
  }
};

// An instant with the offset in force and, optionally, the zone's name. Two values of one instant
// but different offset or zone are different; an offset orders before a named zone.
struct DateTime {
  int64_t epoch_second = 0;  // UTC
  int32_t nanos = 0;
  int32_t offset_seconds = 0;
  std::string zone;  // "Europe/Berlin"; empty = offset only

  LocalDateTime local() const { return {epoch_second + offset_seconds, nanos}; }
  friend auto operator<=>(const DateTime&, const DateTime&) = default;
};

// Months, days and seconds are kept apart; nanos are 0 ... 999,999,999. Equal when all parts are;
// orders by mean length, then by months, then by days.
struct Duration {
  int64_t months = 0;
  int64_t days = 0;
  int64_t seconds = 0;
  int32_t nanos = 0;

  // The length in seconds with mean months. REQUIRES: IsValid(*this).
  int64_t mean_seconds() const {
    return months * kSecondsPerMeanMonth + days * kSecondsPerDay + seconds;
  }
  friend bool operator==(const Duration&, const Duration&) = default;
  friend std::strong_ordering operator<=>(const Duration& a, const Duration& b);
};

// Every part is in its range. Values of other parts never reach a file or a comparison.
bool IsValid(const Date& date);
bool IsValid(const LocalTime& time);
bool IsValid(const LocalDateTime& time);
bool IsValid(const Time& time);
bool IsValid(const DateTime& time);
// At most kMaxZoneNameBytes of letters, digits and / _ - + ~ .; whether the zone exists is not
// asked.
bool IsValidZoneName(std::string_view zone);
// Also bounds the parts so that mean_seconds() cannot overflow.
bool IsValid(const Duration& duration);

}  // namespace tidemark::graph
