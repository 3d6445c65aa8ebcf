// SPDX-License-Identifier: Apache-2.0
#include "query/text/position.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace tidemark::query {
namespace {

// What a message shows of a line, at most.
constexpr size_t kShownCodePointsBefore = 60;
constexpr size_t kShownCodePointsAfter = 30;

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xc0) == 0x80; }

bool EndsLine(char c) { return c == '\n' || c == '\r'; }

size_t CountCodePoints(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

// Where the line of `at` begins.
size_t LineBegin(std::string_view text, size_t at) {
  while (at > 0 && !EndsLine(text[at - 1])) --at;
  return at;
}

}  // namespace

Position PositionAt(std::string_view text, size_t byte_offset) {
  const std::string_view before = text.substr(0, std::min(byte_offset, text.size()));
  Position position;
  for (size_t i = 0; i < before.size(); ++i) {
    const bool ends =
        before[i] == '\n' || (before[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'));
    if (ends) ++position.line;
  }
  // Between \r and \n one stands on the line that they end.
  size_t begin = before.size();
  if (begin > 0 && begin < text.size() && text[begin] == '\n' && text[begin - 1] == '\r') --begin;
  begin = LineBegin(text, begin);
  position.column = static_cast<uint32_t>(CountCodePoints(before.substr(begin))) + 1;
  position.offset = static_cast<uint32_t>(CountCodePoints(before));
  return position;
}

std::string ToText(const Position& position) {
  return absl::StrCat("line ", position.line, ", column ", position.column,
                      " (offset: ", position.offset, ")");
}

std::string CaretLines(std::string_view text, size_t byte_offset) {
  const size_t at = std::min(byte_offset, text.size());
  const size_t line = LineBegin(text, at);
  size_t begin = at;
  for (size_t left = kShownCodePointsBefore; begin > line && left > 0; --left) {
    --begin;
    while (begin > line && IsContinuation(text[begin])) --begin;
  }
  size_t end = at;
  for (size_t left = kShownCodePointsAfter; end < text.size() && left > 0; --left) {
    if (EndsLine(text[end])) break;
    ++end;
    while (end < text.size() && IsContinuation(text[end])) ++end;
  }
  std::string shown(begin > line ? "\"..." : "\"");
  std::string caret(shown.size(), ' ');
  for (size_t i = begin; i < at; ++i) {
    if (!IsContinuation(text[i])) caret += text[i] == '\t' ? '\t' : ' ';
  }
  shown += text.substr(begin, end - begin);
  shown += end < text.size() && !EndsLine(text[end]) ? "...\"" : "\"";
  return shown + "\n" + caret + "^";
}

}  // namespace tidemark::query
