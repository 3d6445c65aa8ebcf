// SPDX-License-Identifier: Apache-2.0
#include "graph/text_scanner.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::graph {
namespace {

constexpr size_t kMaxQuotedBytes = 80;
constexpr size_t kMaxNumberDigits = 18;
constexpr int kFractionDigits = 9;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void TextScanner::SkipBlanks() {
  while (!rest_.empty() && IsBlank(rest_.front())) rest_.remove_prefix(1);
}

size_t TextScanner::DigitCount() const {
  return static_cast<size_t>(std::find_if_not(rest_.begin(), rest_.end(), IsDigit) - rest_.begin());
}

std::optional<int64_t> TextScanner::TakeNumber(size_t digit_count) {
  if (digit_count == 0 || digit_count > kMaxNumberDigits || DigitCount() < digit_count) {
    return std::nullopt;
  }
  int64_t number = 0;
  for (char c : rest_.substr(0, digit_count)) number = number * 10 + (c - '0');
  rest_.remove_prefix(digit_count);
  return number;
}

std::optional<int32_t> TextScanner::TakeFraction() {
  if (!Take('.') && !Take(',')) return 0;
  const size_t digit_count = DigitCount();
  if (digit_count > kFractionDigits) return std::nullopt;
  std::optional<int64_t> number = TakeNumber(digit_count);
  if (!number.has_value()) return std::nullopt;
  for (size_t i = digit_count; i < kFractionDigits; ++i) *number *= 10;
  return static_cast<int32_t>(*number);
}

int TextScanner::TakeSign() {
  if (Take('-')) return -1;
  Take('+');
  return 1;
}

std::string_view TextScanner::TakeUntil(std::string_view stops) {
  const std::string_view taken = rest_.substr(0, rest_.find_first_of(stops));
  rest_.remove_prefix(taken.size());
  return taken;
}

std::string_view TrimBlanks(std::string_view text) {
  while (!text.empty() && IsBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsBlank(text.back())) text.remove_suffix(1);
  return text;
}

absl::Status NotA(std::string_view what, std::string_view text, std::string_view reason) {
  return absl::InvalidArgumentError(
      absl::StrCat(Quote(text, kMaxQuotedBytes), " is not ", ToAbsl(what), ": ", ToAbsl(reason)));
}

std::string Quote(std::string_view text, size_t max_bytes) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "\"";
  size_t used = 0;
  for (char c : text) {
    const auto byte = static_cast<uint8_t>(c);
    // Never cuts inside a UTF-8 sequence.
    if (used >= max_bytes && (byte & 0xc0) != 0x80) {
      out += "...";
      break;
    }
    ++used;
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\t') {
      out += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      out += {'\\', 'u', '0', '0', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace tidemark::graph
