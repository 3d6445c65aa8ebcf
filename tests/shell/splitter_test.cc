// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "shell/statement_splitter.h"

namespace tidemark::shell {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> EntriesOf(StatementSplitter* splitter) {
  std::vector<std::string> entries;
  while (const auto entry = splitter->Next()) entries.push_back(*entry);
  return entries;
}

std::vector<std::string> Split(std::string_view text) {
  StatementSplitter splitter;
  splitter.Add(text);
  std::vector<std::string> entries = EntriesOf(&splitter);
  if (std::string rest = splitter.TakeRest(); !rest.empty()) entries.push_back("rest: " + rest);
  return entries;
}

TEST(StatementSplitter, CutsAtSemicolons) {
  EXPECT_THAT(Split("RETURN 1; RETURN\n 2 ;;\n; RETURN 3"),
              ElementsAre("RETURN 1", "RETURN\n 2", "rest: RETURN 3"));
}

TEST(StatementSplitter, KnowsStrings) {
  EXPECT_THAT(Split("RETURN 'a;b\\';c', \"d;'\\\"\"; RETURN '\\\\'; X;"),
              ElementsAre("RETURN 'a;b\\';c', \"d;'\\\"\"", "RETURN '\\\\'", "X"));
  EXPECT_THAT(Split("RETURN 'grün;漢字🙂'; X;"),
              ElementsAre("RETURN 'grün;漢字🙂'", "X"));
}

TEST(StatementSplitter, KnowsBackticks) {
  EXPECT_THAT(Split("MATCH (`a;``;'`) RETURN 1; X;"),
              ElementsAre("MATCH (`a;``;'`) RETURN 1", "X"));
}

TEST(StatementSplitter, KnowsComments) {
  EXPECT_THAT(Split("// a; 'b\nRETURN 1 /* ; ' */ + 2; X // the end;"),
              ElementsAre("RETURN 1 /* ; ' */ + 2", "rest: X // the end;"));
  EXPECT_THAT(Split("/* alone; */ // and; this\n"), IsEmpty());
  EXPECT_THAT(Split("RETURN 4 / 2; RETURN 2 * /**/ 3;"),
              ElementsAre("RETURN 4 / 2", "RETURN 2 * /**/ 3"));
}

TEST(StatementSplitter, KnowsCommands) {
  EXPECT_THAT(Split("  :param x => 'a;b'\nRETURN $x;\n// c\n:commit\n:quit"),
              ElementsAre(":param x => 'a;b'", "RETURN $x", ":commit", "rest: :quit"));
  EXPECT_THAT(Split("MATCH (n\n:Person) RETURN n;"), ElementsAre("MATCH (n\n:Person) RETURN n"));
}

TEST(StatementSplitter, TakesTextInAnyPieces) {
  const std::string text = "RETURN 'a\\';' /* ; */ ; // x;\nX `;`; :help\n Y";
  const std::vector<std::string> expected = {"RETURN 'a\\';' /* ; */", "X `;`", ":help"};
  StatementSplitter splitter;
  std::vector<std::string> entries;
  for (const char c : text) {
    splitter.Add(std::string(1, c));
    for (std::string& entry : EntriesOf(&splitter)) entries.push_back(std::move(entry));
  }
  EXPECT_EQ(entries, expected);
  EXPECT_TRUE(splitter.is_within_statement());
  EXPECT_EQ(splitter.TakeRest(), "Y");
  EXPECT_FALSE(splitter.is_within_statement());
}

}  // namespace
}  // namespace tidemark::shell
