// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <cstdint>
#include <cstring>

namespace tidemark {
namespace {

// The number of bytes of the well-formed sequence at `p`, or 0. REQUIRES: p < end.
size_t SequenceLength(const uint8_t* p, const uint8_t* end) {
  const uint8_t lead = *p;
  if (lead < 0x80) return 1;
  size_t length = 0;
  uint8_t low = 0x80;
  uint8_t high = 0xbf;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    if (lead == 0xe0) low = 0xa0;
    if (lead == 0xed) high = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    if (lead == 0xf0) low = 0x90;
    if (lead == 0xf4) high = 0x8f;
  }
  if (length == 0 || static_cast<size_t>(end - p) < length) return 0;
  if (p[1] < low || p[1] > high) return 0;
  for (size_t i = 2; i < length; ++i) {
    if ((p[i] & 0xc0) != 0x80) return 0;
  }
  return length;
}

// Texts are of ASCII nearly always, long ones in any case: eight bytes of it are passed at a time.
const uint8_t* SkipAscii(const uint8_t* p, const uint8_t* end) {
  constexpr uint64_t kHighBits = 0x8080808080808080;
  uint64_t word;
  while (end - p >= static_cast<ptrdiff_t>(sizeof word)) {
    std::memcpy(&word, p, sizeof word);
    if ((word & kHighBits) != 0) break;
    p += sizeof word;
  }
  return p;
}

}  // namespace

bool IsValidUtf8(std::string_view text) {
  const auto* p = reinterpret_cast<const uint8_t*>(text.data());
  const auto* end = p + text.size();
  while (p < end) {
    const size_t length = SequenceLength(p, end);
    if (length == 0) return false;
    p = length == 1 ? SkipAscii(p + 1, end) : p + length;
  }
  return true;
}

}  // namespace tidemark
