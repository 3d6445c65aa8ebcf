// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "absl/types/span.h"
#include "query/eval/code.h"
#include "query/functions/environment.h"

namespace tidemark::query::eval {

// The result of an operation for values of any types: what typed kernels must agree with.
ValueOr Apply(const Operation& operation, absl::Span<const graph::Value> operands,
              query::Environment* environment);
// What that costs, as far as the size of the operands shows, in units.
int64_t CostOf(const Operation& operation, absl::Span<const graph::Value> operands);

}  // namespace tidemark::query::eval
