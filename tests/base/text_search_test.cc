// SPDX-License-Identifier: Apache-2.0
#include "base/text_search.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark {
namespace {

TEST(FindText, FindsWhatStringsFind) {
  const std::string text = "aabaabaaab";
  for (const std::string part :
       {"", "a", "b", "aab", "aaab", "baab", "c", "aabaabaaab", "aabaabaaabx"}) {
    for (size_t from = 0; from <= text.size() + 1; ++from) {
      EXPECT_EQ(FindText(text, part, from), text.find(part, from)) << part << " from " << from;
    }
  }
  EXPECT_EQ(FindText("", ""), 0u);
  EXPECT_EQ(FindText("", "a"), std::string_view::npos);
  const std::string zeros("a\0b\0c", 5);
  EXPECT_EQ(FindText(zeros, std::string_view("\0c", 2)), 3u);
}

// A search that compares everywhere would take minutes.
TEST(FindText, TakesNoLongerForATextOfOneCharacter) {
  const std::string text(20'000'000, 'x');
  EXPECT_EQ(FindText(text, std::string(5'000'000, 'x') + "y"), std::string_view::npos);
  EXPECT_EQ(FindText(text, "y" + std::string(5'000'000, 'x')), std::string_view::npos);
}

}  // namespace
}  // namespace tidemark
