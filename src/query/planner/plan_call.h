// SPDX-License-Identifier: Apache-2.0
// CALL of a procedure, and SHOW.
#pragma once

#include "absl/status/status.h"
#include "query/binder/bound.h"
#include "query/planner/emitter.h"
#include "query/planner/step.h"
#include "query/planner/step_builder.h"

namespace tidemark::query {

absl::Status AddCall(const bound::Clause& clause, StepBuilder* builder, Pipeline* steps);
absl::Status EmitCall(const Step& step, Emitter* emitter);

}  // namespace tidemark::query
