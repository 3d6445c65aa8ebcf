// SPDX-License-Identifier: Apache-2.0
#include "tests/hostile/hostile_case.h"

namespace tidemark::hostile {
namespace {

std::vector<HostileCase> ManyRows() {
  return {
      {"UnwindOfATrillion",
       Text("UNWIND range(1, 1000000000000) AS x RETURN count(x) AS c"),
       {kTimeout}},
      {"CollectOfEverything",
       Text("UNWIND range(1, 1000000000000) AS x RETURN size(collect(x)) AS c"),
       {kMemory}},
      {"CollectOfTexts",
       Text("UNWIND range(1, 1000000000000) AS x RETURN size(collect('number ' + x)) AS c"),
       {kMemory}},
      {"UnwindOfUnwindOfUnwind",
       Text("UNWIND range(1, 100000) AS a UNWIND range(1, 100000) AS b UNWIND range(1, 100000) AS "
            "c RETURN sum(a + b * c) AS s"),
       {kTimeout}},
      {"UnwindOfCollectedLists",
       Text("UNWIND range(1, 100000) AS x WITH collect(x) AS l UNWIND l AS a UNWIND l AS b UNWIND "
            "l AS c RETURN count(*) AS c"),
       {kTimeout}},
      {"OrderByOverAProduct",
       Text("MATCH (a:Point), (b:Point) RETURN a.number AS a, b.number AS b ORDER BY a + b, b"),
       {kDone, kTimeout}},
      {"OrderByWithALargeLimit",
       Text("MATCH (a:Point), (b:Point), (c:Point) RETURN a.number + b.number + c.number AS x "
            "ORDER BY x LIMIT 100000000"),
       {kMemory}},
      {"OrderByOfLongLists",
       Text("UNWIND range(1, 300) AS i WITH range(1, 10000) + [i] AS l ORDER BY l DESC RETURN "
            "size(l) AS s"),
       {kDone, kMemory}},
      {"DistinctOverAProduct",
       Text("MATCH (a:Point), (b:Point), (c:Point) RETURN DISTINCT a, b, c"),
       {kMemory}},
      {"DistinctOfLongLists",
       Text("UNWIND range(1, 100000) AS i RETURN count(DISTINCT range(1, 10000) + [i % 2]) AS c"),
       {kDone, kMemory, kTimeout}},
      {"GroupsOfEverything",
       Text("UNWIND range(1, 1000000000) AS x WITH x AS key, count(*) AS c RETURN max(c) AS m"),
       {kMemory}},
      {"PercentileOverEverything",
       Text("UNWIND range(1, 1000000000000) AS x RETURN percentileCont(x, 0.5) AS p"),
       {kMemory}},
      {"SkipOfATrillion",
       Text("UNWIND range(1, 1000000000000) AS x RETURN x SKIP 999999999999"),
       {kTimeout}},
      {"UnionOfEverything",
       Text("UNWIND range(1, 1000000000) AS x RETURN x UNION UNWIND range(1, 1000000000) AS x "
            "RETURN x"),
       {kMemory, kTimeout}},
  };
}

std::vector<HostileCase> LargeRows() {
  return {
      {"LargeTextWithEveryRow",
       Text("WITH reduce(s = 'x', i IN range(1, 18) | s + s) AS t MATCH (p:Point) RETURN "
            "sum(size(t + p.number)) AS s"),
       {kDone, kMemory, kTimeout}},
      {"LargeListThatEveryRowAsksFor",
       Text("WITH reduce(s = 'x', i IN range(1, 18) | s + s) AS t UNWIND [i IN range(1, 1000) | "
            "[t]] AS u MATCH (p:Point {number: 1}) WHERE p.double < size(u[0]) RETURN count(*) AS "
            "c"),
       {kDone, kMemory, kTimeout}},
      {"RowOfAHundredLargeTexts",
       [] {
         std::string text = "WITH reduce(s = 'x', i IN range(1, 21) | s + s) AS t RETURN t AS c0";
         for (int i = 1; i < 100; ++i) text += ", t AS c" + std::to_string(i);
         return text;
       },
       {kMemory}},
      {"RowOfThirtyLargeTexts",
       [] {
         std::string text = "WITH reduce(s = 'x', i IN range(1, 21) | s + s) AS t RETURN t AS c0";
         for (int i = 1; i < 30; ++i) text += ", t AS c" + std::to_string(i);
         return text;
       },
       {kDone, kMemory}},
      {"EveryVertexInOneRow",
       Text("MATCH (p) MATCH (q:Point) RETURN collect(p) AS l"),
       {kDone, kMemory}},
      {"DistinctOfALargeText",
       Text("WITH reduce(s = 'x', i IN range(1, 22) | s + s) AS t UNWIND range(1, 1000) AS i WITH "
            "DISTINCT t RETURN count(*) AS c"),
       {kDone}},
  };
}

std::vector<HostileCase> ManyPaths() {
  return {
      {"CartesianProductOfFour",
       Text("MATCH (a:Point), (b:Point), (c:Point), (d:Point) RETURN count(*) AS c"),
       {kMemory, kTimeout}},
      {"CartesianProductOfSixCollected",
       Text("MATCH (a), (b), (c), (d), (e), (f) RETURN collect([a, b, c, d, e, f]) AS c"),
       {kMemory, kTimeout}},
      {"ProductThatFindsNothing",
       Text("MATCH (a:Point), (b:Point), (c:Point) WHERE a.number + b.number + c.number < 0 RETURN "
            "a, b, c"),
       {kTimeout}},
      {"PathsWithoutBound",
       Text("MATCH p = (:Dense {number: 1})-[:TO*]->() RETURN count(p) AS c"),
       {kTimeout, kMemory}},
      {"PathsWithoutBoundKept",
       Text("MATCH p = (:Dense)-[:TO*]-(:Dense) RETURN collect(p) AS c"),
       {kTimeout, kMemory}},
      {"PathsWithoutBoundByTurns",
       Text("MATCH (:Dense)-[:TO*0..]-()-[:TO*0..]-()-[:TO*0..]-() RETURN count(*) AS c"),
       {kTimeout, kMemory}},
      {"TwelveHops",
       Text("MATCH (:Dense)-->()-->()-->()-->()-->()-->()-->()-->()-->()-->()-->()-->() RETURN "
            "count(*) AS c"),
       {kTimeout}},
      {"PatternsInExpressions",
       Text("MATCH (a:Dense) RETURN sum(size([(a)-->()-->()-->()-->()-->() | 1])) AS s"),
       {kTimeout, kMemory}},
      {"OptionalMatchOfOptionalMatch",
       Text("MATCH (a:Dense) OPTIONAL MATCH (a)-->(b) OPTIONAL MATCH (b)-->(c) OPTIONAL MATCH "
            "(c)-->(d) OPTIONAL MATCH (d)-->(e) RETURN count(*) AS c"),
       {kTimeout}},
  };
}

}  // namespace

std::vector<HostileCase> RowCases() {
  std::vector<HostileCase> cases = ManyRows();
  for (HostileCase& one : LargeRows()) cases.push_back(std::move(one));
  for (HostileCase& one : ManyPaths()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace tidemark::hostile
