// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>
#include <vector>

#include "query/binder/bound_pattern.h"
#include "query/parser/arena.h"
#include "query/planner/plan_variables.h"

namespace tidemark::query {

// Expressions that stand in no statement: what patterns mean beyond what operators do.
// Owner: the StepBuilder, whose arena they lie in. Threads: one.
class MadeExpressions {
 public:
  explicit MadeExpressions(const PlanVariables* variables) : variables_(*variables) {}

  const bound::Expression* Reference(bound::VariableId variable);
  const bound::Expression* Equal(const bound::Expression* a, const bound::Expression* b);
  // A variable that has the value of an expression; errors and people see the expression.
  const bound::Expression* Renamed(const bound::Expression& expression, bound::VariableId variable);
  // The sum of two literals; nullptr when they are none, or too large.
  const bound::Expression* SumOf(const bound::Expression& a, const bound::Expression& b);
  const bound::Expression* IsNotNull(bound::VariableId variable);
  // The vertex at which an edge begins, at which it ends.
  const bound::Expression* EndOf(bound::VariableId edge, bool is_source);
  // The list of both ends of an edge, one for a loop.
  const bound::Expression* EndsOf(bound::VariableId edge);
  // [element IN list], which raises when it is no list.
  const bound::Expression* Elements(const bound::Expression& list, bound::VariableId element);
  // Null when the first is null, else the second.
  const bound::Expression* UnlessNull(const bound::Expression& value,
                                      const bound::Expression& result, Source source);
  // all(element IN truths WHERE element) and the like.
  const bound::Expression* Decide(bound::ListPredicateKind kind, const bound::Expression& truths,
                                  bound::VariableId element);
  // The condition on each edge of an edge with a length as one on their list.
  bound::Predicate ForAll(const bound::PatternEdge& edge, const bound::Predicate& predicate);
  // Two conditions instead of one that raises when `list` is no list: one that never raises and
  // holds then, and one that raises then and holds otherwise.
  const bound::Expression* UnlessOther(const bound::Expression& condition,
                                       const bound::Expression& list);
  const bound::Expression* OrList(const bound::Expression& condition,
                                  const bound::Expression& list);
  // All of the conditions: an error of one counts only when no other is false.
  const bound::Expression* All(const std::vector<const bound::Expression*>& conditions);

 private:
  const bound::Expression* IsList(const bound::Expression& value, bool is_negated);
  const bound::Expression* Either(const bound::Expression* a, const bound::Expression& b,
                                  bool may_raise);
  static bound::Expression Traits(bound::ExpressionKind kind, CypherType type) {
    return {.kind = kind, .lowest_variable = bound::kNoVariable, .type = type};
  }
  bound::Expressions Keep(const std::vector<const bound::Expression*>& expressions) {
    return arena_.Copy(absl::Span<const bound::Expression* const>(expressions));
  }

  const PlanVariables& variables_;
  Arena arena_;
};

}  // namespace tidemark::query
