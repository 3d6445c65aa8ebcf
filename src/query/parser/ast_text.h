// SPDX-License-Identifier: Apache-2.0
// A syntax tree as Cypher again, in one spelling: keywords in capitals, one blank between words,
// parentheses only where they matter. Parse reads it back to the same tree.
#pragma once

#include <string>

#include "query/parser/ast.h"

namespace tidemark::query {

std::string ToText(const Statement& statement);
std::string ToText(const Query& query);
std::string ToText(const Expression& expression);
std::string ToText(const PathPattern& path);

// A name as it is written where a variable stands: in backticks unless it is a plain word that the
// language does not use.
std::string QuoteVariable(std::string_view name);
// Where a label, a type or a key stands, keywords need no backticks.
std::string QuoteName(std::string_view name);
std::string QuoteString(std::string_view text);

}  // namespace tidemark::query
