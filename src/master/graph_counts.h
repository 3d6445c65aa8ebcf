// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "query/planner/statistics.h"
#include "txn/coordinator.h"

namespace tidemark::master {

// What all workers have together, as they said last; nothing as long as one has not said it.
std::optional<query::Statistics> SumOfCounts(const txn::Coordinator& coordinator);

}  // namespace tidemark::master
