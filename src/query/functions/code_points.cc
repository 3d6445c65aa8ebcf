// SPDX-License-Identifier: Apache-2.0
#include "query/functions/code_points.h"

#include <algorithm>

#include "base/utf8.h"

namespace tidemark::query {

size_t CodePointCount(std::string_view text) {
  if (text.empty()) return 0;
  const auto count = std::count_if(text.begin() + 1, text.end(), BeginsCodePoint);
  return static_cast<size_t>(count) + 1;
}

size_t CodePointBytes(std::string_view text, size_t byte) {
  size_t end = byte + 1;
  while (end < text.size() && !BeginsCodePoint(text[end])) ++end;
  return end - byte;
}

size_t ByteOfCodePoint(std::string_view text, size_t count) {
  size_t byte = 0;
  while (count > 0 && byte < text.size()) {
    byte += CodePointBytes(text, byte);
    --count;
  }
  return byte;
}

std::string ReversedText(std::string_view text) {
  std::string reversed(text.size(), '\0');
  size_t end = text.size();
  for (size_t byte = 0; byte < text.size();) {
    const size_t bytes = CodePointBytes(text, byte);
    end -= bytes;
    text.copy(reversed.data() + end, bytes, byte);
    byte += bytes;
  }
  return reversed;
}

uint32_t FirstCodePoint(std::string_view text) {
  constexpr uint32_t kReplacement = 0xfffd;
  const size_t bytes = CodePointBytes(text, 0);
  if (!IsValidUtf8(text.substr(0, bytes))) return kReplacement;
  const auto byte = [&](size_t i) { return static_cast<uint32_t>(static_cast<uint8_t>(text[i])); };
  if (bytes == 1) return byte(0);
  uint32_t code_point = byte(0) & (0xffu >> (bytes + 1));
  for (size_t i = 1; i < bytes; ++i) code_point = code_point << 6 | (byte(i) & 0x3f);
  return code_point;
}

}  // namespace tidemark::query
