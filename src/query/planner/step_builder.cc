// SPDX-License-Identifier: Apache-2.0
#include "query/planner/step_builder.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/binder/uses.h"
#include "query/eval/program.h"
#include "query/planner/graph_order.h"
#include "query/planner/plan_call.h"
#include "query/planner/plan_update.h"
#include "query/text/error.h"

namespace tidemark::query {
namespace {

bool UsesFunction(const eval::Needs& needs, std::string_view name) {
  return std::any_of(needs.functions.begin(), needs.functions.end(),
                     [name](const FunctionSignature* function) { return function->name == name; });
}

// Most clauses need an operator or more; some need none.
constexpr uint32_t kMaxPlannedClauses = 4 * kMaxPlanOperators;

}  // namespace

absl::Status TooLarge(std::string_view statement, Source source) {
  return ToStatus(MakeError(ErrorId::kUnexpectedSyntax, statement, source.offset,
                            {absl::StrCat("The statement needs more than ", kMaxPlanOperators,
                                          " operators; divide it into several statements")}));
}

absl::Status StepBuilder::AddQuery(const bound::Query& query, Pipeline* steps) {
  if (query.branches.size() == 1) return AddBranch(*query.branches[0], steps);
  Step step{.kind = StepKind::kUnion};
  for (const bound::SingleQuery* branch : query.branches) {
    RETURN_IF_ERROR(AddBranch(*branch, &step.branches.emplace_back()));
    step.branch_outputs.emplace_back(branch->outputs.begin(), branch->outputs.end());
  }
  for (size_t i = 0; i < query.columns.size(); ++i) {
    const bound::VariableId column = query.columns[i].variable;
    step.defines.push_back(column);
    const bool has_elements =
        std::any_of(step.branch_outputs.begin(), step.branch_outputs.end(),
                    [&](const auto& outputs) { return variables_.MayHoldElements(outputs[i]); });
    if (!has_elements) variables_.NoteWithoutElements(column);
  }
  std::vector<bound::VariableId> columns = step.defines;
  steps->push_back(std::move(step));
  if (!query.is_union_all) steps->push_back(MakeDistinct(std::move(columns), {}));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddBranch(const bound::SingleQuery& branch, Pipeline* steps) {
  for (const bound::Part& part : branch.parts) {
    for (const bound::Clause* clause : part.clauses) {
      if (++clause_count_ > kMaxPlannedClauses) return TooLarge(statement_.text, clause->source);
      RETURN_IF_ERROR(AddClause(*clause, steps));
    }
    if (part.projection == nullptr) continue;
    const Source source = part.projection->source;
    if (++clause_count_ > kMaxPlannedClauses) return TooLarge(statement_.text, source);
    RETURN_IF_ERROR(AddProjection(*part.projection, steps));
  }
  return absl::OkStatus();
}

absl::Status StepBuilder::AddClause(const bound::Clause& clause, Pipeline* steps) {
  switch (clause.kind) {
    case bound::ClauseKind::kMatch: {
      const auto& match = bound::As<bound::Match>(clause);
      return match.is_optional ? AddOptional(match, steps) : AddGraph(*match.graph, steps);
    }
    case bound::ClauseKind::kUnwind:
      return AddUnwind(bound::As<bound::Unwind>(clause), steps);
    case bound::ClauseKind::kProcedureCall:
    case bound::ClauseKind::kShow:
      return AddCall(clause, this, steps);
    default:
      return AddUpdate(clause, this, steps);
  }
}

absl::Status StepBuilder::AddGraph(const bound::QueryGraph& graph, Pipeline* steps) {
  // Most edges need two operators: what cannot be planned is not put in order first.
  if (graph.edges.size() + graph.vertices.size() > kMaxPlanOperators) {
    return TooLarge(statement_.text, graph.vertices[0].source);
  }
  return GraphOrder(graph, this, steps).Run();
}

absl::Status StepBuilder::AddOptional(const bound::Match& match, Pipeline* steps) {
  Step step{.kind = StepKind::kApply, .source = match.source};
  step.apply = plan::ApplyKind::kOptional;
  RETURN_IF_ERROR(AddGraph(*match.graph, &step.inner));
  for (const bound::PatternVertex& vertex : match.graph->vertices) {
    if (!vertex.is_bound) step.defines.push_back(vertex.variable);
  }
  for (const bound::PatternEdge& edge : match.graph->edges) {
    if (!edge.is_bound) step.defines.push_back(edge.variable);
  }
  for (const bound::PathVariable& path : match.graph->paths) step.defines.push_back(path.variable);
  steps->push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddUnwind(const bound::Unwind& unwind, Pipeline* steps) {
  Step step{.kind = StepKind::kUnwind, .source = unwind.source};
  step.expressions = {unwind.list};
  step.defines = {unwind.variable};
  variables_.NoteComputed(unwind.variable, *unwind.list);
  RETURN_IF_ERROR(AddExpression(*unwind.list, &step, steps));
  steps->push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddFilter(const std::vector<const bound::Expression*>& conditions,
                                    Pipeline* steps) {
  if (conditions.empty()) return absl::OkStatus();
  Step step{.kind = StepKind::kFilter, .source = conditions[0]->source};
  step.expressions = conditions;
  for (const bound::Expression* condition : conditions) {
    RETURN_IF_ERROR(AddExpression(*condition, &step, steps));
  }
  steps->push_back(std::move(step));
  return absl::OkStatus();
}

absl::Status StepBuilder::AddExpression(const bound::Expression& expression, Step* step,
                                        Pipeline* steps) {
  if (expression.has_subplan) {
    RETURN_IF_ERROR(AddSubplans(expression, UsesOf(expression), steps));
  }
  NoteUses(expression, step);
  return absl::OkStatus();
}

absl::Status StepBuilder::AddSubplans(const bound::Expression& expression,
                                      absl::Span<const bound::VariableId> uses, Pipeline* steps) {
  if (expression.kind == bound::ExpressionKind::kSubplan) {
    const auto& subplan = bound::As<bound::Subplan>(expression);
    const bool is_free =
        std::includes(uses.begin(), uses.end(), subplan.arguments.begin(), subplan.arguments.end());
    if (is_free) return AddSubplan(subplan, steps);
    return Refuse("A pattern or subquery that uses the variable of a list expression around it",
                  subplan.source);
  }
  if (!expression.has_subplan) return absl::OkStatus();
  if (const std::optional<ListLoop> loop = LoopOf(expression)) return AddListLoop(*loop, steps);
  absl::Status status;
  ForEachPart(expression, [&](const bound::Expression& part) {
    if (status.ok()) status = AddSubplans(part, uses, steps);
  });
  return status;
}

absl::Status StepBuilder::Refuse(std::string_view what, Source source) const {
  return ToStatus(MakeError(ErrorId::kNotSupported, statement_.text, source.offset, {what}));
}

absl::Status StepBuilder::AddSubplan(const bound::Subplan& subplan, Pipeline* steps) {
  if (subplan.graph == nullptr) {
    return Refuse("A subquery in an expression", subplan.source);
  }
  Step step{.kind = StepKind::kApply, .source = subplan.source};
  step.apply = plan::ApplyKind::kExists;
  step.defines = {subplan.result};
  RETURN_IF_ERROR(AddGraph(*subplan.graph, &step.inner));
  if (subplan.subplan == bound::SubplanKind::kPatternList) {
    step.apply = plan::ApplyKind::kCollect;
    const auto& value = *subplan.projection;
    step.collected = variables_.Add(bound::VariableKind::kValue, value.type, value.source);
    Step project{.kind = StepKind::kProject, .source = value.source};
    project.items = {{step.collected, &value}};
    project.defines = {step.collected};
    RETURN_IF_ERROR(AddExpression(value, &project, &step.inner));
    step.inner.push_back(std::move(project));
  }
  steps->push_back(std::move(step));
  return absl::OkStatus();
}

void StepBuilder::NoteUses(const bound::Expression& expression, Step* step) const {
  const eval::Needs needs = eval::NeedsOf(expression, &computed_);
  const auto look_into = [&](bound::VariableId variable) {
    step->uses.insert({variable});
    if (variables_.MayHoldElements(variable)) step->looks_into.push_back(variable);
  };
  for (const bound::VariableId variable : needs.variables) {
    needs.looks_at_elements ? look_into(variable) : void(step->uses.insert({variable}));
  }
  for (const auto& property : needs.properties) {
    const bound::VariableId variable = property.variable;
    if (variables_.IsVertex(variable) || variables_.IsEdge(variable)) {
      step->uses.insert(
          {variable, PlanColumnKind::kProperty, KeepKey(property.key), property.key_id});
    } else {
      look_into(variable);
    }
  }
  for (const bound::VariableId variable : needs.labels) {
    if (variables_.IsVertex(variable)) {
      step->uses.insert({variable, PlanColumnKind::kLabels});
    } else {
      step->uses.insert({variable});
      step->needs_names = true;
    }
  }
  step->needs_names = step->needs_names || UsesFunction(needs, "type");
  step->looks_at_ends =
      step->looks_at_ends || UsesFunction(needs, "startNode") || UsesFunction(needs, "endNode");
}

}  // namespace tidemark::query
