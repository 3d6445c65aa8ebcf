// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tests/generator/random.h"

namespace tidemark::generator {

// A small graph as what makes it. Every vertex and every edge has its own integer in `k`, so that
// rows show which ones they mean; `u` is an integer that no two vertices share, or is missing. The
// other keys have one kind of value each (i: integer, f: float, s: string, b: boolean, l: list) or
// any (m), and are often missing.
struct GraphPlan {
  struct Vertex {
    std::string text;  // what stands between the brackets, but for the variable
  };
  struct Edge {
    size_t source = 0;
    size_t target = 0;
    std::string text;
  };

  // Indexes and constraints, then one CREATE.
  Texts ToStatements() const;

  Texts schema;
  bool u_is_unique = false;  // a constraint says so for :A
  std::vector<Vertex> vertices;
  std::vector<Edge> edges;
};

GraphPlan MakeGraph(Random* random);

// Values as literals.
std::string IntegerLiteral(Random* random);
std::string FloatLiteral(Random* random);
std::string StringLiteral(Random* random);
std::string BooleanLiteral(Random* random);
std::string ListLiteral(Random* random);  // what a property can hold
std::string AnyLiteral(Random* random);   // one of these

}  // namespace tidemark::generator
