// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/hostile/hostile_case.h"

namespace tidemark::hostile {
namespace {

std::function<std::string()> CreateWithLabels(int count) {
  return [count] {
    std::string text = "CREATE (:Hostile";
    for (int i = 0; i < count; ++i) absl::StrAppend(&text, ":Hostile", i);
    return text + ")";
  };
}

std::vector<HostileCase> ManyElements() {
  return {
      {"CreateWithoutEnd",
       Text("UNWIND range(1, 1000000000000) AS x CREATE (:Hostile {x: x})"),
       {kMemory}},
      {"CreateThatFailsAtItsEnd",
       Text("UNWIND range(1, 100000) AS x CREATE (:Hostile {x: 1 / (100000 - x)})"),
       {kArithmetic}},
      {"CreateBeforeAMistake",
       Text("UNWIND range(1, 50000) AS x CREATE (:Hostile {x: x}) WITH count(*) AS c RETURN 1 / (c "
            "- c) AS x"),
       {kArithmetic}},
      {"EdgesOfAllWithAll",
       Text("MATCH (a:Point) WHERE a.number < 300 MATCH (b:Point) WHERE b.number < 300 CREATE "
            "(a)-[:HOSTILE]->(b)"),
       {kDone, kTimeout}},
      {"EdgesOfAProduct",
       Text("MATCH (a:Point), (b:Point), (c:Dense) CREATE (a)-[:HOSTILE]->(b)"),
       {kMemory, kTimeout}},
      {"MergeOverAProduct",
       Text("MATCH (a:Point), (b:Point) MERGE (a)-[:HOSTILE {x: a.number}]->(b)"),
       {kMemory, kTimeout}},
      {"MergeOfEverything",
       Text("UNWIND range(1, 1000000000) AS x MERGE (:Hostile {x: x})"),
       {kMemory, kTimeout}},
      {"DeleteOfEverythingThatFails",
       Text("MATCH (n) DETACH DELETE n WITH count(*) AS c RETURN 1 / (c - c) AS x"),
       {kArithmetic}},
      {"DeleteOfADenseGraphThatFails",
       Text("MATCH (:Dense)-[r]->() DELETE r WITH count(*) AS c RETURN 1 / (c - c) AS x"),
       {kArithmetic}},
  };
}

std::vector<HostileCase> ChangesOfMuch() {
  return {
      {"ForeachInForeach",
       Text("FOREACH (a IN range(1, 10000) | FOREACH (b IN range(1, 10000) | FOREACH (c IN "
            "range(1, 10000) | CREATE (:Hostile {x: c}))))"),
       {kMemory, kTimeout}},
      {"ForeachThatFindsNothingToDo",
       Text("FOREACH (a IN range(1, 10000) | FOREACH (b IN range(1, 10000) | FOREACH (c IN "
            "range(2, 1) | CREATE (:Hostile {x: c}))))"),
       {kDone, kTimeout}},
      {"SetOfEverythingThatFails",
       Text("MATCH (n) SET n.hostile = 1 / (n.number - 999)"),
       {kArithmetic}},
      {"SetAgainAndAgain",
       Text("MATCH (p:Point {number: 1}) UNWIND range(1, 10000000) AS x SET p.hostile = x WITH p, "
            "count(*) AS c RETURN 1 / 0 AS x"),
       {kMemory, kTimeout, kArithmetic}},
      {"PropertyThatGrows",
       Text("MATCH (p:Point {number: 1}) UNWIND range(1, 40) AS x SET p.hostile = "
            "coalesce(p.hostile, 'x') + coalesce(p.hostile, 'x')"),
       {kMemory}},
      {"LargeTextOfEveryVertex",
       Text("WITH reduce(s = 'x', i IN range(1, 18) | s + s) AS t MATCH (p:Point) SET p.hostile = "
            "t WITH count(*) AS c RETURN 1 / (c - c) AS x"),
       {kMemory, kTimeout, kArithmetic}},
      {"PatternOfAThousandElements",
       [] {
         std::string text = "CREATE (:Hostile)";
         for (int i = 0; i < 3'000; ++i) text += "-[:HOSTILE]->(:Hostile)";
         return text;
       },
       {kSyntax, kDone}},
      {"ThousandsOfLabels", CreateWithLabels(5'000), {kArgument}},
      {"AThousandLabels", CreateWithLabels(999), {kDone}},
  };
}

}  // namespace

std::vector<HostileCase> WriteCases() {
  std::vector<HostileCase> cases = ManyElements();
  for (HostileCase& one : ChangesOfMuch()) cases.push_back(std::move(one));
  return cases;
}

}  // namespace tidemark::hostile
