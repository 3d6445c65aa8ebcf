// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "absl/status/statusor.h"
#include "catalog/names.h"
#include "query/binder/bound.h"
#include "query/binder/procedure.h"
#include "query/parser/arena.h"
#include "query/parser/ast.h"

namespace tidemark::query {

// What a statement is bound against.
struct BindContext {
  const catalog::NameTable* names;
  const ProcedureCatalog* procedures;
};

// What a bound statement may take besides its syntax tree. Only many times `WITH *` over many
// variables makes more than a small multiple of the text.
inline constexpr size_t kMaxBoundBytes = size_t{256} << 20;

// Resolves the names of a statement, infers types and checks every rule that can be checked before
// the statement runs. What it gives lies in `arena`, does not look at the syntax tree again and
// has views of nothing but the arena and `statement.text`. Errors carry a query::Error (ErrorOf).
// Recurses as deep as the tree is, so at most kMaxNesting levels.
absl::StatusOr<const bound::Statement*> Bind(const Statement& statement, const BindContext& context,
                                             Arena* arena);

}  // namespace tidemark::query
