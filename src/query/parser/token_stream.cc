// SPDX-License-Identifier: Apache-2.0
#include "query/parser/token_stream.h"

#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace tidemark::query {
namespace {

constexpr size_t kShownTokenBytes = 40;

std::string Quoted(std::string_view text) { return absl::StrCat("'", ToAbsl(text), "'"); }

}  // namespace

void TokenStream::Expect(TokenKind kind) {
  if (Take(kind)) return;
  const bool is_symbol = kind >= TokenKind::kLeftParenthesis;
  Fail(is_symbol ? Quoted(query::TextOf(kind)) : std::string(query::TextOf(kind)));
}

void TokenStream::Expect(Keyword keyword) {
  if (!Take(keyword)) Fail(query::TextOf(keyword));
}

void TokenStream::ExpectEither(Keyword one, Keyword other) {
  if (Take(one) || Take(other)) return;
  Fail(absl::StrCat(ToAbsl(query::TextOf(one)), " or ", ToAbsl(query::TextOf(other))));
}

void TokenStream::ExpectClosing(TokenKind kind, size_t open, std::string_view expected) {
  if (Take(kind) || failed()) return;
  const Token& opening = TokenAt(open);
  if (AtEnd() && opening.link == kNoPartner) {
    FailAt(opening.offset, ErrorId::kUnclosedBracket,
           {TextOfToken(opening), Quoted(query::TextOf(kind)), "the end of the statement"});
  } else {
    Fail(expected);
  }
}

Name TokenStream::ExpectName(std::string_view what) {
  if (!AtName()) {
    Fail(what);
    return {};
  }
  const Token& token = Peek();
  const std::string_view written = TextOfToken(token);
  const Name name{token.kind == TokenKind::kWord ? written : Unquote(written),
                  {token.offset, token.length}};
  Skip();
  return name;
}

std::string_view TokenStream::Unquote(std::string_view quoted) {
  if (quoted.empty() || quoted.front() != '`') return quoted;
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (inner.find('`') == std::string_view::npos) return inner;
  std::string name;
  for (size_t i = 0; i < inner.size(); ++i) {
    name += inner[i];
    if (inner[i] == '`') ++i;  // it is written twice
  }
  return arena_->Copy(name);
}

void TokenStream::Fail(std::string_view expected) {
  if (failed()) return;
  const Token& token = Peek();
  if (token.kind == TokenKind::kInvalid) {
    FailOfInvalidToken(token);
    return;
  }
  const size_t index = index_;
  const std::string input =
      AtEnd() ? "at the end of the statement" : Shown({token.offset, token.length});
  FailAt(token.offset, ErrorId::kInvalidSyntax, {input, expected});
  unexpected_token_ = index;
  expected_ = expected;
}

void TokenStream::FailOfInvalidToken(const Token& token) {
  const ErrorId id = static_cast<ErrorId>(token.link);
  FailAt(token.offset, id, {Shown({token.offset, token.length})});
}

void TokenStream::FailAt(uint32_t offset, ErrorId id,
                         std::initializer_list<std::string_view> arguments) {
  if (failed()) return;
  error_ = MakeError(id, text_, offset, arguments);
  Stop();
}

void TokenStream::Suggest(std::string_view keyword) {
  const Token& token = TokenAt(*unexpected_token_);
  error_ = MakeError(ErrorId::kMisspelled, text_, token.offset,
                     {Shown({token.offset, token.length}), expected_, keyword});
}

std::string TokenStream::Shown(Source source) const {
  std::string_view shown = source.Of(text_);
  if (shown.size() <= kShownTokenBytes) return Quoted(shown);
  size_t end = kShownTokenBytes;
  while (end > 0 && (static_cast<uint8_t>(shown[end]) & 0xc0) == 0x80) --end;
  return absl::StrCat("'", ToAbsl(shown.substr(0, end)), "...'");
}

void TokenStream::CheckDepth() {
  if (depth_ + height_ <= kMaxNesting) return;
  FailAt(Here(), ErrorId::kTooDeep, {absl::StrCat(kMaxNesting)});
}

}  // namespace tidemark::query
