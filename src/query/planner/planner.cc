// SPDX-License-Identifier: Apache-2.0
#include "query/planner/planner.h"

#include <utility>
#include <vector>

#include "base/status.h"
#include "query/planner/emitter.h"
#include "query/planner/placement.h"
#include "query/planner/plan_update.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {
namespace {

const Statistics kNothingKnown;

// What the result shows of elements is looked up last.
void AddLookup(absl::Span<const bound::VariableId> columns, const PlanVariables& variables,
               Pipeline* steps) {
  Step step{.kind = StepKind::kLookup, .place = Place::kHome};
  for (const bound::VariableId column : columns) {
    if (!variables.MayHoldElements(column)) continue;
    step.variables.push_back(column);
    step.uses.insert({column});
  }
  if (!step.variables.empty()) steps->push_back(std::move(step));
}

}  // namespace

absl::StatusOr<plan::Plan> MakePlan(const bound::Statement& statement, const PlannerInput& input) {
  PlannerInput known = input;
  if (known.statistics == nullptr) known.statistics = &kNothingKnown;
  std::vector<bound::VariableId> columns;
  for (const bound::Column& column : statement.query->columns) columns.push_back(column.variable);
  PlanVariables variables(statement);
  StepBuilder builder(statement, known, &variables);
  Pipeline steps;
  RETURN_IF_ERROR(builder.AddQuery(*statement.query, &steps));
  AddLastDelete(&steps);
  AddLookup(columns, variables, &steps);
  ColumnSet wanted;
  for (const bound::VariableId column : columns) wanted.insert({column});
  Placement placement(known.worker_count, &variables, &builder.make(), Placement::Start::kOneRow);
  steps = placement.Place(std::move(steps), {}, wanted);
  return Emitter(variables, &builder).Run(steps, columns);
}

}  // namespace tidemark::query
