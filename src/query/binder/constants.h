// SPDX-License-Identifier: Apache-2.0
// The little that is computed while binding, because a rule of the language asks for it.
#pragma once

#include <cstdint>
#include <optional>

#include "query/binder/bound_expression.h"

namespace tidemark::query {

// a op b of integers; nothing for other operators than + - * / %, for a division by zero and when
// the result does not fit, which `overflows` tells.
std::optional<int64_t> Compute(bound::BinaryOperator op, int64_t a, int64_t b, bool* overflows);

// The value of an expression of nothing but integers; nothing when it has none.
std::optional<int64_t> ConstantInteger(const bound::Expression& expression);

}  // namespace tidemark::query
