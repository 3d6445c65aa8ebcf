// SPDX-License-Identifier: Apache-2.0
#include "import/file_patterns.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/status.h"
#include "env/posix_file_system.h"
#include "tests/import/temporary_folder.h"

namespace tidemark::csv_import {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FilePatternsTest : public ::testing::Test {
 protected:
  FilePatternsTest() {
    for (const char* name : {"part10.csv", "part2.csv", "part1.csv", "part02.csv", "part.csv",
                             "other.csv", ".part3.csv", "odd[1].csv"}) {
      folder_.Write(name, "");
    }
  }
  std::vector<std::string> Expand(const std::string& pattern) {
    const auto paths = ExpandPattern(&files_, folder_.path() + "/" + pattern);
    if (!paths.ok()) return {MessageOf(paths.status())};
    std::vector<std::string> names;
    for (const std::string& path : *paths) names.push_back(path.substr(folder_.path().size() + 1));
    return names;
  }

  env::PosixFileSystem files_;
  TemporaryFolder folder_;
};

TEST_F(FilePatternsTest, MatchesComeInNumericOrder) {
  EXPECT_THAT(Expand("part*"),
              ElementsAre("part.csv", "part1.csv", "part02.csv", "part2.csv", "part10.csv"));
  EXPECT_THAT(Expand("part?.csv"), ElementsAre("part1.csv", "part2.csv"));
  EXPECT_THAT(Expand("part[0-9]*.csv"),
              ElementsAre("part1.csv", "part02.csv", "part2.csv", "part10.csv"));
}

TEST_F(FilePatternsTest, ANameIsTakenAsItIs) {
  EXPECT_THAT(Expand("other.csv"), ElementsAre("other.csv"));
  EXPECT_THAT(Expand("odd[1].csv"), ElementsAre("odd[1].csv"));
  // Whether it exists is found out when it is opened.
  EXPECT_THAT(Expand("none.csv"), ElementsAre("none.csv"));
}

TEST_F(FilePatternsTest, WhatIsWrongIsNamed) {
  EXPECT_THAT(Expand("none*"), ElementsAre(HasSubstr("no file matches")));
  EXPECT_THAT(Expand("part\\d+.csv"), ElementsAre(HasSubstr("no regular expression")));
  EXPECT_THAT(Expand("none.*"), ElementsAre(HasSubstr("no regular expression")));
  EXPECT_THAT(Expand("*/part1.csv"), ElementsAre(HasSubstr("last part of a path only")));
  EXPECT_THAT(Expand("folder/part*"), ElementsAre(HasSubstr("No such file")));
}

TEST(NumericOrderTest, IsATotalOrder) {
  const std::vector<std::string> ordered = {
      "",    "0",    "00",   "1",   "01",
      "2",   "10",   "a",    "a1b", "a1c",
      "a2b", "a10b", "a10c", "b9",  "b99999999999999999999999999"};
  for (size_t i = 0; i < ordered.size(); ++i) {
    for (size_t j = 0; j < ordered.size(); ++j) {
      // "01" and "1" are one number; the text decides.
      const bool before = IsBeforeInNumericOrder(ordered[i], ordered[j]);
      const bool after = IsBeforeInNumericOrder(ordered[j], ordered[i]);
      EXPECT_EQ(before || after, i != j) << ordered[i] << " " << ordered[j];
      EXPECT_FALSE(before && after);
    }
  }
  EXPECT_TRUE(IsBeforeInNumericOrder("a2b", "a10b"));
  EXPECT_TRUE(IsBeforeInNumericOrder("b9", "b99999999999999999999999999"));
}

}  // namespace
}  // namespace tidemark::csv_import
