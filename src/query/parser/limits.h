// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace tidemark::query {

// How deep a statement may be nested: brackets, operators in front, subqueries, steps of a path of
// properties. Whatever walks a tree may recurse so deep.
inline constexpr int kMaxNesting = 500;

// A statement's text. Its tree takes up to 30 times as much.
inline constexpr size_t kMaxStatementBytes = 4 * 1024 * 1024;

}  // namespace tidemark::query
