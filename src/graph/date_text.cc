// SPDX-License-Identifier: Apache-2.0
// Dates of ISO 8601: calendar, week, quarter and ordinal.
#include <cstdio>
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/text_scanner.h"
#include "graph/value_text.h"

namespace tidemark::graph {
namespace {

constexpr std::string_view kDateShape = "expected a form like 2015-07-21, 2015-W30-2 or 2015-202";

// Reads what follows the year. `extended` means the parts are separated by '-'.
// Each function gives the epoch day, or nullopt and a reason. Owner: ParseDate. Threads: one.
class DateParser {
 public:
  explicit DateParser(std::string_view text) : in_(text) {}

  std::optional<int64_t> Parse() {
    if (!ParseYear()) return std::nullopt;
    if (in_.done()) return DaysFromCivil(year_, 1, 1);
    extended_ = in_.Take('-');
    if (is_signed_ && !extended_) return Fail(kDateShape);
    if (in_.Take('W')) return ParseWeek();
    if (in_.Take('Q')) return ParseQuarter();
    if (in_.DigitCount() == 3) return ParseOrdinal();
    return ParseMonth();
  }
  std::string_view reason() const { return reason_; }

 private:
  std::nullopt_t Fail(std::string_view reason) {
    reason_ = reason;
    return std::nullopt;
  }

  bool ParseYear() {
    is_signed_ = in_.Peek() == '+' || in_.Peek() == '-';
    const int sign = in_.TakeSign();
    const size_t digit_count = is_signed_ ? in_.DigitCount() : 4;
    const std::optional<int64_t> year = in_.TakeNumber(digit_count);
    if (!year.has_value() || digit_count < 4) {
      Fail("a year has four digits, or a sign and up to nine");
      return false;
    }
    year_ = sign * *year;
    if (year_ < kMinYear || year_ > kMaxYear) {
      Fail("years are -999999999 to 999999999");
      return false;
    }
    return true;
  }

  // The next part, of exactly `digit_count` digits, behind its separator; 1 when the text is over.
  std::optional<int64_t> TakePart(size_t digit_count, int64_t high, std::string_view reason) {
    if (in_.done()) return 1;
    if (extended_ && !in_.Take('-')) return Fail(kDateShape);
    const std::optional<int64_t> part = in_.TakeNumber(digit_count);
    if (!part.has_value() || !in_.done()) return Fail(kDateShape);
    if (*part < 1 || *part > high) return Fail(reason);
    return part;
  }

  std::optional<int64_t> ParseMonth() {
    const std::optional<int64_t> month = in_.TakeNumber(2);
    if (!month.has_value()) return Fail(kDateShape);
    if (*month < 1 || *month > 12) return Fail("months are 01 to 12");
    const int m = static_cast<int>(*month);
    const std::optional<int64_t> day =
        TakePart(2, DaysInMonth(year_, m), "the month does not have this day");
    if (!day.has_value()) return std::nullopt;
    return DaysFromCivil(year_, m, static_cast<int>(*day));
  }

  std::optional<int64_t> ParseOrdinal() {
    const std::optional<int64_t> day = in_.TakeNumber(3);
    if (!day.has_value() || !in_.done()) return Fail(kDateShape);
    const int64_t first = DaysFromCivil(year_, 1, 1);
    const int64_t day_count = DaysFromCivil(year_ + 1, 1, 1) - first;
    if (*day < 1 || *day > day_count) return Fail("the year does not have this day");
    return first + *day - 1;
  }

  std::optional<int64_t> ParseQuarter() {
    const std::optional<int64_t> quarter = in_.TakeNumber(1);
    if (!quarter.has_value()) return Fail(kDateShape);
    if (*quarter < 1 || *quarter > 4) return Fail("quarters are 1 to 4");
    const int first_month = static_cast<int>(*quarter) * 3 - 2;
    const int64_t first = DaysFromCivil(year_, first_month, 1);
    const int64_t last = DaysFromCivil(year_, first_month + 2, DaysInMonth(year_, first_month + 2));
    const std::optional<int64_t> day =
        TakePart(2, last - first + 1, "the quarter does not have this day");
    if (!day.has_value()) return std::nullopt;
    return first + *day - 1;
  }

  // The Monday of the week with January 4th.
  static int64_t FirstMonday(int64_t year) {
    const int64_t january_4th = DaysFromCivil(year, 1, 4);
    const int64_t weekday = ((january_4th + 3) % 7 + 7) % 7;  // Monday = 0
    return january_4th - weekday;
  }

  std::optional<int64_t> ParseWeek() {
    const std::optional<int64_t> week = in_.TakeNumber(2);
    if (!week.has_value()) return Fail(kDateShape);
    const int64_t first = FirstMonday(year_);
    if (*week < 1 || *week > (FirstMonday(year_ + 1) - first) / 7) {
      return Fail("the year does not have this week");
    }
    const std::optional<int64_t> day = TakePart(1, 7, "days of a week are 1 to 7");
    if (!day.has_value()) return std::nullopt;
    return first + (*week - 1) * 7 + *day - 1;
  }

  TextScanner in_;
  int64_t year_ = 0;
  bool is_signed_ = false;
  bool extended_ = false;
  std::string_view reason_;
};

}  // namespace

absl::StatusOr<Date> ParseDate(std::string_view text) {
  DateParser parser(TrimBlanks(text));
  const std::optional<int64_t> day = parser.Parse();
  if (!day.has_value()) return NotA("a date", text, parser.reason());
  const Date date{*day};
  if (!IsValid(date)) return NotA("a date", text, "years are -999999999 to 999999999");
  return date;
}

std::string FormatDate(const Date& date) {
  const CivilDate civil = CivilFromDays(date.epoch_day);
  char buffer[32];
  const char* sign = civil.year < 0 ? "-" : civil.year > 9999 ? "+" : "";
  std::snprintf(buffer, sizeof buffer, "%s%04lld-%02d-%02d", sign,
                static_cast<long long>(civil.year < 0 ? -civil.year : civil.year), civil.month,
                civil.day);
  return buffer;
}

}  // namespace tidemark::graph
