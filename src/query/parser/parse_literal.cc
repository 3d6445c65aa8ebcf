// SPDX-License-Identifier: Apache-2.0
// Numbers and strings.
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/charconv.h"
#include "absl/strings/str_cat.h"
#include "query/parser/characters.h"
#include "query/parser/recursive_parser.h"

namespace tidemark::query {
namespace {

// The number without the underscores between its digits; nothing when one stands elsewhere.
std::optional<std::string> WithoutUnderscores(std::string_view digits) {
  std::string plain;
  for (size_t i = 0; i < digits.size(); ++i) {
    if (digits[i] != '_') {
      plain += digits[i];
      continue;
    }
    const bool is_between = i > 0 && i + 1 < digits.size() && absl::ascii_isxdigit(digits[i - 1]) &&
                            absl::ascii_isxdigit(digits[i + 1]);
    if (!is_between) return std::nullopt;
  }
  return plain;
}

// The value of a digit; 99 when it is none.
uint64_t DigitValue(char c) {
  if (absl::ascii_isdigit(c)) return static_cast<uint64_t>(c - '0');
  const char lower = absl::ascii_tolower(c);
  if (lower >= 'a' && lower <= 'f') return static_cast<uint64_t>(lower - 'a' + 10);
  return 99;
}

bool IsHighSurrogate(uint32_t unit) { return unit >= 0xd800 && unit < 0xdc00; }
bool IsLowSurrogate(uint32_t unit) { return unit >= 0xdc00 && unit < 0xe000; }

// The `count` hexadecimal digits at `at`.
std::optional<uint32_t> HexDigits(std::string_view text, size_t at, size_t count) {
  if (at + count > text.size()) return std::nullopt;
  uint64_t value = 0;
  for (size_t i = at; i < at + count; ++i) {
    const uint64_t digit = DigitValue(text[i]);
    if (digit > 15) return std::nullopt;
    value = value * 16 + digit;
  }
  return static_cast<uint32_t>(value);
}

// What a backslash and `c` stand for; 0: nothing of its own.
char EscapedCharacter(char c) {
  switch (c) {
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case '\\':
    case '\'':
    case '"':
    case '`':
      return c;
    default:
      return 0;
  }
}

}  // namespace

Expression* RecursiveParser::ParseNumber() {
  const std::string_view written = TextOfToken(Peek());
  std::string plain;
  if (written.find('_') != std::string_view::npos) {
    const auto stripped = WithoutUnderscores(written);
    if (!stripped.has_value()) {
      FailAt(Here(), ErrorId::kInvalidNumberLiteral, {Shown({Here(), Peek().length})});
      return Dummy();
    }
    plain = *stripped;
  }
  const std::string_view digits = plain.empty() ? written : std::string_view(plain);
  const char second = digits.size() > 1 ? absl::ascii_tolower(digits[1]) : '\0';
  if (digits[0] == '0' && second == 'x') return ParseInteger(digits.substr(2), 16);
  if (digits[0] == '0' && second == 'o') return ParseInteger(digits.substr(2), 8);
  if (digits.find_first_not_of("0123456789") != std::string_view::npos) return ParseFloat(digits);
  return ParseInteger(digits, 10);
}

Expression* RecursiveParser::ParseInteger(std::string_view digits, uint64_t base) {
  const uint32_t begin = Here();
  const std::string shown = Shown({begin, Peek().length});
  const bool is_negated = negated_ == index() && index() > 0;
  const uint64_t limit =
      static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) + (is_negated ? 1 : 0);
  uint64_t value = 0;
  bool fits = true;
  for (const char c : digits) {
    const uint64_t digit = DigitValue(c);
    if (digit >= base) {
      FailAt(begin, ErrorId::kInvalidNumberLiteral, {shown});
      return Dummy();
    }
    fits = fits && value <= (limit - digit) / base;
    value = value * base + digit;
  }
  const bool has_idle_zero = base == 10 && digits.size() > 1 && digits[0] == '0';
  if (digits.empty() || has_idle_zero) {
    FailAt(begin, ErrorId::kInvalidNumberLiteral, {shown});
  } else if (!fits) {
    FailAt(begin, ErrorId::kIntegerLiteralOverflow, {absl::StrCat(is_negated ? "-" : "", shown)});
  }
  Skip();
  return New<IntegerLiteral>(begin, static_cast<int64_t>(value));
}

