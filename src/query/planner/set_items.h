// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "query/binder/bound.h"
#include "query/planner/plan_variables.h"

namespace tidemark::query {

// Properties of one element that stand side by side in SET are one group: their right sides are
// computed before any of them is set. Gives the number of the first item of each group that is
// computed from properties or labels, unless it is the first group: it must see what the groups
// before it have set in all rows. The other groups need not wait for other rows.
std::vector<size_t> ItemsThatSee(absl::Span<const bound::SetItem> items, std::string_view text,
                                 const PlanVariables& variables);

}  // namespace tidemark::query
