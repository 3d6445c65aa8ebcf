// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "query/binder/bound.h"
#include "query/eval/program.h"
#include "query/planner/made_expressions.h"
#include "query/planner/plan_variables.h"
#include "query/planner/planner.h"
#include "query/planner/step.h"

namespace tidemark::query {

// Operators call one another, so a plan may not be as deep as a text is long.
inline constexpr uint32_t kMaxPlanOperators = 1000;
absl::Status TooLarge(std::string_view statement, Source source);

// Turns the clauses of a query into steps, one after the other: what is done, not yet where.
// Owner: MakePlan. Threads: one. Errors: query::Error for what is not supported yet.
class StepBuilder {
 public:
  StepBuilder(const bound::Statement& statement, const PlannerInput& input,
              PlanVariables* variables)
      : statement_(statement), input_(input), variables_(*variables), make_(variables) {}

  absl::Status AddQuery(const bound::Query& query, Pipeline* steps);

  // The steps that give a row for each match of the graph, whose arguments are there.
  absl::Status AddGraph(const bound::QueryGraph& graph, Pipeline* steps);
  // Steps before `step` that compute what an expression of it looks for in the graph, and what the
  // expression needs of the rows.
  absl::Status AddExpression(const bound::Expression& expression, Step* step, Pipeline* steps);
  // A step that keeps the rows for which all conditions are true.
  absl::Status AddFilter(const std::vector<const bound::Expression*>& conditions, Pipeline* steps);
  // The error for what is not supported yet.
  absl::Status Refuse(std::string_view what, Source source) const;
  // Notes what an expression needs, when it looks for nothing in the graph.
  void NoteUses(const bound::Expression& expression, Step* step) const;

  const bound::Statement& statement() const { return statement_; }
  const PlannerInput& input() const { return input_; }
  PlanVariables& variables() { return variables_; }
  MadeExpressions& make() { return make_; }
  // Parts of expressions that steps compute.
  const eval::ComputedParts& computed() const { return computed_; }

 private:
  // The key lives as long as the builder.
  std::string_view KeepKey(std::string_view key) const { return keys_.Copy(key); }
  absl::Status AddBranch(const bound::SingleQuery& branch, Pipeline* steps);
  absl::Status AddClause(const bound::Clause& clause, Pipeline* steps);
  absl::Status AddOptional(const bound::Match& match, Pipeline* steps);
  absl::Status AddUnwind(const bound::Unwind& unwind, Pipeline* steps);
  absl::Status AddSubplans(const bound::Expression& expression,
                           absl::Span<const bound::VariableId> uses, Pipeline* steps);
  // step_list.cc: list expressions that look for something in the graph for each element.
  struct ListLoop {
    const bound::Expression* node;
    bound::VariableId variable;
    const bound::Expression* list;
    const bound::Expression* where;  // nullptr: all
    const bound::Expression* value;  // nullptr: the variable
  };
  static std::optional<ListLoop> LoopOf(const bound::Expression& expression);
  absl::Status AddListLoop(const ListLoop& loop, Pipeline* steps);
  absl::Status AddSubplan(const bound::Subplan& subplan, Pipeline* steps);

  // step_projection.cc
  absl::Status AddProjection(const bound::Projection& projection, Pipeline* steps);
  absl::Status AddAggregates(const bound::Projection& projection, Pipeline* steps);
  void AddDistinctEnd(const bound::Projection& projection, Pipeline* steps) const;
  absl::Status AddItems(const bound::Projection& projection, Pipeline* steps);
  absl::Status AddOrder(const bound::Projection& projection, Pipeline* steps);
  absl::Status AddPage(const bound::Projection& projection, Pipeline* steps);

  const bound::Statement& statement_;
  const PlannerInput& input_;
  PlanVariables& variables_;
  MadeExpressions make_;
  eval::ComputedParts computed_;
  mutable Arena keys_;
  uint32_t clause_count_ = 0;
};

// Rows that are the same become one.
Step MakeDistinct(std::vector<bound::VariableId> variables, Source source);

}  // namespace tidemark::query
