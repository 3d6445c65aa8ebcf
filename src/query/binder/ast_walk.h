// SPDX-License-Identifier: Apache-2.0
// Questions about expressions of the syntax tree that need no scope.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "query/binder/scope.h"
#include "query/parser/ast.h"

namespace tidemark::query {

// Calls `visit` for each direct part of an expression that is an expression, in the order as
// written; those of patterns too, those of subqueries not.
void ForEachPart(const Expression& expression, absl::FunctionRef<void(const Expression&)> visit);

// Whether two expressions are written alike, but for spaces, brackets and backticks.
bool IsSame(const Expression& a, const Expression& b);
// Hashes of expressions that live as long as it does, so that each is computed once.
using HashCache = absl::flat_hash_map<const Expression*, size_t>;
// Equal for expressions that are the same. The cache keeps the hashes of its parts, not its own.
size_t HashOf(const Expression& expression, HashCache* cache);

// "v.k" when the expression is the property k of the variable v.
std::optional<std::string> LeafOf(const Expression& expression);

bool IsAggregate(const Expression& expression);
// Whether an aggregate stands in it, outside of subqueries.
bool HasAggregate(const Expression& expression);

// Whether it names a variable of the scope.
bool UsesName(const Expression& expression, const Scope& scope);

}  // namespace tidemark::query
