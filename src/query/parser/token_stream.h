// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "absl/types/span.h"
#include "query/parser/arena.h"
#include "query/parser/ast_expression.h"
#include "query/parser/lexer.h"
#include "query/parser/limits.h"
#include "query/text/error.h"

namespace tidemark::query {

// Items of a list while it is parsed.
template <typename T>
using Items = absl::InlinedVector<T, 4>;

// The tokens of one statement and the place up to which they are read. The first error is kept;
// from then on every look at the text sees its end, so that nothing but the loops that wait for a
// token has to care. Owner: one Parse call. Threads: one.
class TokenStream {
 public:
  TokenStream(std::string_view text, const std::vector<Token>* tokens, Arena* arena)
      : text_(text), tokens_(*tokens), arena_(arena) {}

  // From now on keywords that do not stand at token `index` are noted: what could have stood there.
  void NoteKeywordsAt(size_t index) { noted_at_ = index; }
  const std::vector<std::string_view>& noted() const { return noted_; }

  bool failed() const { return error_.has_value(); }
  const std::optional<Error>& error() const { return error_; }
  // The token that a plain syntax error is about; nothing for any other error.
  std::optional<size_t> unexpected_token() const { return unexpected_token_; }
  // Replaces the plain syntax error by one that knows what was meant.
  void Suggest(std::string_view keyword);

 protected:
  // One level of nesting: a guard in each function that calls itself over others. See kMaxNesting.
  class Nesting {
   public:
    explicit Nesting(TokenStream* stream) : stream_(*stream), outer_height_(stream_.height_) {
      ++stream_.depth_;
      stream_.height_ = 0;
      stream_.CheckDepth();
    }
    ~Nesting() {
      --stream_.depth_;
      stream_.height_ = std::max(outer_height_, stream_.height_ + 1);
    }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    TokenStream& stream_;
    const int outer_height_;
  };

  // Around an operand: it nests no deeper because of the operands before it.
  class Operand {
   public:
    explicit Operand(TokenStream* stream) : stream_(*stream), outer_height_(stream_.height_) {
      stream_.height_ = 0;
    }
    ~Operand() { stream_.height_ = std::max(outer_height_, stream_.height_); }
    Operand(const Operand&) = delete;
    Operand& operator=(const Operand&) = delete;

   private:
    TokenStream& stream_;
    const int outer_height_;
  };
  // What was parsed of the operand became a part of a node above it.
  void Wrap() {
    ++height_;
    CheckDepth();
  }

  // The token `ahead` of the next one.
  const Token& Peek(size_t ahead = 0) const {
    return tokens_[std::min(index_ + ahead, tokens_.size() - 1)];
  }
  const Token& TokenAt(size_t index) const { return tokens_[std::min(index, tokens_.size() - 1)]; }
  size_t index() const { return index_; }
  bool At(TokenKind kind) const { return tokens_[index_].kind == kind; }
  bool At(Keyword keyword) {
    if (tokens_[index_].keyword == keyword) return true;
    if (index_ == noted_at_) noted_.push_back(TextOf(keyword));
    return false;
  }
  bool At(Keyword first, Keyword second) { return At(first) && Peek(1).keyword == second; }
  // Says that these keywords could stand here too.
  void Note(std::initializer_list<Keyword> keywords) {
    if (index_ != noted_at_) return;
    for (const Keyword keyword : keywords) noted_.push_back(TextOf(keyword));
  }
  bool AtName() const { return At(TokenKind::kWord) || At(TokenKind::kQuotedName); }
  bool AtEnd() const { return At(TokenKind::kEnd); }

  void Skip() {
    if (!AtEnd()) ++index_;
  }
  bool Take(TokenKind kind) {
    if (!At(kind)) return false;
    Skip();
    return true;
  }
  bool Take(Keyword keyword) {
    if (!At(keyword)) return false;
    Skip();
    return true;
  }
  bool Take(Keyword first, Keyword second) {
    if (!At(first, second)) return false;
    Skip();
    Skip();
    return true;
  }
  void Expect(TokenKind kind);
  void Expect(Keyword keyword);
  void ExpectEither(Keyword one, Keyword other);
  // The closing bracket of the one at token `open`.
  void ExpectClosing(TokenKind kind, size_t open, std::string_view expected);
  // A name; fails with "expected <what>".
  Name ExpectName(std::string_view what);

  // The error at the next token. `expected` in plain words: "an expression".
  void Fail(std::string_view expected);
  void FailAt(uint32_t offset, ErrorId id, std::initializer_list<std::string_view> arguments);
  // For messages: 'text', cut when it is long.
  std::string Shown(Source source) const;

  // What was read from `begin` to here.
  uint32_t Here() const { return tokens_[index_].offset; }
  Source Since(uint32_t begin) const {
    const uint32_t end = index_ == 0 ? begin : tokens_[index_ - 1].end();
    return {begin, std::max(begin, end) - begin};
  }
  std::string_view TextOfToken(const Token& token) const {
    return text_.substr(token.offset, token.length);
  }
  // What a quoted name or a parameter's name stands for.
  std::string_view Unquote(std::string_view quoted);

  template <typename T, typename... Arguments>
  T* New(uint32_t begin, Arguments&&... arguments) {
    return arena_->New<T>(Expression{T::kKind, Since(begin)},
                          std::forward<Arguments>(arguments)...);
  }
  template <typename T>
  absl::Span<const T> Keep(const Items<T>& items) {
    return arena_->Copy(absl::Span<const T>(items.data(), items.size()));
  }
  Arena* arena() { return arena_; }
  std::string_view text() const { return text_; }

 private:
  void CheckDepth();
  void FailOfInvalidToken(const Token& token);
  // Nothing is seen any more but the end.
  void Stop() { index_ = tokens_.size() - 1; }

  const std::string_view text_;
  const std::vector<Token>& tokens_;
  Arena* const arena_;
  size_t index_ = 0;
  int depth_ = 0;   // levels around the next token
  int height_ = 0;  // levels below the current one
  std::optional<Error> error_;
  std::optional<size_t> unexpected_token_;
  std::string expected_;
  size_t noted_at_ = static_cast<size_t>(-1);
  std::vector<std::string_view> noted_;
};

}  // namespace tidemark::query
