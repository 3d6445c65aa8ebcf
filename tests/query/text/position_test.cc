// SPDX-License-Identifier: Apache-2.0
#include "query/text/position.h"

#include <gtest/gtest.h>

namespace tidemark::query {
namespace {

TEST(PositionTest, CountsLinesAndCodePoints) {
  EXPECT_EQ(PositionAt("", 0), (Position{1, 1, 0}));
  EXPECT_EQ(PositionAt("ab\ncd", 4), (Position{2, 2, 4}));
  EXPECT_EQ(PositionAt("ab\r\ncd", 4), (Position{2, 1, 4}));
  EXPECT_EQ(PositionAt("ab\r\ncd", 3), (Position{1, 4, 3}));
  EXPECT_EQ(PositionAt("ab\rcd", 3), (Position{2, 1, 3}));
  EXPECT_EQ(PositionAt("ab", 99), (Position{1, 3, 2}));
  // Two, three and four bytes are one code point each.
  EXPECT_EQ(PositionAt("'äの😀' x", 12), (Position{1, 7, 6}));
}

TEST(PositionTest, ShowsTheLine) {
  EXPECT_EQ(CaretLines("RETURN x\nORDER BY y", 18), "\"ORDER BY y\"\n          ^");
  EXPECT_EQ(CaretLines("RETURN '中' x", 13), "\"RETURN '中' x\"\n            ^");
  EXPECT_EQ(CaretLines("\tx", 1), "\"\tx\"\n \t^");
  EXPECT_EQ(CaretLines("", 0), "\"\"\n ^");
  EXPECT_EQ(CaretLines("ab", 2), "\"ab\"\n   ^");
  EXPECT_EQ(CaretLines("ab\n", 2), "\"ab\"\n   ^");
}

TEST(PositionTest, ShowsAPartOfALongLine) {
  const std::string text = std::string(1000, 'a') + "!" + std::string(1000, 'b');
  EXPECT_EQ(CaretLines(text, 1000), "\"..." + std::string(60, 'a') + "!" + std::string(29, 'b') +
                                        "...\"\n" + std::string(64, ' ') + "^");
}

}  // namespace
}  // namespace tidemark::query
