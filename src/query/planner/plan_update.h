// SPDX-License-Identifier: Apache-2.0
// Clauses that change the graph, or take their rows from elsewhere: procedures and SHOW.
#pragma once

#include "absl/status/status.h"
#include "query/binder/bound.h"
#include "query/planner/emitter.h"
#include "query/planner/step.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {

// Adds the steps of a clause: usually one of kind kUpdate, at home, with `update` the clause, in
// `uses` what it reads (StepBuilder::AddExpression adds it), in `defines` its new variables. For
// MERGE `inner` is what looks for the pattern.
absl::Status AddUpdate(const bound::Clause& clause, StepBuilder* builder, Pipeline* steps);

// Vertices are judged when the statement ends: when it has several DELETE, or one that is run again
// and again, adds the step that deletes those which were left with edges.
void AddLastDelete(Pipeline* steps);

// Makes the operators of such a step: compiles with `emitter`, pushes them onto it and adds the
// slots of the new variables. `after` is what later steps need.
absl::Status EmitUpdate(const Step& step, const ColumnSet& after, Emitter* emitter);

}  // namespace tidemark::query
