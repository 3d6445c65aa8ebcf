// SPDX-License-Identifier: Apache-2.0
#include "shell/text_width.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

namespace tidemark::shell {
namespace {

// Vowels and last consonants of Korean syllables join the consonant before them.
bool IsJoiningJamo(UChar32 c) { return c >= 0x1160 && c <= 0x11ff; }

size_t WidthOf(UChar32 c) {
  if (c < 0) return 1;
  switch (u_charType(c)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR:
      return c == 0xad ? 1 : 0;  // a soft hyphen is seen
    default:
      break;
  }
  if (IsJoiningJamo(c)) return 0;
  const int width = u_getIntPropertyValue(c, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

UChar32 NextCharacter(std::string_view text, size_t* at) {
  const auto* const bytes = reinterpret_cast<const uint8_t*>(text.data());
  UChar32 c = 0;
  U8_NEXT(bytes, *at, text.size(), c);
  return c;
}

}  // namespace

size_t TextWidth(std::string_view text) {
  size_t width = 0;
  for (size_t at = 0; at < text.size();) width += WidthOf(NextCharacter(text, &at));
  return width;
}

size_t BytesWithin(std::string_view text, size_t width) {
  size_t used = 0;
  size_t end = 0;
  for (size_t at = 0; at < text.size();) {
    used += WidthOf(NextCharacter(text, &at));
    if (used > width && end > 0) break;
    end = at;
  }
  return end;
}

}  // namespace tidemark::shell
