// SPDX-License-Identifier: Apache-2.0
// Questions about expressions of the syntax tree that need no scope.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/functional/function_ref.h"
#include "query/binder/scope.h"
#include "query/parser/ast.h"

namespace tidemark::query {

// Calls `visit` for each direct part of an expression that is an expression, in the order as
// written; those of patterns too, those of subqueries not.
void ForEachPart(const Expression& expression, absl::FunctionRef<void(const Expression&)> visit);

// Whether two expressions are written alike, but for spaces, brackets and backticks.
bool IsSame(const Expression& a, const Expression& b);
// Equal for expressions that are the same.
size_t HashOf(const Expression& expression);

// "v.k" when the expression is the property k of the variable v.
std::optional<std::string> LeafOf(const Expression& expression);

bool IsAggregate(const Expression& expression);
// Whether an aggregate stands in it, outside of subqueries.
bool HasAggregate(const Expression& expression);

// Whether it names a variable of the scope.
bool UsesName(const Expression& expression, const Scope& scope);

}  // namespace tidemark::query
