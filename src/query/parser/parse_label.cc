// SPDX-License-Identifier: Apache-2.0
// Labels of nodes and types of relationships: A:B, A|B, !A&(B|%), $(expression).
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

LabelExpression* RecursiveParser::NewLabels(LabelKind kind, uint32_t begin,
                                            const Items<LabelExpression*>& inner) {
  LabelExpression* labels = arena()->New<LabelExpression>();
  labels->kind = kind;
  labels->inner = Keep(inner);
  labels->source = Since(begin);
  return labels;
}

LabelExpression* RecursiveParser::ParseLabels() {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  Items<LabelExpression*> inner = {ParseLabelAnd()};
  while (At(TokenKind::kBar) && index() != bar_) {
    Skip();
    Take(TokenKind::kColon);  // A|:B
    inner.push_back(ParseLabelAnd());
  }
  return inner.size() == 1 ? inner[0] : NewLabels(LabelKind::kOr, begin, inner);
}

LabelExpression* RecursiveParser::ParseLabelAnd() {
  const uint32_t begin = Here();
  Items<LabelExpression*> inner = {ParseLabelNot()};
  while (Take(TokenKind::kAmpersand) || Take(TokenKind::kColon)) inner.push_back(ParseLabelNot());
  return inner.size() == 1 ? inner[0] : NewLabels(LabelKind::kAnd, begin, inner);
}

LabelExpression* RecursiveParser::ParseLabelNot() {
  if (!At(TokenKind::kExclamation)) return ParseLabelPrimary();
  const Nesting nesting(this);
  const uint32_t begin = Here();
  Skip();
  LabelExpression* inner = ParseLabelNot();
  return NewLabels(LabelKind::kNot, begin, {inner});
}

LabelExpression* RecursiveParser::ParseLabelPrimary() {
  const uint32_t begin = Here();
  if (At(TokenKind::kLeftParenthesis)) {
    const size_t open = index();
    Skip();
    LabelExpression* inner = ParseLabels();
    ExpectClosing(TokenKind::kRightParenthesis, open, "'|', '&' or ')'");
    return inner;
  }
  if (Take(TokenKind::kPercent)) return NewLabels(LabelKind::kAny, begin, {});
  if (At(TokenKind::kDollar) || At(TokenKind::kParameter)) return ParseDynamicLabel();
  const Name name = ExpectName("a label or a type");
  LabelExpression* label = NewLabels(LabelKind::kName, begin, {});
  label->name = name;
  return label;
}

// $(expression), $all(expression), $any(expression)
LabelExpression* RecursiveParser::ParseDynamicLabel() {
  const uint32_t begin = Here();
  const Keyword word = FindKeyword(TextOfToken(Peek()).substr(1));
  const bool is_parameter = At(TokenKind::kParameter);
  if (is_parameter && word != Keyword::kAny && word != Keyword::kAll) {
    Fail("a label, or $( ) around an expression that gives one");
  }
  Skip();
  const size_t open = index();
  Expect(TokenKind::kLeftParenthesis);
  Expression* dynamic = ParseExpression();
  ExpectClosing(TokenKind::kRightParenthesis, open, "')'");
  LabelExpression* label = NewLabels(LabelKind::kDynamic, begin, {});
  label->dynamic = dynamic;
  label->any_of = is_parameter && word == Keyword::kAny;
  return label;
}

}  // namespace tidemark::query
