// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "tests/generator/engine.h"
#include "tests/generator/graph_plan.h"
#include "tests/generator/statement.h"
#include "tests/reference/evaluator.h"

namespace tidemark::generator {

// What came of the statements of a run.
struct Tally {
  std::string Text() const;

  int64_t compared = 0;
  int64_t with_rows = 0;
  int64_t with_changes = 0;
  int64_t errors = 0;
  // An error of a condition was met, or not, as another order of conditions and patterns does.
  int64_t in_another_order = 0;
  std::map<std::string, int64_t> not_covered;
};

// For people.
std::string TextOf(const Answer& answer);
// Of two answers without an error: whether columns, rows and counters are the same, as far as the
// statement decides them.
bool SameRows(const Statement& statement, Answer expected, Answer actual);

// What the reference evaluator gave, and what the engine did; graphs: of statements that write.
struct Expected {
  reference::Outcome outcome;
  Answer answer;
  std::vector<std::string> graph;
};
struct Actual {
  Answer answer;
  std::vector<std::string> graph;
};

// One graph at the reference evaluator and at the engine with 1 and with 3 workers. Every statement
// begins with the graph as it was made. Threads: one.
class Comparer {
 public:
  Comparer(GraphPlan plan, uint64_t seed);

  // Empty: the answers agree, or the reference evaluator does not know what is asked.
  std::string Compare(const Statement& statement, bool commits, Tally* tally);
  const GraphPlan& plan() const { return plan_; }

 private:
  void Build();
  Expected Expect(const Statement& statement, reference::Conditions conditions) const;
  Actual RunEngine(uint32_t worker_count, const Statement& statement, bool commits);
  bool IsOfAnotherOrder(const Statement& statement, const Expected& expected, const Actual& actual,
                        uint32_t worker_count) const;

  const GraphPlan plan_;
  const uint64_t seed_;
  reference::Graph graph_;
  std::map<uint32_t, std::unique_ptr<Engine>> engines_;
};

// Leaves out clauses, parts of expressions and parts of the graph as long as the answers differ,
// and says what is left.
std::string Shrink(const GraphPlan& plan, const Statement& statement, bool commits, uint64_t seed);

}  // namespace tidemark::generator
