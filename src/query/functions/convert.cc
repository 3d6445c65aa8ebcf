// SPDX-License-Identifier: Apache-2.0
#include "query/functions/convert.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "graph/value_text.h"
#include "query/functions/failures.h"

namespace tidemark::query {

using graph::Value;
using graph::ValueType;

namespace {

constexpr double kTwoToThe63 = 9223372036854775808.0;
// Beyond these a number is written with an exponent.
constexpr double kLeastPlainFloat = 1e-3;
constexpr double kFirstLargeFloat = 1e7;
// More digits before the point than any 64-bit integer has.
constexpr int64_t kMaxIntegerDigits = 19;

// Java's white space of trim(): everything up to the blank.
std::string_view TrimControls(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) <= ' '; };
  while (!text.empty() && is_control(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_control(text.back())) text.remove_suffix(1);
  return text;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

std::string_view TakeDigits(std::string_view* text) {
  size_t count = 0;
  while (count < text->size() && IsDigit((*text)[count])) ++count;
  const std::string_view digits = text->substr(0, count);
  text->remove_prefix(count);
  return digits;
}

// +1 or -1; takes the sign.
int TakeSign(std::string_view* text) {
  if (text->empty() || (text->front() != '-' && text->front() != '+')) return 1;
  const int sign = text->front() == '-' ? -1 : 1;
  text->remove_prefix(1);
  return sign;
}

// A number as it is written: sign, digits, and where the point stands among them.
struct Decimal {
  int sign = 1;
  std::string digits;        // without leading zeros
  int64_t whole_digits = 0;  // how many stand before the point; may lie outside of the digits
};

// 12, -3.7, 1e3, .5, 5. and nothing else.
std::optional<Decimal> ParseDecimal(std::string_view text) {
  Decimal decimal;
  decimal.sign = TakeSign(&text);
  const std::string_view whole = TakeDigits(&text);
  std::string_view fraction;
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    fraction = TakeDigits(&text);
  }
  if (whole.empty() && fraction.empty()) return std::nullopt;
  int64_t exponent = 0;
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    const int exponent_sign = TakeSign(&text);
    const std::string_view digits = TakeDigits(&text);
    if (digits.empty()) return std::nullopt;
    // A longer exponent is as good as this one: no text has so many digits.
    constexpr int64_t kHugeExponent = 1'000'000'000'000;
    const bool fits =
        std::from_chars(digits.data(), digits.data() + digits.size(), exponent).ec == std::errc();
    exponent = exponent_sign * (fits ? std::min(exponent, kHugeExponent) : kHugeExponent);
  }
  if (!text.empty()) return std::nullopt;
  decimal.digits = std::string(whole) + std::string(fraction);
  decimal.whole_digits = static_cast<int64_t>(whole.size()) + exponent;
  const size_t zeros = std::min(decimal.digits.find_first_not_of('0'), decimal.digits.size());
  decimal.digits.erase(0, zeros);
  decimal.whole_digits -= static_cast<int64_t>(zeros);
  return decimal;
}

// The whole part, exactly; nothing when the number is beyond the limits.
std::optional<int64_t> WholePart(const Decimal& decimal) {
  if (decimal.digits.empty() || decimal.whole_digits <= 0) return 0;
  if (decimal.whole_digits > kMaxIntegerDigits) return std::nullopt;
  std::string digits = decimal.sign < 0 ? "-" : "";
  digits.append(decimal.digits, 0, static_cast<size_t>(decimal.whole_digits));
  digits.resize(static_cast<size_t>(decimal.whole_digits) + (decimal.sign < 0 ? 1 : 0), '0');
  int64_t value = 0;
  if (std::from_chars(digits.data(), digits.data() + digits.size(), value).ec != std::errc()) {
    return std::nullopt;
  }
  const bool at_limit = value == (decimal.sign < 0 ? INT64_MIN : INT64_MAX);
  const bool has_fraction =
      decimal.digits.find_first_not_of('0', static_cast<size_t>(decimal.whole_digits)) !=
      std::string::npos;
  if (at_limit && has_fraction) return std::nullopt;
  return value;
}

ValueOr IntegerOfText(std::string_view text) {
  const std::optional<Decimal> decimal = ParseDecimal(text);
  if (!decimal.has_value()) return Value();
  const std::optional<int64_t> whole = WholePart(*decimal);
  if (whole.has_value()) return Value::Integer(*whole);
  return Failure(
      ErrorId::kInvalidTypeArgumentValue,
      {"The integer " + graph::ToText(Value::String(text), 60) + " does not fit in 64 bits"});
}

// Of digits that charconv has found well-formed; what is out of range is Infinity or about zero.
double NearestFloat(std::string_view digits, std::chars_format format) {
  double value = 0;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value, format);
  if (result.ec != std::errc::result_out_of_range) return value;
  const std::string_view prefix = format == std::chars_format::hex ? "0x" : "";
  return std::strtod((std::string(prefix) + std::string(digits)).c_str(), nullptr);
}

