// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "absl/status/statusor.h"
#include "query/binder/bound.h"
#include "query/plan/fragment.h"

namespace tidemark::query {

// How a bound statement is run. The plan has no views of the statement. Errors: query::Error with a
// position for what is not supported yet. REQUIRES: the statement is a query.
absl::StatusOr<plan::Plan> MakePlan(const bound::Statement& statement);

}  // namespace tidemark::query
