// SPDX-License-Identifier: Apache-2.0
#include "base/utf8.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace tidemark {
namespace {

// Well-formed by decoding: each code point is encoded anew, and has to give the bytes it came from.
bool IsValidByDecoding(std::string_view text) {
  size_t at = 0;
  while (at < text.size()) {
    const auto lead = static_cast<uint8_t>(text[at]);
    const size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (at + length > text.size()) return false;
    uint32_t point = length == 1 ? lead : lead & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; ++i) {
      point = point << 6 | (static_cast<uint8_t>(text[at + i]) & 0x3f);
    }
    if (point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return false;
    std::string again;
    if (point < 0x80) {
      again = static_cast<char>(point);
    } else {
      const size_t needed = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
      for (size_t i = needed - 1; i > 0; --i) {
        again.insert(again.begin(), static_cast<char>(0x80 | (point & 0x3f)));
        point >>= 6;
      }
      const uint32_t mark = 0xf00u >> needed & 0xffu;
      again.insert(again.begin(), static_cast<char>(mark | point));
    }
    if (again != text.substr(at, length)) return false;
    at += length;
  }
  return true;
}

TEST(Utf8Test, SaysWhatDecodingSays) {
  std::mt19937_64 random(1);
  const auto one_of = [&random](int count) {
    return static_cast<int>(random() % static_cast<uint64_t>(count));
  };
  const std::string_view parts[] = {
      "a", "12345678", "é", "€", "𝄞", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"};
  int valid_count = 0;
  for (int round = 0; round < 200'000; ++round) {
    std::string text;
    const int part_count = one_of(12);
    for (int i = 0; i < part_count; ++i) text += parts[one_of(std::size(parts))];
    if (!text.empty() && one_of(2) == 0) {
      text[static_cast<size_t>(one_of(static_cast<int>(text.size())))] =
          static_cast<char>(random());
    }
    // Each alignment and each number of bytes at the end has its turn.
    const std::string_view from =
        std::string_view(text).substr(0, text.size() - one_of(2) * !text.empty());
    const bool valid = IsValidUtf8(from);
    ASSERT_EQ(valid, IsValidByDecoding(from)) << "round " << round;
    valid_count += valid;
  }
  EXPECT_GT(valid_count, 50'000);
  EXPECT_LT(valid_count, 190'000);
}

TEST(Utf8Test, RefusesWhatIsNotWellFormed) {
  for (const std::string_view text :
       {"\x80", "12345678\xff", "12345678\xc0\x80", "\xe0\x80\x80", "\xed\xa0\x80",
        "\xf0\x80\x80\x80", "\xf4\x90\x80\x80", "12345678\xc3", "\xf5\x80\x80\x80"}) {
    EXPECT_FALSE(IsValidUtf8(text));
  }
}

}  // namespace
}  // namespace tidemark
