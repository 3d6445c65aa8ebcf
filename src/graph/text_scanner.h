// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace tidemark::graph {

// Reads a text from the front, for the parsers of this room. Does not own the text. Threads: one.
class TextScanner {
 public:
  explicit TextScanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  std::string_view rest() const { return rest_; }
  // The next character; 0 at the end.
  char Peek() const { return rest_.empty() ? '\0' : rest_.front(); }
  bool Take(char c) {
    if (Peek() != c || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void SkipBlanks();
  // How many digits come next.
  size_t DigitCount() const;
  // A number of exactly `digit_count` (at most 18) digits.
  std::optional<int64_t> TakeNumber(size_t digit_count);
  // '.' or ',' and up to nine digits, as billionths; 0 when there is no fraction.
  std::optional<int32_t> TakeFraction();
  // -1 for '-', 1 for '+' or nothing.
  int TakeSign();
  // Everything up to (not including) one of `stops`.
  std::string_view TakeUntil(std::string_view stops);

 private:
  std::string_view rest_;
};

std::string_view TrimBlanks(std::string_view text);

// kInvalidArgument: `"<text>" is not <what>: <reason>`; a long text is cut.
absl::Status NotA(std::string_view what, std::string_view text, std::string_view reason);

// `text` in double quotes, control characters escaped, at most `max_bytes` of it.
std::string Quote(std::string_view text, size_t max_bytes);

}  // namespace tidemark::graph
