// SPDX-License-Identifier: Apache-2.0
// Cuts the text of a statement into tokens. Nothing fails here: what cannot be a token becomes one
// of kInvalid, so that the parser reports whichever mistake comes first in the text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "query/parser/keywords.h"
#include "query/text/error.h"

namespace tidemark::query {

enum class TokenKind : uint8_t {
  kEnd,         // of the text
  kInvalid,     // `link` is the ErrorId
  kWord,        // a name or a keyword
  kQuotedName,  // `name`
  kNumber,      // digits and what follows them; may be no number
  kString,      // 'text' or "text"; escapes are not looked at
  kParameter,   // $name, $0, $`name`
  kLeftParenthesis,
  kRightParenthesis,
  kLeftBracket,
  kRightBracket,
  kLeftBrace,
  kRightBrace,
  kComma,
  kDot,
  kDotDot,
  kColon,
  kColonColon,
  kSemicolon,
  kBar,
  kBarBar,
  kAmpersand,
  kExclamation,
  kExclamationEqual,
  kEqual,
  kMatches,  // =~
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kPlus,
  kPlusEqual,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kCaret,
  kDollar,
};

inline constexpr uint32_t kNoPartner = 0xffffffff;

struct Token {
  uint32_t offset;  // in bytes
  uint32_t length;
  uint32_t link;  // of a bracket: the index of its partner or kNoPartner
  TokenKind kind;
  Keyword keyword;  // of a kWord; kNone: it is none

  uint32_t end() const { return offset + length; }
};
static_assert(sizeof(Token) == 16);

// Replaces `tokens` by those of `text`, the last of which is kEnd. Blanks and comments are left
// out. REQUIRES: text is shorter than 4 GiB and UTF-8.
void Lex(std::string_view text, std::vector<Token>* tokens);

// "')'", "a name": a kind in the words of messages.
std::string_view TextOf(TokenKind kind);

}  // namespace tidemark::query
