// SPDX-License-Identifier: Apache-2.0
#include "query/text/suggestion.h"

#include <gtest/gtest.h>

#include <string>

namespace tidemark::query {
namespace {

TEST(SuggestionTest, Distances) {
  EXPECT_EQ(EditDistance("", "", 3), 0u);
  EXPECT_EQ(EditDistance("return", "RETURN", 3), 0u);
  EXPECT_EQ(EditDistance("retrun", "return", 3), 1u);  // neighbours swapped
  EXPECT_EQ(EditDistance("retun", "return", 3), 1u);
  EXPECT_EQ(EditDistance("returrn", "return", 3), 1u);
  EXPECT_EQ(EditDistance("rexurn", "return", 3), 1u);
  EXPECT_EQ(EditDistance("kitten", "sitting", 3), 3u);
  EXPECT_EQ(EditDistance("kitten", "sitting", 2), 3u);
  EXPECT_EQ(EditDistance("abc", "xyz", 1), 2u);
  EXPECT_EQ(EditDistance(std::string(100, 'a'), std::string(100, 'a'), 2), 3u);
}

TEST(SuggestionTest, TheNearestThatIsNear) {
  const std::string_view words[] = {"MATCH", "MERGE", "RETURN", "SET", "AS", "WITH"};
  EXPECT_EQ(Nearest("MTACH", words), "MATCH");
  EXPECT_EQ(Nearest("mergee", words), "MERGE");
  EXPECT_EQ(Nearest("RETRN", words), "RETURN");
  EXPECT_EQ(Nearest("ZET", words), "SET");
  EXPECT_EQ(Nearest("WHIT", words), "");
  EXPECT_EQ(Nearest("WIHT", words), "WITH");
  EXPECT_EQ(Nearest("b", words), "");
  EXPECT_EQ(Nearest("", words), "");
  EXPECT_EQ(Nearest("PERSON", words), "");
}

}  // namespace
}  // namespace tidemark::query
