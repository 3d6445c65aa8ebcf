// SPDX-License-Identifier: Apache-2.0
// Durations of ISO 8601. All arithmetic is exact, in billionths.
#include <optional>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/text_scanner.h"
#include "graph/value_text.h"

namespace tidemark::graph {
namespace {

constexpr const char* kDurationShape = "expected a form like P1Y2M10DT2H30M1.5S";
constexpr int64_t kBillion = 1'000'000'000;

// The parts of a duration while they are summed up, wide enough for 18 digits and a factor.
struct Sum {
  __int128 months = 0;
  __int128 days = 0;
  __int128 nanos = 0;
};

// One part: whole + billionths / 10^9, both with the part's sign.
struct Part {
  __int128 whole = 0;
  __int128 billionths = 0;

  __int128 total() const { return whole * kBillion + billionths; }
};

void AddDays(const Part& part, int64_t factor, Sum* sum) {
  const __int128 billionths = part.total() * factor;
  sum->days += billionths / kBillion;
  sum->nanos += billionths % kBillion * kSecondsPerDay;
}

// What is left of a month is turned to days and time with the mean length of a month.
void AddMonths(const Part& part, int64_t factor, Sum* sum) {
  const __int128 billionths = part.total() * factor;
  sum->months += billionths / kBillion;
  const __int128 nanos = billionths % kBillion * kSecondsPerMeanMonth;
  sum->days += nanos / kNanosPerDay;
  sum->nanos += nanos % kNanosPerDay;
}

// False for a unit that does not belong there. `*order` keeps the units in order, each once.
bool AddPart(const Part& part, char unit, bool in_time, int* order, Sum* sum) {
  constexpr std::string_view kUnits = "YMWDThms";  // lower case: of the time
  if (unit >= 'a') return false;
  if (in_time) {
    if (unit != 'H' && unit != 'M' && unit != 'S') return false;
    unit = static_cast<char>(unit - 'A' + 'a');
  }
  const size_t place = kUnits.find(unit);
  if (place == std::string_view::npos || unit == 'T' || static_cast<int>(place) <= *order) {
    return false;
  }
  *order = static_cast<int>(place);
  switch (unit) {
    case 'Y':
      AddMonths(part, 12, sum);
      break;
    case 'M':
      AddMonths(part, 1, sum);
      break;
    case 'W':
      AddDays(part, 7, sum);
      break;
    case 'D':
      AddDays(part, 1, sum);
      break;
    default:
      sum->nanos += part.total() * (unit == 'h' ? 3600 : unit == 'm' ? 60 : 1);
  }
  return true;
}

// nullptr when read, else the reason.
const char* TakeUnits(TextScanner* in, Sum* sum) {
  bool in_time = false;
  int order = -1;
  if (in->done()) return kDurationShape;
  while (!in->done()) {
    if (!in_time && in->Take('T')) in_time = true;
    const int sign = in->TakeSign();
    const std::optional<int64_t> whole = in->TakeNumber(in->DigitCount());
    if (!whole.has_value()) return "every part is a number of at most 18 digits and a unit";
    const std::optional<int32_t> fraction = in->TakeFraction();
    if (!fraction.has_value()) return "a fraction has one to nine digits";
    const char unit = in->Peek();
    in->Take(unit);
    if (!AddPart({sign * *whole, sign * *fraction}, unit, in_time, &order, sum))
      return kDurationShape;
  }
  return nullptr;
}

// P<date>T<time>: the date's numbers are years, months and days, not a place in the calendar.
const char* TakeDateForm(TextScanner* in, Sum* sum) {
  constexpr const char* kDateShape = "expected a form like P0001-02-10T02:30:01.5";
  const std::optional<int64_t> years = in->TakeNumber(4);
  if (!years.has_value() || !in->Take('-')) return kDateShape;
  const std::optional<int64_t> months = in->TakeNumber(2);
  if (!months.has_value() || !in->Take('-')) return kDateShape;
  const std::optional<int64_t> days = in->TakeNumber(2);
  if (!days.has_value()) return kDateShape;
  sum->months = *years * 12 + *months;
  sum->days = *days;
  if (in->done()) return nullptr;
  if (!in->Take('T')) return kDateShape;
  const absl::StatusOr<LocalTime> time = ParseLocalTime(in->rest());
  if (!time.ok()) return kDateShape;
  sum->nanos = time->nanos_of_day;
  return nullptr;
}

const char* FinishDuration(Sum sum, int sign, Duration* duration) {
  const auto fits = [](__int128 v) { return v >= INT64_MIN && v <= INT64_MAX; };
  __int128 nanos = sign * sum.nanos;
  __int128 seconds = nanos / kBillion;
  nanos %= kBillion;
  if (nanos < 0) {
    nanos += kBillion;
    --seconds;
  }
  if (!fits(sum.months) || !fits(sum.days) || !fits(seconds)) return "too long";
  duration->months = sign * static_cast<int64_t>(sum.months);
  duration->days = sign * static_cast<int64_t>(sum.days);
  duration->seconds = static_cast<int64_t>(seconds);
  duration->nanos = static_cast<int32_t>(nanos);
  return IsValid(*duration) ? nullptr : "too long";
}

void AppendUnit(int64_t number, char unit, std::string* out) {
  if (number != 0) absl::StrAppend(out, number, std::string(1, unit));
}

// Seconds with up to nine digits behind the point; `nanos` is the whole, with its sign.
std::string FormatSeconds(int64_t nanos) {
  const int64_t size = nanos < 0 ? -nanos : nanos;
  std::string out = absl::StrCat(nanos < 0 ? "-" : "", size / kBillion);
  if (size % kBillion == 0) return out;
  const std::string digits = std::to_string(kBillion + size % kBillion);  // 1 and nine digits
  const size_t end = digits.find_last_not_of('0') + 1;
  return out + "." + digits.substr(1, end - 1);
}

}  // namespace

absl::StatusOr<Duration> ParseDuration(std::string_view text) {
  TextScanner in(TrimBlanks(text));
  const int sign = in.TakeSign();
  if (!in.Take('P')) return NotA("a duration", text, kDurationShape);
  Sum sum;
  const bool date_form = in.DigitCount() == 4 && in.rest().substr(4, 1) == "-";
  const char* reason = date_form ? TakeDateForm(&in, &sum) : TakeUnits(&in, &sum);
  Duration duration;
  if (reason == nullptr) reason = FinishDuration(sum, sign, &duration);
  if (reason != nullptr) return NotA("a duration", text, reason);
  return duration;
}

std::string FormatDuration(const Duration& duration) {
  std::string out = "P";
  AppendUnit(duration.months / 12, 'Y', &out);
  AppendUnit(duration.months % 12, 'M', &out);
  AppendUnit(duration.days, 'D', &out);
  const __int128 nanos = __int128{duration.seconds} * kBillion + duration.nanos;
  if (nanos == 0) return out == "P" ? "PT0S" : out;
  out += 'T';
  const auto minutes = static_cast<int64_t>(nanos / (60 * kBillion));
  AppendUnit(minutes / 60, 'H', &out);
  AppendUnit(minutes % 60, 'M', &out);
  const auto rest = static_cast<int64_t>(nanos % (60 * kBillion));
  if (rest != 0) out += FormatSeconds(rest) + "S";
  return out;
}

}  // namespace tidemark::graph
