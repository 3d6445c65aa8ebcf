// SPDX-License-Identifier: Apache-2.0
// Operands: names, calls, parameters, maps and what begins with a keyword.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/parser/recursive_parser.h"
#include "query/text/trim_form.h"

namespace tidemark::query {

Expression* RecursiveParser::ParseAtom() {
  switch (Peek().kind) {
    case TokenKind::kWord:
      return ParseWordAtom();
    case TokenKind::kQuotedName:
      return AtFunctionCall() ? ParseFunctionCall() : ParseVariable();
    case TokenKind::kNumber:
      return ParseNumber();
    case TokenKind::kString:
      return ParseString();
    case TokenKind::kParameter:
      return ParseParameter();
    case TokenKind::kLeftParenthesis:
      return AtPathInExpression() ? ParsePatternAtom() : ParseParenthesized();
    case TokenKind::kLeftBracket:
      return ParseListOrComprehension();
    case TokenKind::kLeftBrace:
      return ParseMap();
    default:
      Fail("an expression");
      return Dummy();
  }
}

Expression* RecursiveParser::ParseWordAtom() {
  if (Peek().keyword != Keyword::kNone) {
    Expression* atom = ParseKeywordAtom();
    if (atom != nullptr) return atom;
  }
  return AtFunctionCall() ? ParseFunctionCall() : ParseVariable();
}

Expression* RecursiveParser::ParseVariable() {
  const uint32_t begin = Here();
  const Name name = ExpectName("an expression");
  if (At(TokenKind::kLeftBrace)) return ParseMapProjection(begin, name);
  return New<Variable>(begin, name.text);
}

// nullptr: here the word is a name.
Expression* RecursiveParser::ParseKeywordAtom() {
  const uint32_t begin = Here();
  const TokenKind next = Peek(1).kind;
  switch (Peek().keyword) {
    case Keyword::kNull:
      Skip();
      return New<NullLiteral>(begin);
    case Keyword::kTrue:
    case Keyword::kFalse: {
      const bool value = At(Keyword::kTrue);
      Skip();
      return New<BooleanLiteral>(begin, value);
    }
    case Keyword::kCase:
      return AtCase() ? ParseCase() : nullptr;
    case Keyword::kExists:
      return next == TokenKind::kLeftBrace ? ParseSubqueryExpression(begin, SubqueryKind::kExists)
                                           : nullptr;
    case Keyword::kCollect:
      return next == TokenKind::kLeftBrace ? ParseSubqueryExpression(begin, SubqueryKind::kCollect)
                                           : nullptr;
    case Keyword::kCount:
      if (next == TokenKind::kLeftBrace)
        return ParseSubqueryExpression(begin, SubqueryKind::kCount);
      return next == TokenKind::kLeftParenthesis && Peek(2).kind == TokenKind::kStar
                 ? ParseCountStar()
                 : nullptr;
    case Keyword::kAll:
      return AtListPredicate() ? ParseListPredicate(ListPredicateKind::kAll) : nullptr;
    case Keyword::kAny:
      return AtListPredicate() ? ParseListPredicate(ListPredicateKind::kAny) : nullptr;
    case Keyword::kNoneOf:
      return AtListPredicate() ? ParseListPredicate(ListPredicateKind::kNone) : nullptr;
    case Keyword::kSingle:
      return AtListPredicate() ? ParseListPredicate(ListPredicateKind::kSingle) : nullptr;
    case Keyword::kReduce:
      return next == TokenKind::kLeftParenthesis && Peek(3).kind == TokenKind::kEqual
                 ? ParseReduce()
                 : nullptr;
    case Keyword::kShortestPath:
    case Keyword::kAllShortestPaths:
      return next == TokenKind::kLeftParenthesis ? ParsePatternAtom() : nullptr;
    default:
      return ParseFloatWord();
  }
}

Expression* RecursiveParser::ParseCountStar() {
  const uint32_t begin = Here();
  const size_t open = index() + 1;
  Skip();
  Skip();
  Skip();
  ExpectClosing(TokenKind::kRightParenthesis, open, "')'");
  return New<CountStar>(begin);
}

std::string_view RecursiveParser::ParseStringValue() {
  if (!At(TokenKind::kString)) {
    Fail("a string");
    return {};
  }
  const Token& token = Peek();
  Skip();
  return DecodeString(token);
}

Expression* RecursiveParser::ParseString() {
  const uint32_t begin = Here();
  const std::string_view value = ParseStringValue();
  return New<StringLiteral>(begin, value);
}

Expression* RecursiveParser::ParseParameter() {
  const uint32_t begin = Here();
  if (!At(TokenKind::kParameter)) {
    Fail("a parameter");
    return Dummy();
  }
  const std::string_view name = Unquote(TextOfToken(Peek()).substr(1));
  Skip();
  if (name.empty()) FailAt(begin, ErrorId::kUnexpectedSyntax, {"The name of a parameter is empty"});
  return New<Parameter>(begin, name);
}

Expression* RecursiveParser::ParseParenthesized() {
  const size_t open = index();
  Skip();
  Expression* inner = ParseExpression();
  ExpectClosing(TokenKind::kRightParenthesis, open, "an operator or ')'");
  return inner;
}

// name(, a.name(, a.b.name(
bool RecursiveParser::AtFunctionCall() const {
  size_t ahead = 1;
  while (Peek(ahead).kind == TokenKind::kDot) {
    const TokenKind name = Peek(ahead + 1).kind;
    if (name != TokenKind::kWord && name != TokenKind::kQuotedName) return false;
    ahead += 2;
  }
  return Peek(ahead).kind == TokenKind::kLeftParenthesis;
}

Name RecursiveParser::ParseDottedName(std::string_view what) {
  const uint32_t begin = Here();
  Name name = ExpectName(what);
  if (!At(TokenKind::kDot)) return name;
  std::string whole(name.text);
  while (Take(TokenKind::kDot)) {
    absl::StrAppend(&whole, ".", ToAbsl(ExpectName(what).text));
  }
  return {arena()->Copy(whole), Since(begin)};
}

// Whether BOTH, LEADING or TRAILING is the word that it looks like: alone it is a name.
bool RecursiveParser::AtTrimSide() const {
  const Keyword side = Peek().keyword;
  if (side != Keyword::kBoth && side != Keyword::kLeading && side != Keyword::kTrailing) {
    return false;
  }
  const TokenKind next = Peek(1).kind;
  return next == TokenKind::kWord || next == TokenKind::kQuotedName || next == TokenKind::kString ||
         next == TokenKind::kParameter;
}

// trim([side] [character] FROM text) from behind the parenthesis, when a side or FROM shows that it
// is no common call. It becomes a call of btrim, ltrim or rtrim, or of one of
// kTrimFormNames, with the character as its first argument.
Expression* RecursiveParser::ParseTrimForm(uint32_t begin, Name name, size_t open) {
  constexpr std::string_view kOfBlanks[] = {"btrim", "ltrim", "rtrim"};
  size_t side = 0;
  bool is_form = AtTrimSide();
  if (is_form) {
    side = At(Keyword::kBoth) ? 0 : At(Keyword::kLeading) ? 1 : 2;
    Skip();
  }
  Items<Expression*> arguments;
  if (!is_form || !At(Keyword::kFrom)) arguments.push_back(ParseExpression());
  is_form = is_form || At(Keyword::kFrom);
  if (is_form) {
    Expect(Keyword::kFrom);
    name.text = arguments.empty() ? kOfBlanks[side] : kTrimFormNames[side];
    arguments.push_back(ParseExpression());
  } else {
    while (Take(TokenKind::kComma)) arguments.push_back(ParseExpression());
  }
  ExpectClosing(TokenKind::kRightParenthesis, open, is_form ? "')'" : "',' or ')'");
  return New<FunctionCall>(begin, name, false, Keep(arguments));
}

// NFC and its like as the second argument of normalize(): a string.
Expression* RecursiveParser::ParseNormalForm() {
  const uint32_t begin = Here();
  switch (Peek().keyword) {
    case Keyword::kNfc:
    case Keyword::kNfd:
    case Keyword::kNfkc:
    case Keyword::kNfkd: {
      const std::string_view form = TextOf(Peek().keyword);
      Skip();
      return New<StringLiteral>(begin, form);
    }
    default:
      return ParseExpression();
  }
}

Expression* RecursiveParser::ParseFunctionCall() {
  const uint32_t begin = Here();
  const Name name = ParseDottedName("the name of a function");
  const size_t open = index();
  Expect(TokenKind::kLeftParenthesis);
  const absl::string_view word = ToAbsl(name.text);
  if (absl::EqualsIgnoreCase(word, "trim") && !At(TokenKind::kRightParenthesis)) {
    return ParseTrimForm(begin, name, open);
  }
  const bool distinct = TakeDistinct();
  Items<Expression*> arguments;
  if (!At(TokenKind::kRightParenthesis)) {
    const bool takes_form = absl::EqualsIgnoreCase(word, "normalize");
    do {
      arguments.push_back(takes_form && arguments.size() == 1 ? ParseNormalForm()
                                                              : ParseExpression());
    } while (Take(TokenKind::kComma));
  }
  ExpectClosing(TokenKind::kRightParenthesis, open, "',' or ')'");
  return New<FunctionCall>(begin, name, distinct, Keep(arguments));
}

Expression* RecursiveParser::ParseMap() {
  const uint32_t begin = Here();
  const size_t open = index();
  Expect(TokenKind::kLeftBrace);
  Items<MapEntry> entries;
  if (!At(TokenKind::kRightBrace)) {
    do {
      const Name key = ExpectName("a key or '}'");
      Expect(TokenKind::kColon);
      entries.push_back({key, ParseExpression()});
    } while (Take(TokenKind::kComma));
  }
  ExpectClosing(TokenKind::kRightBrace, open, "',' or '}'");
  return New<MapLiteral>(begin, Keep(entries));
}

Expression* RecursiveParser::ParseMapProjection(uint32_t begin, Name variable) {
  const size_t open = index();
  Expect(TokenKind::kLeftBrace);
  Items<MapProjectionItem> items;
  if (!At(TokenKind::kRightBrace)) {
    do {
      items.push_back(ParseMapProjectionItem());
    } while (Take(TokenKind::kComma));
  }
  ExpectClosing(TokenKind::kRightBrace, open, "',' or '}'");
  return New<MapProjection>(begin, variable, Keep(items));
}

MapProjectionItem RecursiveParser::ParseMapProjectionItem() {
  if (Take(TokenKind::kDot)) {
    if (Take(TokenKind::kStar)) return {MapProjectionItemKind::kAll, {}, nullptr};
    return {MapProjectionItemKind::kProperty, ExpectName("the name of a property or '*'"), nullptr};
  }
  const Name name = ExpectName(".property, .*, a variable, or key: value");
  if (!Take(TokenKind::kColon)) return {MapProjectionItemKind::kVariable, name, nullptr};
  return {MapProjectionItemKind::kEntry, name, ParseExpression()};
}

}  // namespace tidemark::query