Expression* RecursiveParser::ParseFloat(std::string_view digits) {
  const uint32_t begin = Here();
  const std::string shown = Shown({begin, Peek().length});
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = absl::from_chars(digits.data(), end, value);
  const bool is_number =
      result.ec != std::errc::invalid_argument && result.ptr == end && digits.back() != '.';
  if (!is_number) {
    FailAt(begin, ErrorId::kInvalidNumberLiteral, {shown});
  } else if (result.ec == std::errc::result_out_of_range && value > 1) {
    FailAt(begin, ErrorId::kFloatingPointOverflow, {shown});
  }
  Skip();
  return New<FloatLiteral>(begin, value);
}

// NaN, INF and Infinity; nullptr for any other word.
Expression* RecursiveParser::ParseFloatWord() {
  const uint32_t begin = Here();
  const TokenKind next = Peek(1).kind;
  const bool is_name = next == TokenKind::kLeftParenthesis || next == TokenKind::kDot ||
                       next == TokenKind::kLeftBrace || next == TokenKind::kColon;
  if (is_name) return nullptr;
  if (Take(Keyword::kNan)) {
    return New<FloatLiteral>(begin, std::numeric_limits<double>::quiet_NaN());
  }
  if (Take(Keyword::kInf) || Take(Keyword::kInfinity)) {
    return New<FloatLiteral>(begin, std::numeric_limits<double>::infinity());
  }
  return nullptr;
}

std::string_view RecursiveParser::DecodeString(const Token& token) {
  const std::string_view inner = text().substr(token.offset + 1, token.length - 2);
  if (inner.find('\\') == std::string_view::npos) return inner;
  std::string value;
  value.reserve(inner.size());
  for (size_t i = 0; i < inner.size() && !failed();) {
    if (inner[i] != '\\') {
      value += inner[i++];
      continue;
    }
    const char c = inner[i + 1];  // a backslash never is the last character
    if (c == 'u' || c == 'U') {
      DecodeCharacter(token, &i, &value);
      continue;
    }
    const char meant = EscapedCharacter(c);
    if (meant != 0) {
      value += meant;
    } else {
      value.append(inner.substr(i, 2));  // no escape: both characters stand for themselves
    }
    i += 2;
  }
  return arena()->Copy(value);
}

// Two escapes may be the halves of one character, as in Java and JSON.
void RecursiveParser::DecodeCharacter(const Token& token, size_t* i, std::string* out) {
  const std::string_view inner = text().substr(token.offset + 1, token.length - 2);
  const size_t digit_count = inner[*i + 1] == 'u' ? 4 : 8;
  std::optional<uint32_t> character = HexDigits(inner, *i + 2, digit_count);
  size_t end = *i + 2 + digit_count;
  if (character.has_value() && IsHighSurrogate(*character) && inner.substr(end, 2) == "\\u") {
    const std::optional<uint32_t> low = HexDigits(inner, end + 2, 4);
    if (low.has_value() && IsLowSurrogate(*low)) {
      character = 0x10000 + ((*character - 0xd800) << 10) + (*low - 0xdc00);
      end += 6;
    }
  }
  const bool is_character = character.has_value() && *character <= 0x10ffff &&
                            !IsHighSurrogate(*character) && !IsLowSurrogate(*character);
  if (!is_character) {
    const auto offset = static_cast<uint32_t>(token.offset + 1 + *i);
    const auto length = static_cast<uint32_t>(std::min(inner.size() - *i, 2 + digit_count));
    FailAt(offset, ErrorId::kInvalidUnicodeLiteral, {Shown({offset, length})});
    return;
  }
  char bytes[4];
  out->append(bytes, EncodeUtf8(*character, bytes));
  *i = end;
}

}  // namespace tidemark::query
