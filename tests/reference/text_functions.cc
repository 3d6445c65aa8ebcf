// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "graph/value_text.h"
#include "tests/reference/functions.h"

namespace tidemark::reference {

using graph::ValueType;
using query::ErrorId;

namespace {

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Value Cut(Evaluator* evaluator, const std::string& name, const Arguments& arguments) {
  if (arguments[0].type() != ValueType::kString) return evaluator->TypeError();
  for (size_t i = 1; i < arguments.size(); ++i) {
    if (arguments[i].type() != ValueType::kInteger) return evaluator->TypeError();
    if (arguments[i].integer() < 0) {
      return evaluator->Fail(ErrorId::kNegativeIntegerArgumentAtRuntime);
    }
  }
  const std::u32string text = CodePoints(arguments[0].string());
  const auto limited = [&](size_t i) {
    return static_cast<size_t>(
        std::min<int64_t>(arguments[i].integer(), static_cast<int64_t>(text.size())));
  };
  if (name == "left") return Value::String(Utf8(text.substr(0, limited(1))));
  if (name == "right") return Value::String(Utf8(text.substr(text.size() - limited(1))));
  const size_t length = arguments.size() > 2 ? limited(2) : text.size();
  return Value::String(Utf8(text.substr(limited(1), length)));
}

Value Replace(const Arguments& arguments) {
  const std::string_view text = arguments[0].string();
  const std::string_view from = arguments[1].string();
  const std::string_view to = arguments[2].string();
  std::string result;
  if (from.empty()) {
    result += to;
    for (const char32_t c : CodePoints(text)) result += Utf8({c}) + std::string(to);
    return Value::String(result);
  }
  for (size_t i = 0; i < text.size();) {
    if (text.substr(i, from.size()) == from) {
      result += to;
      i += from.size();
    } else {
      result += text[i++];
    }
  }
  return Value::String(result);
}

Value Split(Evaluator* evaluator, const Arguments& arguments) {
  const std::string_view text = arguments[0].string();
  const std::string_view by = arguments[1].string();
  if (by.empty()) return evaluator->NotCovered("a split without delimiter");
  std::vector<Value> parts;
  size_t begin = 0;
  for (size_t at = text.find(by); at != std::string_view::npos; at = text.find(by, begin)) {
    parts.push_back(Value::String(text.substr(begin, at - begin)));
    begin = at + by.size();
  }
  parts.push_back(Value::String(text.substr(begin)));
  return Value::List(parts);
}

Value Case(Evaluator* evaluator, const std::string& name, const std::string& text) {
  if (!IsAscii(text)) return evaluator->NotCovered("letters beyond ASCII");
  if (name == "toupper" || name == "upper") return Value::String(absl::AsciiStrToUpper(text));
  if (name == "tolower" || name == "lower") return Value::String(absl::AsciiStrToLower(text));
  if (name == "ltrim") return Value::String(std::string(absl::StripLeadingAsciiWhitespace(text)));
  if (name == "rtrim") return Value::String(std::string(absl::StripTrailingAsciiWhitespace(text)));
  return Value::String(std::string(absl::StripAsciiWhitespace(text)));
}

std::optional<Value> OfText(Evaluator* evaluator, const std::string& name,
                            const Arguments& arguments) {
  if (name == "substring" || name == "left" || name == "right") {
    return Cut(evaluator, name, arguments);
  }
  const bool known =
      (name == "replace" && arguments.size() == 3) || (name == "split" && arguments.size() == 2);
  const bool one = arguments.size() == 1 &&
                   (name == "toupper" || name == "tolower" || name == "upper" || name == "lower" ||
                    name == "trim" || name == "ltrim" || name == "rtrim" || name == "btrim");
  if (!known && !one) return std::nullopt;
  for (const Value& argument : arguments) {
    if (argument.type() == ValueType::kString) continue;
    if (argument.type() == ValueType::kList) return evaluator->NotCovered("lists as delimiters");
    return evaluator->TypeError();
  }
  if (one) return Case(evaluator, name, std::string(arguments[0].string()));
  return name == "replace" ? Replace(arguments) : Split(evaluator, arguments);
}

Value ToInteger(Evaluator* evaluator, const Value& value) {
  if (value.type() == ValueType::kInteger) return value;
  if (value.type() == ValueType::kBoolean) return Value::Integer(value.boolean() ? 1 : 0);
  if (value.type() == ValueType::kFloat) {
    const double real = value.real();
    if (std::isnan(real)) return Value::Integer(0);
    if (real >= 9.2e18) return evaluator->NotCovered("such a float");
    if (real <= -9.2e18) return evaluator->NotCovered("such a float");
    return Value::Integer(static_cast<int64_t>(real));
  }
  if (value.type() != ValueType::kString)
    return evaluator->Fail(ErrorId::kInvalidTypeArgumentValue);
  const std::string_view text = value.string();
  if (text.empty() || text.size() > 15 || absl::ascii_isspace(text.front()) ||
      absl::ascii_isspace(text.back())) {
    return text.size() > 15 ? evaluator->NotCovered("so long a number") : Value::Null();
  }
  if (const auto integer = graph::ParseInteger(text); integer.ok()) return Value::Integer(*integer);
  if (absl::ascii_isalpha(text.back()) != 0) return Value::Null();
  const auto real = graph::ParseFloat(text);
  return real.ok() ? ToInteger(evaluator, Value::Float(*real)) : Value::Null();
}

Value ToFloat(Evaluator* evaluator, const Value& value) {
  if (value.type() == ValueType::kFloat) return value;
  if (value.type() == ValueType::kInteger) {
    return Value::Float(static_cast<double>(value.integer()));
  }
  if (value.type() != ValueType::kString)
    return evaluator->Fail(ErrorId::kInvalidTypeArgumentValue);
  const auto real = graph::ParseFloat(value.string());
  return real.ok() ? Value::Float(*real) : Value::Null();
}

Value ToBoolean(Evaluator* evaluator, const Value& value) {
  if (value.type() == ValueType::kBoolean) return value;
  if (value.type() == ValueType::kInteger) return Value::Boolean(value.integer() != 0);
  if (value.type() != ValueType::kString)
    return evaluator->Fail(ErrorId::kInvalidTypeArgumentValue);
  const auto boolean = graph::ParseBoolean(value.string());
  return boolean.ok() ? Value::Boolean(*boolean) : Value::Null();
}

}  // namespace

std::u32string CodePoints(std::string_view text) {
  std::u32string points;
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int bytes = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    char32_t point = bytes == 1 ? lead : lead & (0x7fu >> bytes);
    for (int k = 1; k < bytes && i + static_cast<size_t>(k) < text.size(); ++k) {
      point = point << 6 | (static_cast<unsigned char>(text[i + static_cast<size_t>(k)]) & 0x3fu);
    }
    points.push_back(point);
    i += static_cast<size_t>(bytes);
  }
  return points;
}

std::string Utf8(const std::u32string& text) {
  std::string out;
  for (const char32_t c : text) {
    if (c < 0x80) {
      out += static_cast<char>(c);
      continue;
    }
    const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    const uint32_t lead = more == 1 ? 0xc0 : more == 2 ? 0xe0 : 0xf0;
    out += static_cast<char>(lead | c >> (6 * more));
    for (int k = more - 1; k >= 0; --k) out += static_cast<char>(0x80 | (c >> (6 * k) & 0x3f));
  }
  return out;
}

std::optional<Value> CallTextFunction(Evaluator* evaluator, const std::string& name,
                                      const Arguments& arguments) {
  if (arguments.size() == 1) {
    if (name == "tostring") return evaluator->Text(arguments[0]);
    if (name == "tointeger") return ToInteger(evaluator, arguments[0]);
    if (name == "tofloat") return ToFloat(evaluator, arguments[0]);
    if (name == "toboolean") return ToBoolean(evaluator, arguments[0]);
  }
  return OfText(evaluator, name, arguments);
}

}  // namespace tidemark::reference
