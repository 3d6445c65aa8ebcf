// SPDX-License-Identifier: Apache-2.0
#include "tests/query/parser/round_trip.h"

#include <gtest/gtest.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "base/status.h"
#include "query/parser/ast_text.h"
#include "query/parser/lexer.h"
#include "query/parser/parser.h"

namespace tidemark::query {
namespace {

// The names and literals of a text, without words that are keywords, as the canonical text has
// them: strings and numbers as they are written there.
std::vector<std::string> NamesAndLiterals(std::string_view text) {
  std::vector<Token> tokens;
  Lex(text, &tokens);
  std::vector<std::string> found;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const Token& token = tokens[i];
    std::string written(text.substr(token.offset, token.length));
    // The bounds of [*..2] and [:T*2..2] are written in another way.
    const auto kind_before = [&](size_t n) { return i < n ? TokenKind::kEnd : tokens[i - n].kind; };
    const bool is_length =
        kind_before(1) == TokenKind::kStar &&
        (kind_before(2) == TokenKind::kLeftBracket || kind_before(3) == TokenKind::kLeftBracket ||
         kind_before(3) == TokenKind::kColon || kind_before(3) == TokenKind::kBar);
    const bool is_bound =
        token.kind == TokenKind::kNumber && (is_length || kind_before(1) == TokenKind::kDotDot);
    if (is_bound) continue;
    if (token.kind == TokenKind::kQuotedName) written = written.substr(1, written.size() - 2);
    const bool is_name = token.kind == TokenKind::kWord || token.kind == TokenKind::kQuotedName;
    if (is_name && FindKeyword(written) == Keyword::kNone) found.push_back(written);
    if (token.kind == TokenKind::kString) found.push_back("string");
    if (token.kind == TokenKind::kNumber) found.push_back("number");
    if (token.kind == TokenKind::kParameter) found.push_back(written);
  }
  return found;
}

}  // namespace

std::string Canonical(std::string_view text) {
  Arena arena;
  const auto tree = Parse(text, &arena);
  return tree.ok() ? ToText(**tree) : MessageOf(tree.status());
}

void ExpectRoundTrip(std::string_view text) {
  Arena arena;
  const auto tree = Parse(text, &arena);
  ASSERT_TRUE(tree.ok()) << tree.status();
  const std::string printed = ToText(**tree);
  EXPECT_EQ(Canonical(printed), printed) << "of " << text;
  EXPECT_EQ(NamesAndLiterals(printed), NamesAndLiterals(text)) << "of " << text;
}

}  // namespace tidemark::query
