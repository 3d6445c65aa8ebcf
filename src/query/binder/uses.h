// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "absl/functional/function_ref.h"
#include "query/binder/bound.h"

namespace tidemark::query {

// Calls `visit` for each direct part of a bound expression that is an expression.
void ForEachPart(const bound::Expression& expression,
                 absl::FunctionRef<void(const bound::Expression&)> visit);

// The variables that an expression needs from outside of it, each once, ascending. Variables of its
// own comprehensions, quantifiers and patterns are not among them.
std::vector<bound::VariableId> UsesOf(const bound::Expression& expression);

// Sorts and drops repetitions.
void MakeSet(std::vector<bound::VariableId>* variables);

}  // namespace tidemark::query
