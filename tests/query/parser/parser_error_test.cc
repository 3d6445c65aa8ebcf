// SPDX-License-Identifier: Apache-2.0
// What is refused, where, and with which words.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/parser/limits.h"
#include "query/parser/parser.h"
#include "query/text/error.h"
#include "tests/query/parser/round_trip.h"

namespace tidemark::query {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

// The first line of the message, or "" for a statement that is right.
std::string ErrorLine(std::string_view text) {
  Arena arena;
  const auto tree = Parse(text, &arena);
  if (tree.ok()) return "";
  const auto error = ErrorOf(tree.status());
  EXPECT_TRUE(error.has_value());
  EXPECT_EQ(error->code, "Neo.ClientError.Statement.SyntaxError");
  return error->text.substr(0, error->text.find('\n'));
}

std::string Detail(std::string_view text) {
  Arena arena;
  const auto tree = Parse(text, &arena);
  return tree.ok() ? "" : std::string(ErrorOf(tree.status())->detail);
}

TEST(ParserErrorTest, ShowsWhereAndWhatWasExpected) {
  Arena arena;
  const auto tree = Parse("MATCH (n)\nRETURN n.x +", &arena);
  EXPECT_EQ(MessageOf(tree.status()),
            "Invalid input at the end of the statement: expected an expression (line 2, column 13 "
            "(offset: 22)) [UnexpectedSyntax]\n"
            "\"RETURN n.x +\"\n"
            "             ^");
  EXPECT_EQ(ErrorLine("RETURN )"),
            "Invalid input ')': expected an expression (line 1, column 8 (offset: 7)) "
            "[UnexpectedSyntax]");
  EXPECT_EQ(ErrorLine("MATCH n RETURN n"),
            "Invalid input 'n': expected a node pattern, such as (n:Label) (line 1, column 7 "
            "(offset: 6)) [UnexpectedSyntax]");
  EXPECT_EQ(ErrorLine("RETURN 1 AS"),
            "Invalid input at the end of the statement: expected a name for the column (line 1, "
            "column 12 (offset: 11)) [UnexpectedSyntax]");
  EXPECT_EQ(ErrorLine("UNWIND [1] RETURN 1"),
            "Invalid input 'RETURN': expected AS (line 1, column 12 (offset: 11)) "
            "[UnexpectedSyntax]");
  EXPECT_EQ(
      ErrorLine(""),
      "Invalid input at the end of the statement: expected a clause, such as MATCH, CREATE or "
      "RETURN (line 1, column 1 (offset: 0)) [UnexpectedSyntax]");
  EXPECT_THAT(ErrorLine("RETURN 'ä' ä ö"), HasSubstr("(line 1, column 12 (offset: 11))"));
}

TEST(ParserErrorTest, SuggestsTheKeyword) {
  const std::pair<const char*, const char*> kMisspelled[] = {
      {"MTACH (n) RETURN n", "MATCH"},
      {"RETRUN 1", "RETURN"},
      {"MATCH (n) WERE n.x = 1 RETURN n", "WHERE"},
      {"MATCH (n) RETURN n ODER BY n.x", "ORDER"},
      {"MATCH (n) RETURN n LIMT 5", "LIMIT"},
      {"MATCH (n) RETURN n ORDER BY n.x DECS", "DESC"},
      {"CREAT (n)", "CREATE"},
      {"MERGE (n) ON CRAETE SET n.x = 1", "CREATE"},
      {"MATCH (n) DETACH DELTE n", "DELETE"},
      {"SHOW INDEXS", "INDEXES"},
      {"SHWO INDEXES", "SHOW"},
      {"CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS UNIQE", "UNIQUE"},
      {"RETURN CASE WHEN true THEN 1 ESLE 2 END", "ELSE"},
      {"RETURN x STRATS WITH 'a'", "STARTS"},
      {"LOAD CSV WITH HEADERS FORM 'x' AS y RETURN y", "FROM"}};
  for (const auto& [text, keyword] : kMisspelled) {
    EXPECT_THAT(ErrorLine(text), HasSubstr(absl::StrCat("; did you mean ", keyword, "?"))) << text;
  }
  EXPECT_THAT(ErrorLine("RETURN 1 abcdefgh"), ::testing::Not(HasSubstr("did you mean")));
}

TEST(ParserErrorTest, WhatIsNotClosed) {
  EXPECT_EQ(ErrorLine("RETURN [1, 2"),
            "'[' is not closed: expected ']' before the end of the statement (line 1, column 8 "
            "(offset: 7)) [UnexpectedSyntax]");
  EXPECT_THAT(ErrorLine("MATCH (n"), StartsWith("'(' is not closed"));
  EXPECT_THAT(ErrorLine("RETURN {a: 1"), StartsWith("'{' is not closed"));
  EXPECT_THAT(ErrorLine("RETURN 'abc"), StartsWith("The string that begins here"));
  EXPECT_THAT(ErrorLine("RETURN `abc"), StartsWith("The name that begins here"));
  EXPECT_THAT(ErrorLine("RETURN 1 /* abc"), StartsWith("The comment that begins here"));
  EXPECT_THAT(ErrorLine("RETURN [1)"), StartsWith("Invalid input ')': expected ',' or ']'"));
}

TEST(ParserErrorTest, Numbers) {
  for (const char* text : {"RETURN 9223372036854775808", "RETURN -9223372036854775809",
                           "RETURN -(9223372036854775808)", "RETURN 0x8000000000000000",
                           "RETURN 0o1000000000000000000000", "RETURN 1 - 9223372036854775808",
                           "RETURN 99999999999999999999999999999"}) {
    EXPECT_EQ(Detail(text), "IntegerOverflow") << text;
  }
  for (const char* text :
       {"RETURN -9223372036854775808", "RETURN - 9223372036854775808", "RETURN 9223372036854775807",
        "RETURN -0x8000000000000000", "RETURN 0x7fff_ffff", "RETURN 1e-400", "RETURN 1_000.5_0",
        "RETURN 0o777", "RETURN .5e-3"}) {
    EXPECT_EQ(Detail(text), "") << text;
  }
  for (const char* text : {"RETURN 0x", "RETURN 0x1G", "RETURN 12ab", "RETURN 1__0", "RETURN 1_",
                           "RETURN 007", "RETURN 0o8", "RETURN 1e", "RETURN 1.5e", "RETURN 0o"}) {
    EXPECT_EQ(Detail(text), "InvalidNumberLiteral") << text;
  }
  EXPECT_EQ(Detail("RETURN 1e400"), "FloatingPointOverflow");
  EXPECT_EQ(Detail("RETURN -1e400"), "FloatingPointOverflow");
}

TEST(ParserErrorTest, Characters) {
  EXPECT_EQ(Detail("RETURN 42 \xe2\x80\x94 41"), "InvalidUnicodeCharacter");
  EXPECT_EQ(Detail("RETURN 1 # 2"), "UnexpectedSyntax");
  EXPECT_EQ(Detail("RETURN '\\u12'"), "InvalidUnicodeLiteral");
  EXPECT_EQ(Detail("RETURN '\\uD83D'"), "InvalidUnicodeLiteral");
  EXPECT_EQ(Detail("RETURN '\\uDE00'"), "InvalidUnicodeLiteral");
  EXPECT_EQ(Detail("RETURN '\\U00110000'"), "InvalidUnicodeLiteral");
  EXPECT_EQ(Detail("RETURN '\xff'"), "InvalidUnicodeCharacter");
  EXPECT_THAT(ErrorLine("RETURN 'ab\xff'"), HasSubstr("offset: 10"));
}

TEST(ParserErrorTest, ClausesInTheWrongOrder) {
  for (const char* text :
       {"MATCH (n)", "WITH 1 AS x", "UNWIND [1] AS x", "RETURN 1 MATCH (n) RETURN n",
        "CREATE (n) MATCH (m) RETURN m", "MERGE (n) UNWIND [1] AS x RETURN x",
        "SET n.x = 1 CALL { RETURN 1 AS x } RETURN x", "FINISH RETURN 1",
        "RETURN 1 AS a UNION RETURN 2 AS a UNION ALL RETURN 3 AS a",
        "RETURN 1 AS a UNION ALL RETURN 2 AS a UNION RETURN 3 AS a", "MATCH (n) USE x RETURN n",
        "MATCH (n) WHERE EXISTS { MATCH (n) SET n.x = 1 } RETURN n", "RETURN COLLECT { MATCH (n) }",
        "RETURN COLLECT { (n) }", "FOREACH (x IN [1] | MATCH (n))",
        "MATCH (n) CALL db.labels() YIELD label", "CALL { RETURN 1 AS x }"}) {
    EXPECT_EQ(Detail(text), "InvalidClauseComposition") << text;
  }
  EXPECT_EQ(Detail("MATCH (n) CALL db.labels RETURN n"), "InvalidArgumentPassingMode");
  EXPECT_EQ(Detail("CALL db.labels() YIELD * RETURN label"), "UnexpectedSyntax");
  for (const char* text :
       {"CALL db.labels", "CALL db.labels() YIELD *", "CALL db.labels() YIELD label",
        "MATCH (n) CALL { WITH n SET n.x = 1 }", "CREATE (n) WITH n MATCH (m) RETURN m",
        "CREATE (n) SET n.x = 1 RETURN n", "FINISH", "MATCH (n) FINISH",
        "MATCH (n) WHERE EXISTS { MATCH (n)-->(m) } RETURN n", "CALL db.x() RETURN 1"}) {
    EXPECT_EQ(Detail(text), "") << text;
  }
}

TEST(ParserErrorTest, PatternsThatCannotBeWritten) {
  const std::pair<const char*, const char*> kWrong[] = {
      {"CREATE ()-->()", "NoSingleRelationshipType"},
      {"CREATE ()-[:A|B]->()", "NoSingleRelationshipType"},
      {"CREATE ()-[:!A]->()", "NoSingleRelationshipType"},
      {"MERGE ()-[:A|:B]-()", "NoSingleRelationshipType"},
      {"CREATE ()-[:A]-()", "RequiresDirectedRelationship"},
      {"CREATE ()<-[:A]->()", "RequiresDirectedRelationship"},
      {"CREATE ()-[:A*2]->()", "CreatingVarLength"},
      {"MERGE ()-[:A*2]->()", "CreatingVarLength"},
      {"CREATE ()-[:A]->+()", "CreatingVarLength"},
      {"CREATE (:A|B)", "UnexpectedSyntax"},
      {"CREATE (n WHERE true)", "UnexpectedSyntax"},
      {"CREATE ((a)-[:T]->(b))+", "UnexpectedSyntax"},
      {"CREATE p = shortestPath((a)-[:T]->(b))", "UnexpectedSyntax"},
      {"CREATE (a)(b)", "UnexpectedSyntax"},
      {"MERGE (n $p)", "InvalidParameterUse"},
      {"MATCH (n $p) RETURN n", "InvalidParameterUse"},
      {"MATCH ()-[:A..]->() RETURN 1", "InvalidRelationshipPattern"},
      {"MATCH ()-[:A*-2]->() RETURN 1", "InvalidRelationshipPattern"},
      {"MATCH (a)((b)-->(c)){2,1} RETURN 1", "UnexpectedSyntax"},
      {"MATCH (a)((b)-->(c)){0} RETURN 1", "UnexpectedSyntax"},
      {"MATCH (n) DELETE n:A", "InvalidDelete"},
      {"MATCH (n) SET n:A|B", "UnexpectedSyntax"},
      {"MATCH (n) SET f(n)", "UnexpectedSyntax"},
      {"SHOW IN USERS", "UnexpectedSyntax"},
      {"SHOW LOOKUP CONSTRAINTS", "UnexpectedSyntax"},
      {"SHOW UNIQUE INDEXES", "UnexpectedSyntax"},
      {"RETURN 1 != 2", "UnexpectedSyntax"},
      {"RETURN 1; RETURN 2", "UnexpectedSyntax"}};
  for (const auto& [text, detail] : kWrong) EXPECT_EQ(Detail(text), detail) << text;
  EXPECT_EQ(Detail("CREATE (n $p)"), "");
  EXPECT_EQ(Detail("MERGE (a)-[:T]-(b)"), "");
  EXPECT_EQ(Detail("RETURN 1;;"), "");
}

TEST(ParserErrorTest, TooDeepIsAnErrorOfThatStatementAlone) {
  const auto repeated = [](std::string_view part, size_t count) {
    std::string text;
    for (size_t i = 0; i < count; ++i) text += part;
    return text;
  };
  constexpr size_t kMany = 100'000;
  for (const std::string_view part : {"(",
                                      "[",
                                      "{a: ",
                                      "NOT ",
                                      "- ",
                                      "-",
                                      "f(",
                                      "CASE WHEN ",
                                      "[x IN ",
                                      "all(x IN ",
                                      "EXISTS { MATCH (n {a: ",
                                      "reduce(a = ",
                                      "x {a: ",
                                      "COUNT { RETURN ",
                                      "x[",
                                      "[(a)-->(b) WHERE ",
                                      "1 + (",
                                      "a OR (",
                                      "1 IN [",
                                      "$(",
                                      "x IS :: LIST<"}) {
    EXPECT_NE(Detail(absl::StrCat("RETURN ", repeated(part, kMany))), "") << part;
  }
  for (const std::string_view part : {".a", "[0]", " IS NULL", " IN x", "[0..1]"}) {
    EXPECT_THAT(ErrorLine(absl::StrCat("RETURN x", repeated(part, kMany))),
                StartsWith("The statement is nested deeper than 500 levels"))
        << part;
  }
  for (const std::string_view part :
       {"FOREACH (x IN y | ", "CALL { ", "MATCH (:!(", "MATCH ((a)-->(((", "CALL (x) { MATCH "}) {
    EXPECT_NE(Detail(repeated(part, kMany)), "") << part;
  }
  EXPECT_EQ(Detail(absl::StrCat("RETURN ", repeated("(", 450), "1", repeated(")", 450))), "");
  EXPECT_THAT(ErrorLine(absl::StrCat("RETURN ", repeated("(", 501), "1", repeated(")", 501))),
              HasSubstr("deeper than 500"));
  // Mixed: neither kind alone is too deep.
  std::string mixed = "x";
  for (int i = 0; i < 100; ++i) mixed = absl::StrCat("[", mixed, ".a.a.a.a.a.a]");
  EXPECT_THAT(ErrorLine(absl::StrCat("RETURN ", mixed)), HasSubstr("deeper than 500"));
}

// The most calls that one level of nesting can stand for, as often as is allowed: parsing and
// printing end within the stack.
TEST(ParserErrorTest, AsDeepAsAllowed) {
  std::string text = "RETURN ";
  std::string end;
  for (int i = 0; i < 120; ++i) {
    text += "a OR b XOR c AND NOT d = 1 + 2 * 3 ^ -(";
    end += ")";
  }
  ExpectRoundTrip(absl::StrCat(text, "1", end));
  ExpectRoundTrip(absl::StrCat("RETURN ", std::string(490, '['), std::string(490, ']')));
}

TEST(ParserErrorTest, LongIsNotDeep) {
  std::string sum = "RETURN 1";
  std::string conditions = "MATCH (n) WHERE n.x = 0";
  std::string list = "RETURN [1";
  std::string path = "MATCH (a)";
  for (int i = 0; i < 20'000; ++i) {
    sum += " + n.x.y";
    conditions += " OR n.x = 1 AND NOT n.y IS NULL";
    list += ", [1]";
    path += "-->(b)";
  }
  EXPECT_EQ(Detail(sum), "");
  EXPECT_EQ(Detail(conditions + " RETURN n"), "");
  EXPECT_EQ(Detail(list + "]"), "");
  EXPECT_EQ(Detail(path + " RETURN a"), "");
}

TEST(ParserErrorTest, LongerThanAllowed) {
  EXPECT_THAT(ErrorLine("RETURN '" + std::string(kMaxStatementBytes, 'a') + "'"),
              StartsWith("The statement has 4194313 bytes; at most 4194304 are allowed"));
}

}  // namespace
}  // namespace tidemark::query
