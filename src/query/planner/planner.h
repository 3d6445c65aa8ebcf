// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "catalog/schema.h"
#include "query/binder/bound.h"
#include "query/plan/fragment.h"
#include "query/planner/statistics.h"

namespace tidemark::query {

// What a plan is made for. A plan is of use as long as these are the same, statistics apart.
struct PlannerInput {
  uint32_t worker_count = 1;
  const catalog::SchemaTable* schema = nullptr;  // nullptr: no indexes
  Csn read_csn;                                  // of the transaction: which indexes it may use
  const Statistics* statistics = nullptr;        // nullptr: unknown
};

// How a bound statement is run. The plan has no views of the statement. Errors: query::Error with a
// position for what is not supported yet. REQUIRES: the statement is a query.
absl::StatusOr<plan::Plan> MakePlan(const bound::Statement& statement, const PlannerInput& input);

}  // namespace tidemark::query
