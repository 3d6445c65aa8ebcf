// SPDX-License-Identifier: Apache-2.0
#include "tests/generator/graph_plan.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace tidemark::generator {
namespace {

std::string RandomProperties(Random* random, size_t number, const std::string& unique) {
  Texts parts = {absl::StrCat("k: ", number)};
  if (random->Chance(70)) parts.push_back("i: " + IntegerLiteral(random));
  if (random->Chance(50)) parts.push_back("f: " + FloatLiteral(random));
  if (random->Chance(60)) parts.push_back("s: " + StringLiteral(random));
  if (random->Chance(50)) parts.push_back("b: " + BooleanLiteral(random));
  if (random->Chance(40)) parts.push_back("l: " + ListLiteral(random));
  if (random->Chance(50)) parts.push_back("m: " + AnyLiteral(random));
  if (!unique.empty()) parts.push_back("u: " + unique);
  return absl::StrCat("{", absl::StrJoin(parts, ", "), "}");
}

void AddSchema(Random* random, GraphPlan* plan) {
  if (random->Chance(40)) plan->schema.push_back("CREATE INDEX FOR (n:A) ON (n.i)");
  if (random->Chance(20)) plan->schema.push_back("CREATE INDEX FOR (n:B) ON (n.s)");
  if (random->Chance(20)) plan->schema.push_back("CREATE INDEX FOR (n:A) ON (n.m)");
  if (random->Chance(20)) plan->schema.push_back("CREATE INDEX FOR (n:B) ON (n.i, n.s)");
  if (random->Chance(40)) {
    plan->u_is_unique = true;
    plan->schema.push_back("CREATE CONSTRAINT FOR (n:A) REQUIRE n.u IS UNIQUE");
  }
}

}  // namespace

std::string IntegerLiteral(Random* random) {
  return absl::StrCat(random->Chance(90) ? random->Between(-1, 3) : random->Between(-20, 20));
}

// Sums of these are exact in any order. Few of them are no numbers.
std::string FloatLiteral(Random* random) {
  static const Texts texts = {"0.0", "-0.0", "1.0", "1.0",  "2.0",      "0.5",      "-1.5",
                              "2.5", "3.0",  "NaN", "-2.0", "Infinity", "-Infinity"};
  return random->Pick(texts);
}

std::string StringLiteral(Random* random) {
  static const Texts texts = {"''", "'a'", "'b'", "'ab'", "'B'", "'ba'", "'a'", "'1'", "'é'"};
  return random->Pick(texts);
}

std::string BooleanLiteral(Random* random) { return random->Chance(50) ? "true" : "false"; }

std::string ListLiteral(Random* random) {
  using Make = std::string (*)(Random*);
  const Make make = random->Pick(
      std::vector<Make>{IntegerLiteral, IntegerLiteral, StringLiteral, BooleanLiteral});
  Texts items;
  for (size_t i = random->Below(4); i > 0; --i) items.push_back(make(random));
  // Integers among floats become floats.
  if (make == IntegerLiteral && random->Chance(20)) items.push_back(FloatLiteral(random));
  return absl::StrCat("[", absl::StrJoin(items, ", "), "]");
}

std::string AnyLiteral(Random* random) {
  switch (random->Below(6)) {
    case 0:
      return FloatLiteral(random);
    case 1:
      return StringLiteral(random);
    case 2:
      return BooleanLiteral(random);
    case 3:
      return ListLiteral(random);
    default:
      return IntegerLiteral(random);
  }
}

Texts GraphPlan::ToStatements() const {
  Texts statements = schema;
  Texts parts;
  for (size_t i = 0; i < vertices.size(); ++i) {
    parts.push_back(absl::StrCat("(v", i, vertices[i].text, ")"));
  }
  for (const Edge& edge : edges) {
    parts.push_back(absl::StrCat("(v", edge.source, ")-[", edge.text, "]->(v", edge.target, ")"));
  }
  if (!parts.empty()) statements.push_back("CREATE " + absl::StrJoin(parts, ", "));
  return statements;
}

GraphPlan MakeGraph(Random* random) {
  GraphPlan plan;
  AddSchema(random, &plan);
  const size_t vertex_count = random->Chance(5) ? 0 : 2 + random->Below(6);
  for (size_t i = 0; i < vertex_count; ++i) {
    std::string labels;
    if (random->Chance(60)) labels += ":A";
    if (random->Chance(40)) labels += ":B";
    if (random->Chance(15)) labels += ":C";
    const std::string unique = random->Chance(70) ? absl::StrCat(i) : "";
    plan.vertices.push_back({labels + " " + RandomProperties(random, i + 1, unique)});
  }
  if (vertex_count == 0) return plan;
  // Few ends, so that there are parallel edges and loops.
  const size_t edge_count = 1 + random->Below(vertex_count + 4);
  for (size_t i = 0; i < edge_count; ++i) {
    const size_t source = random->Below(vertex_count);
    const size_t target = random->Chance(10) ? source : random->Below(vertex_count);
    const std::string type = random->Pick(Texts{":R", ":R", ":S", ":T"});
    plan.edges.push_back({source, target, type + " " + RandomProperties(random, 101 + i, "")});
    if (random->Chance(15)) {
      plan.edges.push_back({source, target, type + " " + RandomProperties(random, 201 + i, "")});
    }
  }
  return plan;
}

}  // namespace tidemark::generator
