// SPDX-License-Identifier: Apache-2.0
#include "query/parser/lexer.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::query {
namespace {

// The tokens of a text with bars between them; keywords are in capitals, what is no token has a
// question mark.
std::string Tokens(std::string_view text) {
  std::vector<Token> tokens;
  Lex(text, &tokens);
  std::string shown;
  for (const Token& token : tokens) {
    if (token.kind == TokenKind::kEnd) break;
    if (!shown.empty()) shown += " ";
    if (token.kind == TokenKind::kInvalid) shown += "?";
    if (token.keyword != Keyword::kNone) {
      shown += TextOf(token.keyword);
    } else {
      shown += text.substr(token.offset, token.length);
    }
  }
  return shown;
}

std::vector<TokenKind> Kinds(std::string_view text) {
  std::vector<Token> tokens;
  Lex(text, &tokens);
  std::vector<TokenKind> kinds;
  for (const Token& token : tokens) kinds.push_back(token.kind);
  return kinds;
}

TEST(LexerTest, WordsAndKeywords) {
  EXPECT_EQ(Tokens("match (n:Person) Return n.name"), "MATCH ( n : Person ) RETURN n . name");
  EXPECT_EQ(Tokens("matches _a a1 größe 变量 ñ2"), "matches _a a1 größe 变量 ñ2");
  EXPECT_EQ(Tokens("allShortestPaths FieldTerminator"), "ALLSHORTESTPATHS FIELDTERMINATOR");
  EXPECT_EQ(
      Kinds("a `b``c` $p $0 $`x y`"),
      (std::vector<TokenKind>{TokenKind::kWord, TokenKind::kQuotedName, TokenKind::kParameter,
                              TokenKind::kParameter, TokenKind::kParameter, TokenKind::kEnd}));
}

TEST(LexerTest, EveryKeywordIsFound) {
  for (const std::string_view word : {
#define TIDEMARK_KEYWORD(id, text) std::string_view(text),
#include "query/parser/keywords.inc"
#undef TIDEMARK_KEYWORD
       }) {
    const Keyword keyword = FindKeyword(word);
    ASSERT_NE(keyword, Keyword::kNone) << word;
    EXPECT_EQ(TextOf(keyword), word);
    std::string lower(word);
    for (char& c : lower) c = static_cast<char>(c | 0x20);
    EXPECT_EQ(FindKeyword(lower), keyword) << word;
    EXPECT_EQ(FindKeyword(lower + "x"), Keyword::kNone) << word;
  }
  EXPECT_EQ(FindKeyword("n"), Keyword::kNone);
  EXPECT_EQ(FindKeyword(""), Keyword::kNone);
  // The bit of capital letters makes no letter of these.
  EXPECT_EQ(FindKeyword("a\x13"), Keyword::kNone);
}

TEST(LexerTest, Numbers) {
  EXPECT_EQ(Tokens("1 1.5 .5 1e5 1E-5 1.5e+5 0x1F 0o17 1_000"),
            "1 1.5 .5 1e5 1E-5 1.5e+5 0x1F 0o17 1_000");
  EXPECT_EQ(Tokens("*1..3 *..3 [1..2]"), "* 1 .. 3 * .. 3 [ 1 .. 2 ]");
  EXPECT_EQ(Tokens("1-2 1e-x 0xe-1"), "1 - 2 1e - x 0xe - 1");
  EXPECT_EQ(Tokens("12ab 0xZZ"), "12ab 0xZZ");
  EXPECT_EQ(Tokens("n.x.y 1.x"), "n . x . y 1 . x");
}

TEST(LexerTest, Symbols) {
  EXPECT_EQ(Tokens("<>< <=>= =~= +=+ ||| ..... :::!=!"),
            "<> < <= >= =~ = += + || | .. .. . :: : != !");
  EXPECT_EQ(Tokens("(a)<-[r]->(b)"), "( a ) < - [ r ] - > ( b )");
  EXPECT_EQ(Tokens("$(x) $ x"), "$ ( x ) $ x");
}

TEST(LexerTest, BlanksAndComments) {
  EXPECT_EQ(Tokens("a\xc2\xa0"
                   "b\xe2\x80\xa8"
                   "c\xe3\x80\x80"
                   "d"),
            "a b c d");
  EXPECT_EQ(Tokens("a // x\nb /* y \n ** / */ c // z"), "a b c");
  EXPECT_EQ(Tokens("'//' \"/*\" a/b"), "'//' \"/*\" a / b");
  EXPECT_EQ(Tokens("a /* b"), "a ?/* b");
  EXPECT_EQ(Tokens("/*/"), "?/*/");
}

TEST(LexerTest, WhatIsNotClosed) {
  EXPECT_EQ(Tokens("'a\\'' \"b\\\"\" 'c"), "'a\\'' \"b\\\"\" ?'c");
  EXPECT_EQ(Tokens("'a\\"), "?'a\\");
  EXPECT_EQ(Tokens("`a``"), "?`a``");
  EXPECT_EQ(Tokens("$`a"), "?$`a");
}

TEST(LexerTest, CharactersWithoutMeaning) {
  EXPECT_EQ(Tokens("1 \xe2\x80\x94 2"), "1 ?\xe2\x80\x94 2");
  EXPECT_EQ(Tokens("a#b @ ~ ? \\"), "a ?# b ?@ ?~ ?? ?\\");
  EXPECT_EQ(Tokens(std::string_view("a\0b", 3)),
            absl::StrCat("a ?", absl::string_view("\0", 1), " b"));
}

TEST(LexerTest, BracketsKnowTheirPartners) {
  std::vector<Token> tokens;
  Lex("([a]{)", &tokens);
  EXPECT_EQ(tokens[0].link, kNoPartner);  // the brace is in between
  EXPECT_EQ(tokens[1].link, 3u);
  EXPECT_EQ(tokens[3].link, 1u);
  EXPECT_EQ(tokens[4].link, kNoPartner);
  EXPECT_EQ(tokens[5].link, kNoPartner);
}

}  // namespace
}  // namespace tidemark::query
