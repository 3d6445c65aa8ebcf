// SPDX-License-Identifier: Apache-2.0
// Statements that are cut, joined and changed at random are bound or refused, and nothing else.
#include <gtest/gtest.h>

#include <random>

#include "query/parser/limits.h"
#include "tests/query/binder/bind_fixture.h"

namespace tidemark::query {
namespace {

constexpr std::string_view kStatements[] = {
    "MATCH (a:A {x: 1})-[r:T|U*1..3 {y: 2}]->(b)<-[q]-(a) WHERE a.x > b.y AND (a)-->(b) "
    "WITH DISTINCT a, count(*) AS c ORDER BY a.x, count(*) SKIP 1 LIMIT 2 WHERE c > 1 RETURN *",
    "MATCH p = (a)--(b) OPTIONAL MATCH (b)-[r]-(c:B) WHERE c.x IN [1, 2] OR c IS NULL "
    "RETURN a.x + 1 AS s, sum(b.y) + a.x, collect(DISTINCT [x IN nodes(p) WHERE x:A | x.y])",
    "UNWIND $list AS x MERGE (a:A {id: x})-[r:T]-(b) ON CREATE SET a.y = x, b += {x: 1} "
    "ON MATCH SET a:B REMOVE b.y SET a['k'] = 2 DETACH DELETE b",
    "CREATE p = (a:A:B {x: 1})-[r:T {y: $y}]->(b)<-[:U]-(a) WITH p, a AS n "
    "FOREACH (i IN range(1, 3) | CREATE (n)-[:T]->({i: i}) SET n.x = i) DELETE r, p RETURN n",
    "RETURN CASE $a WHEN 1, > 2 THEN 'x' ELSE [i IN [1] | i][0] END AS a, reduce(s = 0, i IN [1] | "
    "s + i) AS b, all(i IN $l WHERE i % 2 = 0) AS c, n {.x, y: 1, .*} AS d UNION ALL RETURN 1 AS a",
    "MATCH (n) RETURN [(n)-[r]->(m) WHERE m.x = n.x | m {.y, r}] AS l, exists((n)--()) AS e, "
    "COUNT { (n)-->() } AS c ORDER BY size(l) DESC LIMIT 1 + 2",
    "CALL test.add(1, 2.0) YIELD sum AS s WHERE s > 1 CALL (s) { MATCH (x) RETURN x } RETURN s, x",
    "MATCH (a) CALL { WITH a WITH a.x AS x RETURN x UNION RETURN 1 AS x } RETURN x, a IS :: "
    "INTEGER",
    "SHOW INDEXES YIELD name AS n, type ORDER BY n SKIP 1 LIMIT 2 WHERE n <> 'a' RETURN n, "
    "count(*)",
    "CREATE CONSTRAINT c IF NOT EXISTS FOR (n:A) REQUIRE (n.x, n.y) IS UNIQUE",
    "MATCH ((a)-[r]->(b)){1,3} (c) RETURN shortestPath((a)-[*]-(c)) AS s, EXISTS { MATCH (a) }",
};

constexpr std::string_view kPieces[] = {
    " a",         " b.x",    " WITH",  " RETURN *",  " ORDER BY", " count(*)",
    " (a)-->(b)", " + 1",    " AS a",  " DISTINCT",  " max(",     ")",
    " [",         "]",       " WHERE", " NOT",       " LIMIT -1", " $p",
    " null",      " CALL {", "}",      " MATCH (a)", " UNION",    " x IN"};

std::string Mutated(std::mt19937* random) {
  const auto below = [random](size_t limit) { return (*random)() % limit; };
  std::string text(kStatements[below(std::size(kStatements))]);
  for (size_t change = below(4); change-- > 0;) {
    const size_t at = below(text.size() + 1);
    switch (below(4)) {
      case 0: {  // a piece of another statement
        const std::string_view other = kStatements[below(std::size(kStatements))];
        const size_t from = below(other.size());
        text.insert(at, other.substr(from, below(40)));
        break;
      }
      case 1:
        text.insert(at, kPieces[below(std::size(kPieces))]);
        break;
      case 2:
        text.erase(at, below(12));
        break;
      default: {  // one word for another
        const size_t begin = text.rfind(' ', at == 0 ? 0 : at - 1);
        if (begin == std::string::npos) break;
        const size_t end = std::min(text.find(' ', begin + 1), text.size());
        text.replace(begin, end - begin, kPieces[below(std::size(kPieces))]);
      }
    }
    if (text.empty()) text = "RETURN 1";
  }
  return text;
}

TEST(BindFuzzTest, ChangedStatementsAreBoundOrRefused) {
  std::mt19937 random(20240607);
  int bound_count = 0;
  int refused_by_binder = 0;
  for (int i = 0; i < 60'000; ++i) {
    const std::string text = Mutated(&random);
    const BoundText bound = BindText(text);
    if (bound.status.ok()) {
      ++bound_count;
      ToText(*bound.statement);
    } else {
      const auto error = ErrorOf(bound.status);
      ASSERT_TRUE(error.has_value()) << text << "\n" << bound.status;
      refused_by_binder += error->detail != "UnexpectedSyntax" ? 1 : 0;
    }
  }
  EXPECT_GT(bound_count, 3'000);
  EXPECT_GT(refused_by_binder, 5'000);
}

std::string Repeated(std::string_view text, int count) {
  std::string all;
  for (int i = 0; i < count; ++i) all += text;
  return all;
}

TEST(BindFuzzTest, DeepStatementsDoNotOverflowTheStack) {
  const int depth = kMaxNesting - 20;
  for (const std::string& text :
       {"RETURN " + Repeated("[", depth) + Repeated("]", depth),
        "RETURN " + Repeated("[x IN ", depth / 2) + "[1]" + Repeated(" | x]", depth / 2),
        "RETURN " + Repeated("NOT ", depth / 2) + "true",
        "MATCH (a) RETURN " + Repeated("[(a)-->(b) | ", depth / 3) + "1" + Repeated("]", depth / 3),
        "MATCH (a) RETURN " + Repeated("size(", depth / 2) + "a.x" + Repeated(")", depth / 2) +
            ", count(*) ORDER BY a.x",
        "RETURN a" + Repeated(".a", depth)}) {
    BindText(text);
  }
}

TEST(BindFuzzTest, LargeStatementsAreBoundInLinearTime) {
  const int width = 20'000;
  EXPECT_EQ(FaultOf("RETURN 1" + Repeated(" + 1", width)), "");
  EXPECT_EQ(FaultOf("MATCH (a) WHERE a.x = 1" + Repeated(" AND a.x = 1", width) + " RETURN a"), "");
  EXPECT_EQ(FaultOf("CREATE (a)" + Repeated("-[:T]->()", width)), "");
  EXPECT_EQ(FaultOf("MATCH (a)" + Repeated("-->()", width) + " RETURN a"), "");
  std::string items = "MATCH (a) RETURN a AS c0";
  for (int i = 1; i < width; ++i) items += ", a.x AS c" + std::to_string(i);
  EXPECT_EQ(FaultOf(items + ", count(*) ORDER BY c1, a.x"), "");
  EXPECT_EQ(FaultOf("MATCH (a" + Repeated(":A", width) + ") RETURN a"), "");
  EXPECT_EQ(FaultOf("MATCH (a) WHERE a.x = 1" + Repeated(" MATCH (a) WHERE a.x = 1", width) +
                    " RETURN a"),
            "");
  // Deep and wide at once.
  const std::string list = "[1" + Repeated(", 1", 10 * width) + "]";
  const int depth = kMaxNesting / 3;
  EXPECT_EQ(
      FaultOf("RETURN [1] AS a ORDER BY " + Repeated("[", depth) + list + Repeated("]", depth)),
      "");
  EXPECT_EQ(FaultOf("RETURN " + Repeated("[x IN ", depth) + list + Repeated(" | x]", depth)), "");
}

TEST(BindFuzzTest, WhatGrowsWithoutTextIsBounded) {
  std::string text = "WITH 1 AS c0";
  for (int i = 1; i < 20'000; ++i) text += ", 1 AS c" + std::to_string(i);
  const BoundText bound = BindText(text + Repeated(" WITH *", 10'000) + " RETURN 1");
  const auto error = ErrorOf(bound.status);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->id, ErrorId::kStatementTooLarge);
}

}  // namespace
}  // namespace tidemark::query
