// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "query/parser/arena.h"
#include "query/parser/ast.h"

namespace tidemark::query {

// The syntax tree of one statement. Decides what depends on the text alone; names, types and scopes
// are the binder's, and so is a relationship with a variable that is created without a type: the
// variable may be bound, which is the worse mistake. The tree lies in `arena` and has views into
// `text`: both must outlive it. Errors carry a query::Error (ErrorOf) with its position. Never
// recurses deeper than kMaxNesting.
absl::StatusOr<const Statement*> Parse(std::string_view text, Arena* arena);

}  // namespace tidemark::query
