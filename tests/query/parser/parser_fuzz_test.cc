// SPDX-License-Identifier: Apache-2.0
// Whatever the text is: it is read, or refused with a place in it; and what is read is read again
// from its own text. `--gtest_repeat=1000 --gtest_shuffle` runs other seeds.
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>
#include <vector>

#include "base/status.h"
#include "query/parser/ast_text.h"
#include "query/parser/lexer.h"
#include "query/parser/parser.h"
#include "query/text/error.h"
#include "tests/query/parser/round_trip.h"

namespace tidemark::query {
namespace {

class ParserFuzzTest : public ::testing::Test {
 protected:
  ParserFuzzTest() {
    std::ifstream in(TIDEMARK_PARSER_CORPUS);
    for (std::string line; std::getline(in, line);) {
      if (!line.empty() && line[0] != '#') corpus_.push_back(line);
    }
  }

  size_t Below(size_t limit) { return random_() % limit; }
  template <typename T>
  const T& Pick(const std::vector<T>& items) {
    return items[Below(items.size())];
  }

  // Some token of some statement of the corpus.
  std::string SomeToken() {
    const std::string& text = Pick(corpus_);
    std::vector<Token> tokens;
    Lex(text, &tokens);
    const Token& token = Pick(tokens);
    return text.substr(token.offset, token.length);
  }

  // A statement of the corpus with tokens taken away, doubled, changed and put in between.
  std::string WithOtherTokens() {
    const std::string& text = Pick(corpus_);
    std::vector<Token> tokens;
    Lex(text, &tokens);
    std::vector<std::string> words;
    for (const Token& token : tokens) words.push_back(text.substr(token.offset, token.length));
    for (size_t n = 1 + Below(4); n > 0; --n) {
      const size_t at = Below(words.size());
      switch (Below(4)) {
        case 0:
          words[at].clear();
          break;
        case 1:
          words[at] = SomeToken();
          break;
        case 2:
          words.insert(words.begin() + static_cast<ptrdiff_t>(at), SomeToken());
          break;
        default:
          std::swap(words[at], words[Below(words.size())]);
          break;
      }
    }
    std::string changed;
    for (const std::string& word : words) changed += word + (Below(8) == 0 ? "" : " ");
    return changed;
  }

  // A statement of the corpus with other bytes.
  std::string WithOtherBytes() {
    std::string text = Pick(corpus_);
    const std::vector<std::string> pieces = {
        "'",        "\"", "`", "\\", "\\u", "/*", "//", "$", "0x",  "\xff",
        "\xc3\xa4", "(",  "]", "{",  "|",   "..", "-",  ">", "1e9", std::string(1, '\0')};
    for (size_t n = 1 + Below(4); n > 0 && !text.empty(); --n) {
      text.replace(Below(text.size()), Below(4), Pick(pieces));
    }
    return text;
  }

  // Two statements, one inside of the other.
  std::string Nested() {
    std::string text = Pick(corpus_);
    const std::string& inner = Pick(corpus_);
    return text.insert(Below(text.size() + 1), inner.substr(Below(inner.size())));
  }

  void Check(const std::string& text) {
    Arena arena;
    const auto tree = Parse(text, &arena);
    if (tree.ok()) {
      const std::string printed = ToText(**tree);
      EXPECT_EQ(Canonical(printed), printed) << "of " << text;
      return;
    }
    const auto error = ErrorOf(tree.status());
    ASSERT_TRUE(error.has_value()) << text;
    ASSERT_TRUE(error->position.has_value()) << text;
    EXPECT_LE(error->position->offset, text.size()) << text;
  }

  std::mt19937_64 random_{17 +
                          static_cast<uint64_t>(::testing::UnitTest::GetInstance()->random_seed())};
  std::vector<std::string> corpus_;
};

constexpr int kRounds = 3000;

TEST_F(ParserFuzzTest, OtherTokens) {
  for (int i = 0; i < kRounds; ++i) Check(WithOtherTokens());
}

TEST_F(ParserFuzzTest, OtherBytes) {
  for (int i = 0; i < kRounds; ++i) Check(WithOtherBytes());
}

TEST_F(ParserFuzzTest, StatementsInStatements) {
  for (int i = 0; i < kRounds; ++i) Check(Nested());
}

TEST_F(ParserFuzzTest, TokensWithoutOrder) {
  for (int i = 0; i < kRounds; ++i) {
    std::string text;
    for (size_t n = Below(60); n > 0; --n) text += SomeToken() + " ";
    Check(text);
  }
}

TEST_F(ParserFuzzTest, EveryBeginning) {
  for (const std::string& line : corpus_) {
    for (size_t length = 0; length < line.size(); ++length) Check(line.substr(0, length));
  }
}

// Brackets and what opens them, so deep that only the limit stops it.
TEST_F(ParserFuzzTest, DeepText) {
  const std::vector<std::string> pieces = {"(",
                                           "[",
                                           "{a: ",
                                           "NOT ",
                                           "-",
                                           "f(",
                                           "CASE WHEN ",
                                           "[x IN ",
                                           "EXISTS { MATCH (n WHERE ",
                                           "1 + ",
                                           "a.b[",
                                           "CASE x WHEN ",
                                           "[(a)-->(b {c: ",
                                           "all(x IN ",
                                           "COUNT { RETURN ",
                                           "a:$("};
  for (int i = 0; i < 60; ++i) {
    std::string text = "RETURN ";
    for (int n = 0; n < 3000; ++n) text += Pick(pieces);
    Check(text);
  }
}

}  // namespace
}  // namespace tidemark::query
