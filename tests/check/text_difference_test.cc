// SPDX-License-Identifier: Apache-2.0
#include "check/text_difference.h"

#include "gtest/gtest.h"

namespace tidemark::check {
namespace {

TEST(TextDifferenceTest, NamesTheLine) {
  EXPECT_EQ(FirstDifference("a\nb\n", "a\nb\n"), "");
  EXPECT_EQ(FirstDifference("a\nb\nc\n", "a\nd\nc\n"), "was \"b\", is \"d\"");
  EXPECT_EQ(FirstDifference("a\nb\n", "a\n"), "was \"b\", is \"(end)\"");
  EXPECT_EQ(FirstDifference("", "a\n"), "was \"(end)\", is \"a\"");
}

}  // namespace
}  // namespace tidemark::check
