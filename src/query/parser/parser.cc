// SPDX-License-Identifier: Apache-2.0
#include "query/parser/parser.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "base/utf8.h"
#include "query/parser/recursive_parser.h"
#include "query/text/suggestion.h"

namespace tidemark::query {
namespace {

// The first byte that begins no character.
size_t FirstBadByte(std::string_view text) {
  size_t good = 0;
  size_t bad = text.size();
  while (bad - good > 1) {
    size_t middle = good + (bad - good) / 2;
    while (middle > good && (static_cast<uint8_t>(text[middle]) & 0xc0) == 0x80) --middle;
    if (middle == good) break;
    if (IsValidUtf8(text.substr(good, middle - good))) {
      good = middle;
    } else {
      bad = middle;
    }
  }
  return good;
}

// The error again, with the keyword that was meant where a word stands that is none.
Error WithSuggestion(std::string_view text, const std::vector<Token>& tokens,
                     RecursiveParser* failed) {
  const auto unexpected = failed->unexpected_token();
  if (!unexpected.has_value() || tokens[*unexpected].kind != TokenKind::kWord) {
    return *failed->error();
  }
  Arena arena;
  RecursiveParser again(text, &tokens, &arena);
  again.NoteKeywordsAt(*unexpected);
  again.ParseStatement();
  const Token& token = tokens[*unexpected];
  const std::string_view word = text.substr(token.offset, token.length);
  const std::string_view keyword = Nearest(word, again.noted());
  if (!keyword.empty()) failed->Suggest(keyword);
  return *failed->error();
}

}  // namespace

absl::StatusOr<const Statement*> Parse(std::string_view text, Arena* arena) {
  if (text.size() > kMaxStatementBytes) {
    return ToStatus(MakeError(ErrorId::kTextTooLong,
                              {absl::StrCat(text.size()), absl::StrCat(kMaxStatementBytes)}));
  }
  if (!IsValidUtf8(text)) {
    return ToStatus(MakeError(ErrorId::kInvalidUtf8, text, FirstBadByte(text), {}));
  }
  std::vector<Token> tokens;
  Lex(text, &tokens);
  RecursiveParser parser(text, &tokens, arena);
  const Statement* statement = parser.ParseStatement();
  if (parser.failed()) return ToStatus(WithSuggestion(text, tokens, &parser));
  return statement;
}

}  // namespace tidemark::query
