// SPDX-License-Identifier: Apache-2.0
// Operators, by precedence, and what stands behind an operand.
#include <limits>

#include "query/parser/recursive_parser.h"

namespace tidemark::query {

bool BeginsExpression(const Token& token) {
  switch (token.kind) {
    case TokenKind::kWord:
    case TokenKind::kQuotedName:
    case TokenKind::kNumber:
    case TokenKind::kString:
    case TokenKind::kParameter:
    case TokenKind::kLeftParenthesis:
    case TokenKind::kLeftBracket:
    case TokenKind::kLeftBrace:
    case TokenKind::kPlus:
    case TokenKind::kMinus:
      return true;
    default:
      return false;
  }
}

namespace {

bool BeginsLabels(TokenKind kind) {
  return kind == TokenKind::kWord || kind == TokenKind::kQuotedName ||
         kind == TokenKind::kLeftParenthesis || kind == TokenKind::kExclamation ||
         kind == TokenKind::kPercent || kind == TokenKind::kDollar || kind == TokenKind::kParameter;
}

}  // namespace

Expression* RecursiveParser::Dummy() { return New<NullLiteral>(Here()); }

Expression* RecursiveParser::ParseExpression() {
  const Nesting nesting(this);
  return ParseLevel(kOrLevel);
}

// An operand and the operators behind it that bind as tightly as `level` or tighter.
Expression* RecursiveParser::ParseLevel(int level) {
  const Operand operand(this);
  const uint32_t begin = Here();
  Expression* left = ParsePrefix();
  while (const auto infix = PeekInfix()) {
    if (infix->level < level) break;
    left = infix->level == kPredicateLevel ? ParsePredicate(begin, left, *infix)
                                           : ParseChain(begin, left, *infix);
  }
  return left;
}

Expression* RecursiveParser::ParsePrefix() {
  if (At(TokenKind::kMinus) || At(TokenKind::kPlus)) return ParseSign();
  if (!At(Keyword::kNot) || !BeginsExpression(Peek(1))) return ParsePostfix();
  const Nesting nesting(this);
  const uint32_t begin = Here();
  Skip();
  Expression* operand = ParseLevel(kNotLevel);
  return New<UnaryOperation>(begin, Operator::kNot, operand);
}

Expression* RecursiveParser::ParseSign() {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  const bool negative = At(TokenKind::kMinus);
  Skip();
  if (negative) negated_ = index();
  Expression* operand = ParseLevel(kSignLevel);
  const bool is_smallest =
      negative && operand->kind == ExpressionKind::kInteger &&
      As<IntegerLiteral>(*operand).value == std::numeric_limits<int64_t>::min() &&
      TokenAt(negated_).offset == operand->source.offset;
  if (is_smallest) {
    operand->source = Since(begin);
    return operand;
  }
  return New<UnaryOperation>(begin, negative ? Operator::kNegate : Operator::kPlus, operand);
}

std::optional<RecursiveParser::Infix> RecursiveParser::PeekInfix() {
  switch (Peek().kind) {
    case TokenKind::kEqual:
      return Infix{kComparisonLevel, Operator::kEqual, 1};
    case TokenKind::kNotEqual:
      return Infix{kComparisonLevel, Operator::kNotEqual, 1};
    case TokenKind::kLess:
      return Infix{kComparisonLevel, Operator::kLess, 1};
    case TokenKind::kLessOrEqual:
      return Infix{kComparisonLevel, Operator::kLessOrEqual, 1};
    case TokenKind::kGreater:
      return Infix{kComparisonLevel, Operator::kGreater, 1};
    case TokenKind::kGreaterOrEqual:
      return Infix{kComparisonLevel, Operator::kGreaterOrEqual, 1};
    case TokenKind::kMatches:
      return Infix{kPredicateLevel, Operator::kMatches, 1};
    case TokenKind::kColonColon:
      return Infix{kPredicateLevel, Operator::kEqual, 0};
    case TokenKind::kPlus:
      return Infix{kSumLevel, Operator::kAdd, 1};
    case TokenKind::kMinus:
      return Infix{kSumLevel, Operator::kSubtract, 1};
    case TokenKind::kBarBar:
      return Infix{kSumLevel, Operator::kConcatenate, 1};
    case TokenKind::kStar:
      return Infix{kProductLevel, Operator::kMultiply, 1};
    case TokenKind::kSlash:
      return Infix{kProductLevel, Operator::kDivide, 1};
    case TokenKind::kPercent:
      return Infix{kProductLevel, Operator::kRemainder, 1};
    case TokenKind::kCaret:
      return Infix{kPowerLevel, Operator::kPower, 1};
    case TokenKind::kExclamationEqual:
      FailAt(Here(), ErrorId::kUnexpectedSyntax, {"Unknown operator '!='; did you mean '<>'?"});
      return std::nullopt;
    case TokenKind::kWord:
      return PeekWordInfix();
    default:
      return std::nullopt;
  }
}

std::optional<RecursiveParser::Infix> RecursiveParser::PeekWordInfix() {
  switch (Peek().keyword) {
    case Keyword::kOr:
      return Infix{kOrLevel, Operator::kOr, 1};
    case Keyword::kXor:
      return Infix{kXorLevel, Operator::kXor, 1};
    case Keyword::kAnd:
      return Infix{kAndLevel, Operator::kAnd, 1};
    case Keyword::kIn:
      return Infix{kPredicateLevel, Operator::kIn, 1};
    case Keyword::kContains:
      return Infix{kPredicateLevel, Operator::kContains, 1};
    case Keyword::kStarts:
      if (Peek(1).keyword != Keyword::kWith) return std::nullopt;
      return Infix{kPredicateLevel, Operator::kStartsWith, 2};
    case Keyword::kEnds:
      if (Peek(1).keyword != Keyword::kWith) return std::nullopt;
      return Infix{kPredicateLevel, Operator::kEndsWith, 2};
    case Keyword::kIs:
      if (!AtIsPredicate()) return std::nullopt;
      return Infix{kPredicateLevel, Operator::kEqual, 0};
    default:
      Note({Keyword::kOr, Keyword::kXor, Keyword::kAnd, Keyword::kIn, Keyword::kContains,
            Keyword::kStarts, Keyword::kEnds, Keyword::kIs});
      return std::nullopt;
  }
}

Expression* RecursiveParser::ParseChain(uint32_t begin, Expression* first, const Infix& infix) {
  Items<Expression*> operands = {first};
  Items<Operator> operators;
  std::optional<Infix> next = infix;
  do {
    for (int i = 0; i < next->token_count; ++i) Skip();
    operators.push_back(next->op);
    operands.push_back(ParseLevel(infix.level + 1));
    next = PeekInfix();
  } while (next.has_value() && next->level == infix.level);
  if (infix.level == kComparisonLevel) {
    return New<Comparison>(begin, Keep(operands), Keep(operators));
  }
  return New<Chain>(begin, Keep(operands), Keep(operators));
}

Expression* RecursiveParser::ParsePredicate(uint32_t begin, Expression* operand,
                                            const Infix& infix) {
  Wrap();
  if (infix.token_count == 0) return ParseIs(begin, operand);
  for (int i = 0; i < infix.token_count; ++i) Skip();
  Expression* right = ParseLevel(kSumLevel);
  return New<Chain>(begin, Keep(Items<Expression*>{operand, right}),
                    Keep(Items<Operator>{infix.op}));
}

bool RecursiveParser::AtNormalForm(size_t ahead) const {
  const Keyword keyword = Peek(ahead).keyword;
  const bool is_form = keyword == Keyword::kNfc || keyword == Keyword::kNfd ||
                       keyword == Keyword::kNfkc || keyword == Keyword::kNfkd;
  return keyword == Keyword::kNormalized ||
         (is_form && Peek(ahead + 1).keyword == Keyword::kNormalized);
}

// IS may also stand before a label.
bool RecursiveParser::AtIsPredicate() const {
  const size_t ahead = Peek(1).keyword == Keyword::kNot ? 2 : 1;
  return Peek(ahead).keyword == Keyword::kNull || Peek(ahead).keyword == Keyword::kTyped ||
         Peek(ahead).kind == TokenKind::kColonColon || AtNormalForm(ahead);
}

Expression* RecursiveParser::ParseIs(uint32_t begin, Expression* operand) {
  const bool has_is = Take(Keyword::kIs);
  const bool negated = has_is && Take(Keyword::kNot);
  if (Take(TokenKind::kColonColon) || (has_is && Take(Keyword::kTyped))) {
    TypeName* type = ParseType();
    return New<IsTyped>(begin, operand, type, negated);
  }
  if (Take(Keyword::kNull)) return New<IsNull>(begin, operand, negated);
  NormalForm form = NormalForm::kNfc;
  if (Take(Keyword::kNfd)) {
    form = NormalForm::kNfd;
  } else if (Take(Keyword::kNfkc)) {
    form = NormalForm::kNfkc;
  } else if (Take(Keyword::kNfkd)) {
    form = NormalForm::kNfkd;
  } else {
    Take(Keyword::kNfc);
  }
  Expect(Keyword::kNormalized);
  return New<IsNormalized>(begin, operand, form, negated);
}

bool RecursiveParser::AtLabelsOfOperand() {
  if (At(TokenKind::kColon)) return BeginsLabels(Peek(1).kind);
  return Peek().keyword == Keyword::kIs && !AtIsPredicate() && BeginsLabels(Peek(1).kind);
}

Expression* RecursiveParser::ParsePostfix() {
  const uint32_t begin = Here();
  Expression* base = ParseAtom();
  while (true) {
    if (At(TokenKind::kDot)) {
      Skip();
      const Name key = ExpectName("the name of a property");
      base = New<PropertyAccess>(begin, base, key);
    } else if (At(TokenKind::kLeftBracket)) {
      base = ParseSubscript(begin, base);
    } else if (AtLabelsOfOperand()) {
      Skip();
      LabelExpression* labels = ParseLabels();
      base = New<HasLabels>(begin, base, labels);
    } else {
      return base;
    }
    Wrap();
  }
}

Expression* RecursiveParser::ParseSubscript(uint32_t begin, Expression* base) {
  const size_t open = index();
  Skip();
  Expression* from = At(TokenKind::kDotDot) ? nullptr : ParseExpression();
  if (!Take(TokenKind::kDotDot)) {
    ExpectClosing(TokenKind::kRightBracket, open, "']' or '..'");
    return New<IndexAccess>(begin, base, from);
  }
  Expression* to = At(TokenKind::kRightBracket) ? nullptr : ParseExpression();
  ExpectClosing(TokenKind::kRightBracket, open, "']'");
  return New<SliceAccess>(begin, base, from, to);
}

// One or more, with commas between them.
Expressions RecursiveParser::ParseExpressions() {
  Items<Expression*> items;
  do {
    items.push_back(ParseExpression());
  } while (Take(TokenKind::kComma));
  return Keep(items);
}

// The token of the last | inside of the bracket at token `open`, which is no part of brackets
// inside of it; 0 when there is none. It ends the condition of a comprehension, so that [n IN l
// WHERE n:A|B | n.x] and [n IN l WHERE n:A | n.x] are both read as they are meant.
size_t RecursiveParser::FindBar(size_t open) const {
  const size_t close = TokenAt(open).link;
  if (close == kNoPartner) return 0;
  size_t bar = 0;
  for (size_t i = open + 1; i < close; ++i) {
    const Token& token = TokenAt(i);
    if (token.kind == TokenKind::kBar) bar = i;
    if (token.link != kNoPartner && token.link > i && token.kind != TokenKind::kInvalid) {
      i = token.link;
    }
  }
  return bar;
}

}  // namespace tidemark::query
