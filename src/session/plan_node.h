// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "exec/profile.h"
#include "query/plan/operator.h"
#include "session/front.h"

namespace tidemark::session {

// An operator with its inputs and what is inside of it, as EXPLAIN shows it, and with a profile as
// PROFILE does: its figures, and in the argument "Workers" those of each worker that did a part.
PlanNode ToPlanNode(const query::plan::Operator& node, const exec::Profile* profile);

}  // namespace tidemark::session
