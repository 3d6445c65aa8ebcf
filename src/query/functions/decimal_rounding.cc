// SPDX-License-Identifier: Apache-2.0
#include "query/functions/decimal_rounding.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "query/functions/failures.h"

namespace tidemark::query {
namespace {

constexpr struct {
  std::string_view name;
  RoundingMode mode;
} kModes[] = {{"UP", RoundingMode::kUp},
              {"DOWN", RoundingMode::kDown},
              {"CEILING", RoundingMode::kCeiling},
              {"FLOOR", RoundingMode::kFloor},
              {"HALF_UP", RoundingMode::kHalfUp},
              {"HALF_DOWN", RoundingMode::kHalfDown},
              {"HALF_EVEN", RoundingMode::kHalfEven}};

// Whether the digits that stay grow by one in their last place. `rest` are the digits that go, not
// all of them zero.
bool RoundsUp(std::string_view kept, std::string_view rest, bool is_negative, RoundingMode mode) {
  const bool above_half =
      rest[0] > '5' || (rest[0] == '5' && rest.find_first_not_of('0', 1) != rest.npos);
  const bool is_half = rest[0] == '5' && !above_half;
  switch (mode) {
    case RoundingMode::kUp:
      return true;
    case RoundingMode::kDown:
      return false;
    case RoundingMode::kCeiling:
      return !is_negative;
    case RoundingMode::kFloor:
      return is_negative;
    case RoundingMode::kHalfUp:
      return above_half || is_half;
    case RoundingMode::kHalfDown:
      return above_half;
    case RoundingMode::kHalfEven:
      return above_half || (is_half && (kept.back() - '0') % 2 == 1);
  }
  return false;
}

// One more in the last place; grows by a digit when all are 9.
void Increment(std::string* digits) {
  for (size_t i = digits->size(); i-- > 0;) {
    if ((*digits)[i] != '9') {
      ++(*digits)[i];
      return;
    }
    (*digits)[i] = '0';
  }
  digits->insert(0, "1");
}

}  // namespace

absl::StatusOr<RoundingMode> RoundingModeOf(std::string_view name) {
  for (const auto& [known, mode] : kModes) {
    if (known == name) return mode;
  }
  return Failure(ErrorId::kInvalidArgumentValue,
                 {"There is no rounding mode '" + std::string(name) +
                  "'; there are UP, DOWN, CEILING, FLOOR, HALF_UP, HALF_DOWN and HALF_EVEN"});
}

double RoundTiesUp(double number) {
  const double below = std::floor(number);
  return number - below >= 0.5 ? below + 1.0 : below;
}

double RoundDecimal(double number, int precision, RoundingMode mode) {
  if (!std::isfinite(number) || number == 0) return number;
  char buffer[64];
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, std::abs(number), std::chars_format::scientific)
          .ptr;
  // d.ddde[+-]x: the digits, of which `whole` stand before the point.
  std::string digits;
  const char* at = buffer;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') digits.push_back(*at);
  }
  int exponent = 0;
  std::from_chars(at + (at[1] == '+' ? 2 : 1), end, exponent);
  // Whole digits may be missing in front, when the number is below 0.1.
  if (exponent < 0) digits.insert(0, static_cast<size_t>(-exponent), '0');
  const size_t whole = exponent < 0 ? 1 : static_cast<size_t>(exponent) + 1;
  const size_t keep = whole + static_cast<size_t>(precision);
  if (keep >= digits.size()) return number;
  const std::string rest = digits.substr(keep);
  digits.resize(keep);
  const bool is_negative = std::signbit(number);
  if (rest.find_first_not_of('0') != rest.npos && RoundsUp(digits, rest, is_negative, mode)) {
    Increment(&digits);
  }
  const double rounded = std::strtod(absl::StrCat(digits, "e-", precision).c_str(), nullptr);
  return is_negative ? -rounded : rounded;
}

}  // namespace tidemark::query
