// SPDX-License-Identifier: Apache-2.0
// The whole grammar: each construct in its one spelling, and other spellings of the same.
#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "base/status.h"
#include "query/parser/parser.h"
#include "tests/query/parser/round_trip.h"

namespace tidemark::query {
namespace {

TEST(CorpusTest, EveryLineIsItsOwnText) {
  std::ifstream in(TIDEMARK_PARSER_CORPUS);
  size_t count = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    ++count;
    EXPECT_EQ(Canonical(line), line);
  }
  EXPECT_GT(count, 100u);
}

// Each is printed once, in whatever form: twice at each level would have no end.
TEST(CorpusTest, TrimsInsideTrims) {
  std::string form = "x";
  std::string call = "x";
  for (int i = 0; i < 40; ++i) {
    form = "trim(BOTH " + form + " FROM y)";
    call = "`trim BOTH`(-" + call + ", y)";
  }
  for (const std::string& text : {"RETURN " + form, "RETURN " + call}) {
    EXPECT_EQ(Canonical(text), text);
  }
}

TEST(CorpusTest, OtherSpellings) {
  const std::pair<const char*, const char*> kSpellings[] = {
      {"match (n) where n.x=1 return n offset 2 limit 3;",
       "MATCH (n) WHERE n.x = 1 RETURN n SKIP 2 LIMIT 3"},
      {"INSERT (:A)", "CREATE (:A)"},
      {"WITH 1 AS case RETURN case AS x, case IN [1], case IS NULL, case AND true, case OR false",
       "WITH 1 AS `case` RETURN `case` AS x, `case` IN [1], `case` IS NULL, `case` AND true, "
       "`case` OR false"},
      {"RETURN case STARTS WITH 'a', case ENDS WITH 'b', case CONTAINS 'a', case XOR true",
       "RETURN `case` STARTS WITH 'a', `case` ENDS WITH 'b', `case` CONTAINS 'a', `case` XOR true"},
      {"MATCH (n IS A|:B)-[IS R|:S]->() RETURN n", "MATCH (n:A|B)-[:R|S]->() RETURN n"},
      {"MATCH (n:A:B) SET n IS C REMOVE n:D:E", "MATCH (n:A&B) SET n:C REMOVE n:D&E"},
      {"MATCH (n) NODETACH DELETE n", "MATCH (n) DELETE n"},
      {"RETURN 1 UNION DISTINCT RETURN 2", "RETURN 1 UNION RETURN 2"},
      {"RETURN ((1)) + (2 * 3)", "RETURN 1 + 2 * 3"},
      {"RETURN 0x1F, -0x8000000000000000, 0o17, 1_000, .5, 1E2, \"a'b\", '\\u0041\\U0001F600'",
       "RETURN 31, -9223372036854775808, 15, 1000, 0.5, 100.0, 'a\\'b', 'A😀'"},
      {"RETURN '\\uD83D\\uDE00', '\\d+', \"\\\"\"", "RETURN '😀', '\\\\d+', '\"'"},
      {"RETURN [x IN xs WHERE x:A|B | x.y]", "RETURN [x IN xs WHERE x:(A|B) | x.y]"},
      {"RETURN x::INT, x IS TYPED ARRAY<STRING>, x IS :: INT NOT NULL LIST, x IS :: INT | FLOAT!",
       "RETURN x IS :: INTEGER, x IS :: LIST<STRING>, x IS :: LIST<INTEGER NOT NULL>, "
       "x IS :: ANY<INTEGER | FLOAT NOT NULL>"},
      {"RETURN x IS :: TIMESTAMP WITHOUT TIMEZONE, x IS :: TIME WITH TIME ZONE",
       "RETURN x IS :: LOCAL DATETIME, x IS :: ZONED TIME"},
      {"RETURN x IS NORMALIZED", "RETURN x IS NFC NORMALIZED"},
      {"RETURN n IS A", "RETURN n:A"},
      {"MATCH SHORTEST 2 PATHS GROUPS (a)-->+(b) RETURN a",
       "MATCH SHORTEST 2 GROUPS (a)-->+(b) RETURN a"},
      {"MATCH ANY SHORTEST (a)-->+(b) RETURN a", "MATCH ANY SHORTEST PATHS (a)-->+(b) RETURN a"},
      {"MATCH (a)-->{,3}(b)-[*..2]->(c)-[*1..]->() RETURN a",
       "MATCH (a)-->{0,3}(b)-[*1..2]->(c)-[*]->() RETURN a"},
      {"CREATE INDEX FOR (n:A) ON (n.x)", "CREATE RANGE INDEX FOR (x:A) ON (x.x)"},
      {"CREATE CONSTRAINT FOR (n:A) REQUIRE n.x IS TYPED STRING",
       "CREATE CONSTRAINT FOR (x:A) REQUIRE (x.x) IS :: STRING"},
      {"show index", "SHOW INDEXES"},
      {"MATCH (n) CALL (n) { DELETE n } IN TRANSACTION ON ERROR FAIL OF 5 ROW",
       "MATCH (n) CALL (n) { DELETE n } IN TRANSACTIONS OF 5 ROWS"},
      {"MATCH (n) RETURN n ORDER BY n.x ASCENDING, n.y DESCENDING",
       "MATCH (n) RETURN n ORDER BY n.x, n.y DESC"}};
  for (const auto& [text, canonical] : kSpellings) {
    EXPECT_EQ(Canonical(text), canonical);
    ExpectRoundTrip(canonical);
  }
}

TEST(CorpusTest, KeywordsAreNames) {
  for (const std::string_view keyword : {
#define TIDEMARK_KEYWORD(id, text) std::string_view(text),
#include "query/parser/keywords.inc"
#undef TIDEMARK_KEYWORD
       }) {
    const std::string word(keyword);
    for (const std::string& text :
         {"MATCH (n:" + word + ")-[:" + word + "]->() RETURN n." + word + " AS " + word,
          "WITH {" + word + ": 1} AS x RETURN x." + word + ", $" + word + ", x {." + word + "}",
          "MATCH (" + word + ") SET " + word + ".x = 1", "UNWIND [1] AS " + word + " FINISH",
          "MATCH ()-[" + word + "]-() RETURN [" + word + " IN [1] | 2]",
          "MATCH " + word + " = (a)-->(b) RETURN 1"}) {
      Arena arena;
      const auto tree = Parse(text, &arena);
      EXPECT_TRUE(tree.ok()) << tree.status();
    }
    // These are values in an expression, whatever is in scope.
    if (word == "NULL" || word == "TRUE" || word == "FALSE" || word == "NAN" || word == "INF" ||
        word == "INFINITY") {
      continue;
    }
    EXPECT_EQ(Canonical("RETURN " + word + ", " + word + ".x, [" + word + "]"),
              "RETURN `" + word + "`, `" + word + "`.x, [`" + word + "`]");
  }
}

TEST(CorpusTest, SourcesAreSlicesOfTheText) {
  const std::string text = "MATCH (n) RETURN  n . x+1, ( n.y ),\n count( * ) AS c";
  Arena arena;
  const auto tree = Parse(text, &arena);
  ASSERT_TRUE(tree.ok()) << tree.status();
  const SingleQuery& query = *(*tree)->query->parts[0];
  EXPECT_EQ(query.clauses[0]->source.Of(text), "MATCH (n)");
  const Projection& projection = As<ReturnClause>(*query.clauses[1]).projection;
  EXPECT_EQ(projection.items[0].source.Of(text), "n . x+1");
  EXPECT_EQ(projection.items[1].source.Of(text), "( n.y )");
  EXPECT_EQ(projection.items[2].source.Of(text), "count( * )");
  EXPECT_EQ(As<Chain>(*projection.items[0].expression).operands[0]->source.Of(text), "n . x");
}

}  // namespace
}  // namespace tidemark::query
