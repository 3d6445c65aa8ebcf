// SPDX-License-Identifier: Apache-2.0
// Expressions that have variables or alternatives of their own.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

Expression* RecursiveParser::ParseListOrComprehension() {
  const uint32_t begin = Here();
  const size_t open = index();
  const bool is_name = Peek(1).kind == TokenKind::kWord || Peek(1).kind == TokenKind::kQuotedName;
  if (is_name && Peek(2).keyword == Keyword::kIn) return ParseListComprehension(begin, open);
  if (AtPatternComprehension()) return ParsePatternComprehension(begin, open);
  Skip();
  Expressions items;
  if (!At(TokenKind::kRightBracket)) items = ParseExpressions();
  ExpectClosing(TokenKind::kRightBracket, open, "',' or ']'");
  return New<ListLiteral>(begin, items);
}

Expression* RecursiveParser::ParseListComprehension(uint32_t begin, size_t open) {
  const BarScope scope(this, open);
  Skip();
  const Name variable = ExpectName("a variable");
  Expect(Keyword::kIn);
  Expression* list = ParseExpression();
  Expression* where = Take(Keyword::kWhere) ? ParseExpression() : nullptr;
  Expression* projection = Take(TokenKind::kBar) ? ParseExpression() : nullptr;
  ExpectClosing(TokenKind::kRightBracket, open, "WHERE, '|' or ']'");
  return New<ListComprehension>(begin, variable, list, where, projection);
}

// [(a)-->(b) ... | x], [p = (a)-->(b) ... | x]; without a bar on its level it is a list.
bool RecursiveParser::AtPatternComprehension() const {
  size_t path = index() + 1;
  const TokenKind first = TokenAt(path).kind;
  const bool is_name = first == TokenKind::kWord || first == TokenKind::kQuotedName;
  if (is_name && TokenAt(path + 1).kind == TokenKind::kEqual) path += 2;
  return IsPath(path) && FindBar(index()) != 0;
}

Expression* RecursiveParser::ParsePatternComprehension(uint32_t begin, size_t open) {
  const BarScope scope(this, open);
  const Nesting nesting(this);
  Skip();
  PathPattern* pattern = ParsePath(PatternUse::kMatch);
  Expression* where = Take(Keyword::kWhere) ? ParseExpression() : nullptr;
  if (!At(TokenKind::kBar)) Fail("WHERE or '|'");
  Take(TokenKind::kBar);
  Expression* projection = ParseExpression();
  ExpectClosing(TokenKind::kRightBracket, open, "']'");
  return New<PatternComprehension>(begin, pattern, where, projection);
}

// all(x IN
bool RecursiveParser::AtListPredicate() const {
  const TokenKind variable = Peek(2).kind;
  return Peek(1).kind == TokenKind::kLeftParenthesis &&
         (variable == TokenKind::kWord || variable == TokenKind::kQuotedName) &&
         Peek(3).keyword == Keyword::kIn;
}

Expression* RecursiveParser::ParseListPredicate(ListPredicateKind kind) {
  const uint32_t begin = Here();
  Skip();
  const size_t open = index();
  Expect(TokenKind::kLeftParenthesis);
  const Name variable = ExpectName("a variable");
  Expect(Keyword::kIn);
  Expression* list = ParseExpression();
  Expression* where = Take(Keyword::kWhere) ? ParseExpression() : nullptr;
  ExpectClosing(TokenKind::kRightParenthesis, open, "WHERE or ')'");
  return New<ListPredicate>(begin, kind, variable, list, where);
}

Expression* RecursiveParser::ParseReduce() {
  const uint32_t begin = Here();
  Skip();
  const size_t open = index();
  const BarScope scope(this, open);
  Expect(TokenKind::kLeftParenthesis);
  const Name accumulator = ExpectName("a variable");
  Expect(TokenKind::kEqual);
  Expression* start = ParseExpression();
  Expect(TokenKind::kComma);
  const Name variable = ExpectName("a variable");
  Expect(Keyword::kIn);
  Expression* list = ParseExpression();
  Expect(TokenKind::kBar);
  Expression* step = ParseExpression();
  ExpectClosing(TokenKind::kRightParenthesis, open, "')'");
  return New<Reduce>(begin, accumulator, start, variable, list, step);
}

// CASE may be the name of a variable: then an operator or the end of the expression follows.
bool RecursiveParser::AtCase() const {
  if (Peek(1).kind != TokenKind::kWord) return BeginsExpression(Peek(1));
  switch (Peek(1).keyword) {
    case Keyword::kAs:
    case Keyword::kIn:
    case Keyword::kIs:
    case Keyword::kAnd:
    case Keyword::kOr:
    case Keyword::kXor:
    case Keyword::kStarts:
    case Keyword::kEnds:
    case Keyword::kContains:
      return false;
    default:
      return true;
  }
}

Expression* RecursiveParser::ParseCase() {
  const uint32_t begin = Here();
  Skip();
  Expression* operand = At(Keyword::kWhen) ? nullptr : ParseExpression();
  Items<CaseAlternative> alternatives;
  do {
    Expect(Keyword::kWhen);
    Items<CaseCondition> conditions;
    do {
      conditions.push_back(ParseCaseCondition(operand != nullptr));
    } while (operand != nullptr && Take(TokenKind::kComma));
    Expect(Keyword::kThen);
    Expression* result = ParseExpression();
    alternatives.push_back({Keep(conditions), result});
  } while (At(Keyword::kWhen));
  Expression* otherwise = Take(Keyword::kElse) ? ParseExpression() : nullptr;
  if (!Take(Keyword::kEnd)) Fail("WHEN, ELSE or END");
  return New<Case>(begin, operand, Keep(alternatives), otherwise);
}

// In CASE x a condition may begin with its operator, x standing before it: WHEN > 5, WHEN IS NULL.
CaseCondition RecursiveParser::ParseCaseCondition(bool has_operand) {
  const bool is_sign = At(TokenKind::kMinus) || At(TokenKind::kPlus);
  const auto infix = has_operand && !is_sign ? PeekInfix() : std::nullopt;
  const bool is_predicate = infix.has_value() && infix->level >= kComparisonLevel &&
                            infix->level <= kPredicateLevel && !IsNameInCase();
  if (!is_predicate) return {ParseExpression(), false};
  const Nesting nesting(this);
  const uint32_t begin = Here();
  Expression* operand = arena()->New<CaseOperand>(Expression{CaseOperand::kKind, {begin, 0}});
  Expression* condition = infix->level == kPredicateLevel ? ParsePredicate(begin, operand, *infix)
                                                          : ParseChain(begin, operand, *infix);
  return {condition, true};
}

// Whether the word at the next token, which could be an operator, is the name of a variable.
bool RecursiveParser::IsNameInCase() const {
  if (Peek().kind != TokenKind::kWord) return false;
  const bool ends = Peek(1).keyword == Keyword::kThen && Peek(2).keyword != Keyword::kThen;
  return ends || Peek(1).kind == TokenKind::kComma;
}

// A path as a value: a condition, or one in shortestPath( ).
Expression* RecursiveParser::ParsePatternAtom() {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  PathPattern* pattern = ParsePath(PatternUse::kMatch);
  return New<PatternExpression>(begin, pattern);
}

}  // namespace tidemark::query