// As Java reads doubles: 1.5, 1e-3, 1f, 0x1p3, NaN, -Infinity; nothing for other text.
std::optional<double> FloatOfText(std::string_view text) {
  text = TrimControls(text);
  const int sign = TakeSign(&text);
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return sign * HUGE_VAL;
  auto format = std::chars_format::general;
  const bool is_hex = text.starts_with("0x") || text.starts_with("0X");
  if (is_hex) {
    text.remove_prefix(2);
    if (text.find_first_of("pP") == std::string_view::npos) return std::nullopt;
    format = std::chars_format::hex;
  }
  const size_t exponent = text.find_first_of("pP");
  const bool may_have_suffix = !is_hex || exponent != std::string_view::npos;
  if (may_have_suffix && text.size() > 1 &&
      std::string_view("fFdD").find(text.back()) != std::string_view::npos) {
    text.remove_suffix(1);
  }
  if (text.empty() || (!is_hex && !IsDigit(text.front()) && text.front() != '.')) {
    return std::nullopt;
  }
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value, format);
  const bool is_number = result.ec == std::errc() || result.ec == std::errc::result_out_of_range;
  if (!is_number || result.ptr != text.data() + text.size()) return std::nullopt;
  return sign * NearestFloat(text, format);
}

ValueOr WrongConversion(std::string_view expected, const Value& value) {
  return Failure(
      ErrorId::kInvalidTypeArgumentValue,
      {"Type mismatch: expected " + std::string(expected) + " but was " + DescribeValue(value)});
}

}  // namespace

std::string FloatText(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  const double size = std::abs(value);
  char buffer[64];
  if (size == 0 || (size >= kLeastPlainFloat && size < kFirstLargeFloat)) {
    const auto end =
        std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed).ptr;
    std::string text(buffer, end);
    return text.find('.') == std::string::npos ? text + ".0" : text;
  }
  const auto end =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string text(buffer, end);  // 1e+10, 1.5e-05
  const size_t at = text.find('e');
  std::string mantissa = text.substr(0, at);
  if (mantissa.find('.') == std::string::npos) mantissa += ".0";
  return absl::StrCat(mantissa, "E", std::atoi(text.c_str() + at + 1));
}

std::string_view CrsName(graph::Crs crs) {
  switch (crs) {
    case graph::Crs::kWgs84:
      return "wgs-84";
    case graph::Crs::kWgs84_3d:
      return "wgs-84-3d";
    case graph::Crs::kCartesian:
      return "cartesian";
    case graph::Crs::kCartesian3d:
      break;
  }
  return "cartesian-3d";
}

std::string TextOfScalar(const Value& value) {
  switch (value.type()) {
    case ValueType::kString:
      return std::string(value.string());
    case ValueType::kInteger:
      return absl::StrCat(value.integer());
    case ValueType::kFloat:
      return FloatText(value.real());
    case ValueType::kBoolean:
      return value.boolean() ? "true" : "false";
    case ValueType::kDate:
      return graph::FormatDate(value.date());
    case ValueType::kLocalTime:
      return graph::FormatLocalTime(value.local_time());
    case ValueType::kTime:
      return graph::FormatTime(value.time());
    case ValueType::kLocalDateTime:
      return graph::FormatLocalDateTime(value.local_date_time());
    case ValueType::kDateTime:
      return graph::FormatDateTime(value.date_time());
    case ValueType::kDuration:
      return graph::FormatDuration(value.duration());
    default:
      break;
  }
  const graph::Point& point = value.point();
  std::string text =
      "point({x: " + FloatText(point.coordinates[0]) + ", y: " + FloatText(point.coordinates[1]);
  if (graph::DimensionCount(point.crs) == 3) text += ", z: " + FloatText(point.coordinates[2]);
  return text + ", crs: '" + std::string(CrsName(point.crs)) + "'})";
}

int64_t SaturatedInteger(double value) {
  if (std::isnan(value)) return 0;
  if (value >= kTwoToThe63) return INT64_MAX;
  if (value < -kTwoToThe63) return INT64_MIN;
  return static_cast<int64_t>(value);
}

ValueOr ConvertToInteger(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
    case ValueType::kInteger:
      return value;
    case ValueType::kFloat:
      return Value::Integer(SaturatedInteger(value.real()));
    case ValueType::kBoolean:
      return Value::Integer(value.boolean() ? 1 : 0);
    case ValueType::kString:
      return IntegerOfText(value.string());
    default:
      return WrongConversion("BOOLEAN | STRING | INTEGER | FLOAT", value);
  }
}

ValueOr ConvertToFloat(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
    case ValueType::kFloat:
      return value;
    case ValueType::kInteger:
      return Value::Float(static_cast<double>(value.integer()));
    case ValueType::kString: {
      const std::optional<double> number = FloatOfText(value.string());
      return number.has_value() ? Value::Float(*number) : Value();
    }
    default:
      return WrongConversion("STRING | INTEGER | FLOAT", value);
  }
}

ValueOr ConvertToBoolean(const Value& value) {
  switch (value.type()) {
    case ValueType::kNull:
    case ValueType::kBoolean:
      return value;
    case ValueType::kInteger:
      return Value::Boolean(value.integer() != 0);
    case ValueType::kString: {
      const absl::string_view word = ToAbsl(TrimControls(value.string()));
      if (absl::EqualsIgnoreCase(word, "true")) return Value::Boolean(true);
      if (absl::EqualsIgnoreCase(word, "false")) return Value::Boolean(false);
      return Value();
    }
    default:
      return WrongConversion("BOOLEAN | STRING | INTEGER", value);
  }
}

ValueOr ConvertToString(const Value& value) {
  constexpr CypherType kTexts =
      kStringType | kNumberType | kBooleanType | kPointType | kTemporalType | kDurationType;
  if (value.is_null() || value.type() == ValueType::kString) return value;
  if (!kTexts.Contains(value.type())) return WrongConversion(kTexts.ToString(), value);
  return Value::String(TextOfScalar(value));
}

}  // namespace tidemark::query
