// SPDX-License-Identifier: Apache-2.0
// What statements are bound to.
#include <gtest/gtest.h>

#include "tests/query/binder/bind_fixture.h"

namespace tidemark::query {
namespace {

std::string TreeOf(std::string_view text) {
  const BoundText bound = BindText(text);
  if (!bound.status.ok()) return std::string(bound.status.message());
  return ToText(*bound.statement);
}

TEST(BindTreeTest, MatchesThatFollowEachOtherAreOneGraph) {
  EXPECT_EQ(
      TreeOf("MATCH (a:A)-[r]->(b) MATCH (b)-->(c) WHERE c.x = a.x RETURN r"),
      "match (a#0:A) (b#2) (c#4) [a#0 r#1-> b#2] [b#2 #3-> c#4] where (c#4.x = a#0.x)<a#0 c#4>\n"
      "project r#1=r#1\n"
      "columns r=r#1\n");
  EXPECT_EQ(TreeOf("MATCH (a)-[r]->(b) MATCH (c)-[r]->(d) RETURN a"),
            "match (a#0) (b#2) [a#0 r#1-> b#2]\n"
            "match (c#3) (d#4) [c#3 !r#1-> d#4] uses r#1\n"
            "project a#0=a#0\n"
            "columns a=a#0\n");
  EXPECT_EQ(TreeOf("MATCH (a) WHERE rand() < 0.5 MATCH (b) RETURN a"),
            "match (a#0) where (rand() < 0.5)<>\n"
            "match (b#1)\n"
            "project a#0=a#0\n"
            "columns a=a#0\n");
  EXPECT_EQ(TreeOf("MATCH (a)-[r]->(b) OPTIONAL MATCH (c)-[q:U]-(b:B) WHERE c.x > 1 MATCH "
                   "(a)-->(c) RETURN a, q"),
            "match (a#0) (b#2) [a#0 r#1-> b#2]\n"
            "optional (c#3) (!b#2:B) [c#3 q#4-- b#2:U] where (c#3.x > 1)<c#3> uses b#2\n"
            "match (!a#0) (!c#3) [a#0 #5-> c#3] uses a#0 c#3\n"
            "project a#0=a#0, q#4=q#4\n"
            "columns a=a#0 q=q#4\n");
}

TEST(BindTreeTest, PatternsAreGraphsWithConditions) {
  EXPECT_EQ(
      TreeOf(
          "MATCH (a:A {x: 1})-[r:T]->(b)<-[:T|U*1..3 {y: 2}]-(a) WHERE b:B AND a.x > b.x RETURN a"),
      "match (a#0:A) (b#2:B) [a#0 r#1-> b#2:T] [b#2 #3<- a#0:T:U*1..3 each #4 (#4.y = 2)<#4>] "
      "different 0 1 where (a#0.x = 1)<a#0>; (a#0.x > b#2.x)<a#0 b#2>\n"
      "project a#0=a#0\n"
      "columns a=a#0\n");
  EXPECT_EQ(TreeOf("MATCH (n:A&!B|Nope) WHERE n.foo = 1 AND n:A&B RETURN n"),
            "match (n#0:A:B) where n#0:((A&!B)|Nope?)<n#0>; (n#0.foo? = 1)<n#0>\n"
            "project n#0=n#0\n"
            "columns n=n#0\n");
  EXPECT_EQ(TreeOf("MATCH (a)-[r:!T]->(b {x: 1, x: 2}) RETURN r"),
            "match (a#0) (b#2) [a#0 r#1-> b#2] where r#1:!T<r#1>; (b#2.x = 2)<b#2>\n"
            "project r#1=r#1\n"
            "columns r=r#1\n");
  EXPECT_EQ(TreeOf("MATCH p = (a)-[r*0..2]-(b) RETURN p, [x IN nodes(p) WHERE x.x > 1 | x.y] AS l"),
            "match (a#0) (b#3) [a#0 r#1-- b#3*0..2 each #2 ] path p#4=0-1/0 different 0\n"
            "project p#4=p#4, l#6=[x#5 in nodes(p#4) where (x#5.x > 1) | x#5.y]\n"
            "columns p=p#4 l=l#6\n");
}

TEST(BindTreeTest, SubplansSayWhatTheyUse) {
  EXPECT_EQ(TreeOf("MATCH (a), (c) WHERE (a)-[:T]->(c) OR NOT (a)--() RETURN a"),
            "match (a#0) (c#1) where (exists<a#0 c#1>{(!a#0) (!c#1) [a#0 #2-> c#1:T] uses a#0 c#1} "
            "or not exists<a#0>{(!a#0) (#5) [a#0 #4-- #5] uses a#0})<a#0 c#1>\n"
            "project a#0=a#0\n"
            "columns a=a#0\n");
  EXPECT_EQ(TreeOf("MATCH (n) RETURN [(n)-[r:T]->(m:B) WHERE m.x = n.x | m.y] AS l"),
            "match (n#0)\n"
            "project l#4=list<n#0>{(!n#0) (m#2:B) [n#0 r#1-> m#2:T] where (m#2.x = n#0.x)<n#0 m#2> "
            "uses n#0}|m#2.y\n"
            "columns l=l#4\n");
  EXPECT_EQ(TreeOf("MATCH p = (n) RETURN [x IN nodes(p) | size([(x)-->() | n.x])] AS l"),
            "match (n#0) path p#1=0/\n"
            "project l#6=[x#2 in nodes(p#1) where - | size(list<n#0 x#2>{(!x#2) (#4) [x#2 #3-> #4] "
            "uses x#2}|n#0.x)]\n"
            "columns l=l#6\n");
}

TEST(BindTreeTest, AggregatesAreLiftedOutOfItems) {
  EXPECT_EQ(TreeOf("MATCH (n) RETURN n.x AS a, n.x + count(*) AS b, count(*), n ORDER BY a, "
                   "count(*) DESC LIMIT 3"),
            "match (n#0)\n"
            "group a#1=n#0.x, n#0=n#0 | count(*)#2=count(*)\n"
            "project a#1=a#1, b#3=(a#1 + count(*)#2), count(*)#2=count(*)#2, n#0=n#0\n"
            "order a#1\n"
            "order count(*)#2 desc\n"
            "limit 3\n"
            "columns a=a#1 b=b#3 count(*)=count(*)#2 n=n#0\n");
  EXPECT_EQ(TreeOf("MATCH (n) RETURN n AS m, n.x + max(n.y) AS b"),
            "match (n#0)\n"
            "group m#1=n#0 | #2=max(n#0.y)\n"
            "project m#1=m#1, b#3=(m#1.x + #2)\n"
            "columns m=m#1 b=b#3\n");
  EXPECT_EQ(TreeOf("MATCH (n) RETURN count(*) AS a, count(*) + 1 AS b, sum(DISTINCT n.x) AS c"),
            "match (n#0)\n"
            "group  | a#1=count(*), c#3=sum(distinct n#0.x)\n"
            "project a#1=a#1, b#2=(a#1 + 1), c#3=c#3\n"
            "columns a=a#1 b=b#2 c=c#3\n");
  EXPECT_EQ(TreeOf("MATCH (n) RETURN n.x + 1 AS x, count(*) AS c ORDER BY n.x + 1 + c"),
            "match (n#0)\n"
            "group x#1=(n#0.x + 1) | c#2=count(*)\n"
            "project x#1=x#1, c#2=c#2\n"
            "order (x#1 + c#2)\n"
            "columns x=x#1 c=c#2\n");
}

TEST(BindTreeTest, WhatFollowsAProjectionSeesWhatIsThere) {
  EXPECT_EQ(
      TreeOf("MATCH (n) WITH DISTINCT n.x AS a, n.y + 1 AS b WHERE n.x > 1 AND a < 3 RETURN *"),
      "match (n#0)\n"
      "project distinct a#1=n#0.x, b#2=(n#0.y + 1)\n"
      "where (a#1 > 1)<a#1>; (a#1 < 3)<a#1>\n"
      "project a#1=a#1, b#2=b#2\n"
      "columns a=a#1 b=b#2\n");
  EXPECT_EQ(TreeOf("MATCH (n) WITH n AS m, n.x AS x ORDER BY n.y SKIP $s RETURN m, x"),
            "match (n#0)\n"
            "project m#1=n#0, x#2=n#0.x\n"
            "order n#0.y\n"
            "skip $s\n"
            "project m#1=m#1, x#2=x#2\n"
            "columns m=m#1 x=x#2\n");
  EXPECT_EQ(TreeOf("WITH 1 AS a, 2 AS b WITH a AS b, b AS a ORDER BY a RETURN a, b"),
            "project a#0=1, b#1=2\n"
            "project b#2=a#0, a#3=b#1\n"
            "order a#3\n"
            "project a#3=a#3, b#2=b#2\n"
            "columns a=a#3 b=b#2\n");
}

TEST(BindTreeTest, BranchesOfUnionHaveTheColumnsOfTheFirst) {
  EXPECT_EQ(TreeOf("RETURN 1 AS a, 2 AS b UNION RETURN 3 AS b, 4.0 AS a"),
            "project a#0=1, b#1=2\n"
            "outputs a#0 b#1\n"
            "union\n"
            "project b#2=3, a#3=4\n"
            "outputs a#3 b#2\n"
            "columns a=a#4 b=b#5\n");
}

TEST(BindTreeTest, UpdatesHaveBoundTargets) {
  EXPECT_EQ(TreeOf("CREATE p = (a:A {x: 1})-[:T {y: 2}]->(b:B)<-[r:U]-(c $map) RETURN p"),
            "create (a#0:A x=1) (b#1:B) (#2:T a#0->b#1 y=2) (c#3 $map) (r#4:U c#3->b#1)\n"
            "project p#5=p#5\n"
            "columns p=p#5\n");
  EXPECT_EQ(TreeOf("MATCH (a) CREATE (a)-[:New {z: a.x}]->(a), ({x: 1, x: 2})"),
            "match (a#0)\n"
            "create (!a#0) (#1:New? a#0->a#0 z?=a#0.x) (#2 x=2)\n"
            "columns\n");
  EXPECT_EQ(TreeOf("MATCH (a:A) MERGE (a)-[r:T {x: 1}]-(b:B {y: a.y}) ON CREATE SET b.x = 1, b:New "
                   "ON MATCH SET r += $p RETURN b"),
            "match (a#0:A)\n"
            "merge (!a#0) (b#2:B) [a#0 r#1-- b#2:T] where (b#2.y = a#0.y)<a#0 b#2>; (r#1.x = "
            "1)<r#1> uses a#0\n"
            "  make (!a#0) (b#2:B y=a#0.y) (r#1:T a#0->b#2 x=1)\n"
            "  on create set b#2.x=1, labels b#2:New?\n"
            "  on match add r#1=$p\n"
            "project b#2=b#2\n"
            "columns b=b#2\n");
  EXPECT_EQ(TreeOf("MATCH (n) SET n = $p, n['k' + 'l'] = 2 REMOVE n:A:B, n.x DETACH DELETE n"),
            "match (n#0)\n"
            "replace n#0=$p, set[] n#0[('k' + 'l')]=2\n"
            "remove labels n#0:A:B, remove n#0.x\n"
            "detach delete n#0\n"
            "columns\n");
  EXPECT_EQ(TreeOf("FOREACH (i IN [1, 2] | CREATE (n {x: i}) SET n.y = i)"),
            "foreach i#0 in [1, 2]\n"
            "create (n#1 x=i#0)\n"
            "set n#1.y=i#0\n"
            "end\n"
            "columns\n");
}

TEST(BindTreeTest, CallsAndShowGiveRows) {
  EXPECT_EQ(TreeOf("UNWIND [1, 2] AS x CALL test.add(x, 2) YIELD sum AS s WHERE s > 1 RETURN *"),
            "unwind [1, 2] as x#0\n"
            "call test.add(x#0, 2) 0=s#1\n"
            "project s#1=s#1, x#0=x#0\n"
            "columns s=s#1 x=x#0\n");
  EXPECT_EQ(TreeOf("CALL db.labels()"),
            "call db.labels() 0=label#0\n"
            "columns label=label#0\n");
  EXPECT_EQ(TreeOf("CALL test.add"),
            "call test.add($a, $b) 0=sum#0\n"
            "columns sum=sum#0\n");
  EXPECT_EQ(
      TreeOf(
          "SHOW CONSTRAINTS YIELD name AS n, type WHERE type = 'UNIQUENESS' RETURN n ORDER BY n"),
      "show\n"
      "project n#10=name#1, type#2=type#2\n"
      "where (type#2 = 'UNIQUENESS')<type#2>\n"
      "project n#10=n#10\n"
      "order n#10\n"
      "columns n=n#10\n");
}

TEST(BindTreeTest, CaseIsConditions) {
  EXPECT_EQ(TreeOf("RETURN CASE 1 WHEN 2 THEN 'a' WHEN > 3, 4 THEN 'b' END AS c"),
            "project c#1=case #0=1 when (#0 = 2) then 'a' when (#0 > 3) then 'b' when (#0 = 4) "
            "then 'b' else - end\n"
            "columns c=c#1\n");
}

bound::Expression FirstItem(std::string_view text) {
  const BoundText bound = BindText(text);
  EXPECT_TRUE(bound.status.ok()) << bound.status;
  return *bound.statement->query->branches[0]->parts.back().projection->items[0].expression;
}

TEST(BindTreeTest, ExpressionsKnowTheirTypes) {
  const auto type = [](std::string_view text) { return FirstItem(text).type.ToString(); };
  EXPECT_EQ(type("RETURN 1 + 2.0"), "FLOAT");
  EXPECT_EQ(type("RETURN [1, 2][0]"), "INTEGER");
  EXPECT_EQ(type("RETURN 1 = 2"), "BOOLEAN");
  EXPECT_EQ(type("RETURN 'a' + 1"), "STRING");
  EXPECT_EQ(type("RETURN [x IN ['a'] | size(x)]"), "LIST<INTEGER>");
  EXPECT_EQ(type("MATCH (n) RETURN n"), "NODE");
  EXPECT_FALSE(FirstItem("MATCH (n) RETURN n").type.is_nullable());
  EXPECT_TRUE(FirstItem("OPTIONAL MATCH (n) RETURN n").type.is_nullable());
}

TEST(BindTreeTest, ExpressionsKnowWhatMayBeDoneWithThem) {
  EXPECT_FALSE(FirstItem("MATCH (n) RETURN n.x = 1 AND n.y STARTS WITH 'a'").may_raise);
  EXPECT_FALSE(FirstItem("MATCH (n) RETURN id(n), 1").may_raise);
  EXPECT_TRUE(FirstItem("MATCH (n) RETURN n.x + 1").may_raise);
  EXPECT_TRUE(FirstItem("MATCH (n) RETURN toUpper(n.x)").may_raise);
  EXPECT_TRUE(FirstItem("MATCH (n) RETURN n.x AND true").may_raise);
  EXPECT_TRUE(FirstItem("RETURN $p.x").may_raise);
  EXPECT_TRUE(FirstItem("RETURN 1 + rand()").is_volatile);
  EXPECT_FALSE(FirstItem("RETURN rand()").is_constant);
  EXPECT_TRUE(FirstItem("RETURN [x IN [1] | x + $p]").is_constant);
  EXPECT_FALSE(FirstItem("MATCH (n) RETURN [x IN [1] | n.x]").is_constant);
  EXPECT_TRUE(FirstItem("RETURN CASE 1 WHEN 2 THEN 3 END").is_constant);
  EXPECT_TRUE(FirstItem("RETURN [x IN [y IN [1] | y + 1] | [z IN [x] | z + x]]").is_constant);
  EXPECT_FALSE(FirstItem("UNWIND [1] AS y RETURN [x IN [1] | [z IN [x] | z + y]]").is_constant);
  EXPECT_FALSE(FirstItem("RETURN [x IN [1] | size([()-->() | 1])]").is_constant);
  EXPECT_TRUE(FirstItem("RETURN reduce(s = 0, x IN [1] | s + x)").is_constant);
  EXPECT_FALSE(FirstItem("RETURN reduce(s = 0, x IN [1] | s + rand())").is_constant);
}

TEST(BindTreeTest, StatementsTellWhatTheyAre) {
  const auto kind = [](std::string_view text) { return BindText(text).statement->kind; };
  EXPECT_EQ(kind("MATCH (n) RETURN n"), bound::StatementKind::kRead);
  EXPECT_EQ(kind("CREATE (n)"), bound::StatementKind::kWrite);
  EXPECT_EQ(kind("CREATE (n) RETURN n"), bound::StatementKind::kReadWrite);
  EXPECT_EQ(kind("FOREACH (x IN [1] | CREATE (n))"), bound::StatementKind::kWrite);
  EXPECT_EQ(kind("DROP INDEX a"), bound::StatementKind::kSchema);
  EXPECT_EQ(BindText("EXPLAIN RETURN 1").statement->mode, bound::StatementMode::kExplain);
}

TEST(BindTreeTest, UnknownNamesAndParametersAreNoted) {
  const BoundText bound = BindText(
      "CYPHER planner=cost MATCH (n:Nope:A)-[:Gone]->(:Nope) WHERE n.foo = $a SET n.bar = $b + $a");
  ASSERT_TRUE(bound.status.ok()) << bound.status;
  const bound::Statement& statement = *bound.statement;
  std::string unresolved;
  for (const auto& name : statement.unresolved) unresolved += std::string(name.text) + " ";
  EXPECT_EQ(unresolved, "Nope Gone foo bar ");
  std::string notes;
  for (const auto& note : statement.notifications) notes += std::string(note.name) + " ";
  EXPECT_EQ(notes, "planner Nope Gone foo ");  // what is written is not missed
  ASSERT_EQ(statement.parameters.size(), 2u);
  EXPECT_EQ(statement.parameters[0].name, "a");
  EXPECT_EQ(statement.parameters[1].name, "b");
}

TEST(BindTreeTest, CommandsOfTheSchema) {
  const BoundText bound =
      BindText("CREATE CONSTRAINT c IF NOT EXISTS FOR (n:A) REQUIRE (n.x, n.new) IS UNIQUE");
  ASSERT_TRUE(bound.status.ok()) << bound.status;
  const bound::Command& command = *bound.statement->command;
  EXPECT_EQ(command.kind, bound::CommandKind::kCreateConstraint);
  EXPECT_EQ(command.constraint, bound::CommandConstraintKind::kUnique);
  EXPECT_EQ(command.name, "c");
  EXPECT_TRUE(command.if_exists);
  ASSERT_EQ(command.keys.size(), 2u);
  EXPECT_NE(command.keys[0].id, 0u);
  EXPECT_EQ(command.keys[1].id, 0u);
}

// What is bound needs neither the tree nor the text.
TEST(BindTreeTest, OutlivesTheSyntaxTree) {
  BoundText bound = BindText("MATCH (n:A {x: 'abc'}) WITH n AS `a b`, $p AS q RETURN *");
  const std::string before = ToText(*bound.statement);
  std::fill(bound.text.begin(), bound.text.end(), '#');
  EXPECT_EQ(ToText(*bound.statement), before);
}

}  // namespace
}  // namespace tidemark::query
