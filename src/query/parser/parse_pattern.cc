// SPDX-License-Identifier: Apache-2.0
// Paths and what they consist of.
#include <limits>

#include "absl/strings/numbers.h"
#include "base/status.h"
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

absl::Span<PathPattern* const> RecursiveParser::ParsePaths(PatternUse use) {
  Items<PathPattern*> paths;
  do {
    paths.push_back(ParsePath(use));
  } while (Take(TokenKind::kComma));
  return Keep(paths);
}

// name = selector path
PathPattern* RecursiveParser::ParsePath(PatternUse use) {
  const uint32_t begin = Here();
  Name variable;
  if (AtName() && Peek(1).kind == TokenKind::kEqual) {
    variable = ExpectName("a variable");
    Skip();
  }
  const bool is_function = (At(Keyword::kShortestPath) || At(Keyword::kAllShortestPaths)) &&
                           Peek(1).kind == TokenKind::kLeftParenthesis;
  if (is_function) return ParseShortestFunction(begin, variable);
  PathPattern* path = arena()->New<PathPattern>();
  path->variable = variable;
  if (use == PatternUse::kMatch) path->selector = ParseSelector();
  ParseElements(use, path);
  path->source = Since(begin);
  return path;
}

// ALL PATHS, ANY 2 PATHS, SHORTEST 3 PATHS, SHORTEST 2 GROUPS, ALL SHORTEST, ANY SHORTEST PATHS
PathSelector RecursiveParser::ParseSelector() {
  PathSelector selector;
  const uint32_t begin = Here();
  bool may_count = false;
  if (Take(Keyword::kAll, Keyword::kShortest)) {
    selector.kind = PathSelectorKind::kAllShortest;
  } else if (Take(Keyword::kAny, Keyword::kShortest)) {
    selector.kind = PathSelectorKind::kAnyShortest;
  } else if (Take(Keyword::kAll)) {
    selector.kind = PathSelectorKind::kAll;
  } else if (Take(Keyword::kAny)) {
    selector.kind = PathSelectorKind::kAny;
    may_count = true;
  } else if (Take(Keyword::kShortest)) {
    selector.kind = PathSelectorKind::kShortest;
    may_count = true;
  } else {
    return selector;
  }
  if (may_count && At(TokenKind::kNumber)) {
    selector.count = ParseNumber();
    if (selector.count->kind != ExpressionKind::kInteger) {
      FailAt(selector.count->source.offset, ErrorId::kUnexpectedSyntax,
             {"The number of paths is not an integer"});
    }
  } else if (may_count && At(TokenKind::kParameter)) {
    selector.count = ParseParameter();
  }
  if (!Take(Keyword::kPath)) Take(Keyword::kPaths);
  const bool has_groups = selector.kind == PathSelectorKind::kShortest &&
                          (Take(Keyword::kGroup) || Take(Keyword::kGroups));
  if (has_groups) selector.kind = PathSelectorKind::kShortestGroups;
  selector.source = Since(begin);
  return selector;
}

PathPattern* RecursiveParser::ParseShortestFunction(uint32_t begin, Name variable) {
  const ShortestFunction function = At(Keyword::kShortestPath)
                                        ? ShortestFunction::kShortestPath
                                        : ShortestFunction::kAllShortestPaths;
  Skip();
  const size_t open = index();
  Skip();
  PathPattern* path = arena()->New<PathPattern>();
  path->variable = variable;
  path->function = function;
  ParseElements(PatternUse::kMatch, path);
  ExpectClosing(TokenKind::kRightParenthesis, open, "a relationship or ')'");
  path->source = Since(begin);
  return path;
}

void RecursiveParser::ParseElements(PatternUse use, PathPattern* path) {
  Items<PathElement*> elements;
  if (!At(TokenKind::kLeftParenthesis)) Fail("a node pattern, such as (n:Label)");
  bool after_vertex = false;
  while (At(TokenKind::kLeftParenthesis)) {
    if (AtGroup()) {
      elements.push_back(ParseGroup(use));
      after_vertex = false;
      continue;
    }
    if (after_vertex) Fail("a relationship, such as -[:KNOWS]->, between two nodes");
    elements.push_back(ParseVertex(use));
    after_vertex = true;
    if (!AtEdge()) continue;
    elements.push_back(ParseEdge(use));
    after_vertex = false;
    if (!At(TokenKind::kLeftParenthesis) || AtGroup()) Fail("a node pattern, such as (n:Label)");
  }
  path->elements = Keep(elements);
}

bool RecursiveParser::AtEdge() const {
  if (At(TokenKind::kMinus)) return true;
  return At(TokenKind::kLess) && Peek(1).kind == TokenKind::kMinus;
}

// A group begins with a second parenthesis, perhaps behind the name of its path.
bool RecursiveParser::AtGroup() const {
  return Peek(1).kind == TokenKind::kLeftParenthesis || Peek(2).kind == TokenKind::kEqual;
}

// A word behind ( or [ is a variable unless it is a keyword there: (IS Label), (WHERE x.y = 1).
bool RecursiveParser::AtVariableOfElement() const {
  if (!AtName()) return false;
  const Keyword keyword = Peek().keyword;
  if (keyword != Keyword::kIs && keyword != Keyword::kWhere) return true;
  switch (Peek(1).kind) {
    case TokenKind::kRightParenthesis:
    case TokenKind::kRightBracket:
    case TokenKind::kColon:
    case TokenKind::kStar:
      return true;
    default:
      return false;
  }
}

VertexPattern* RecursiveParser::ParseVertex(PatternUse use) {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  const size_t open = index();
  Expect(TokenKind::kLeftParenthesis);
  VertexPattern* vertex = arena()->New<VertexPattern>();
  vertex->kind = PathElementKind::kVertex;
  if (AtVariableOfElement()) vertex->variable = ExpectName("a variable");
  if (Take(TokenKind::kColon) || Take(Keyword::kIs)) vertex->labels = ParseLabels();
  vertex->properties = ParsePatternProperties(use);
  if (Take(Keyword::kWhere)) vertex->where = ParseExpression();
  ExpectClosing(TokenKind::kRightParenthesis, open, "a variable, ':', '{', WHERE or ')'");
  vertex->source = Since(begin);
  return vertex;
}

Expression* RecursiveParser::ParsePatternProperties(PatternUse use) {
  if (At(TokenKind::kLeftBrace)) return ParseMap();
  if (!At(TokenKind::kParameter)) return nullptr;
  if (use == PatternUse::kMatch || use == PatternUse::kMerge) {
    FailAt(Here(), ErrorId::kInvalidParameterUse,
           {use == PatternUse::kMatch ? "a pattern to be matched" : "MERGE"});
  }
  return ParseParameter();
}

EdgePattern* RecursiveParser::ParseEdge(PatternUse use) {
  const uint32_t begin = Here();
  EdgePattern* edge = arena()->New<EdgePattern>();
  edge->kind = PathElementKind::kEdge;
  const bool points_left = Take(TokenKind::kLess);
  Expect(TokenKind::kMinus);
  if (At(TokenKind::kLeftBracket)) ParseEdgeDetail(use, edge);
  Expect(TokenKind::kMinus);
  const bool points_right = Take(TokenKind::kGreater);
  if (points_left) {
    edge->direction = points_right ? EdgeDirection::kBoth : EdgeDirection::kIn;
  } else {
    edge->direction = points_right ? EdgeDirection::kOut : EdgeDirection::kEither;
  }
  edge->quantifier = ParseQuantifier();
  edge->source = Since(begin);
  return edge;
}

void RecursiveParser::ParseEdgeDetail(PatternUse use, EdgePattern* edge) {
  const Nesting nesting(this);
  const size_t open = index();
  Skip();
  if (AtVariableOfElement()) edge->variable = ExpectName("a variable");
  if (Take(TokenKind::kColon) || Take(Keyword::kIs)) edge->types = ParseLabels();
  if (At(TokenKind::kDotDot)) {
    FailAt(Here(), ErrorId::kInvalidRelationshipPattern,
           {"The bounds of a length stand behind a star, such as *1..3"});
  }
  if (At(TokenKind::kStar)) edge->length = ParseLength();
  edge->properties = ParsePatternProperties(use);
  if (Take(Keyword::kWhere)) edge->where = ParseExpression();
  ExpectClosing(TokenKind::kRightBracket, open, "a variable, ':', '*', '{', WHERE or ']'");
}

int64_t RecursiveParser::ParseRepetitionBound() {
  const Token& token = Peek();
  int64_t bound = 0;
  const std::string_view digits = TextOfToken(token);
  if (!absl::SimpleAtoi(ToAbsl(digits), &bound)) {
    FailAt(token.offset, ErrorId::kInvalidNumberLiteral, {Shown({token.offset, token.length})});
  }
  Skip();
  return bound;
}

// *, *2, *1..3, *..3, *1..
Repetition* RecursiveParser::ParseLength() {
  const uint32_t begin = Here();
  Skip();
  Repetition* length = arena()->New<Repetition>();
  length->min = 1;
  length->max = kUnboundedRepetition;
  if (At(TokenKind::kMinus)) {
    FailAt(Here(), ErrorId::kInvalidRelationshipPattern,
           {"The bounds of a length are integers of 0 or more"});
  }
  const bool has_min = At(TokenKind::kNumber);
  if (has_min) length->min = ParseRepetitionBound();
  if (Take(TokenKind::kDotDot)) {
    if (At(TokenKind::kNumber)) length->max = ParseRepetitionBound();
  } else if (has_min) {
    length->max = length->min;
  }
  length->source = Since(begin);
  return length;
}

// +, *, {2}, {1,3}, {,3}, {1,}; nullptr when none follows.
Repetition* RecursiveParser::ParseQuantifier() {
  const uint32_t begin = Here();
  const size_t open = index();
  int64_t min = 0;
  int64_t max = kUnboundedRepetition;
  if (Take(TokenKind::kPlus)) {
    min = 1;
  } else if (Take(TokenKind::kLeftBrace)) {
    const bool has_min = At(TokenKind::kNumber);
    if (has_min) min = ParseRepetitionBound();
    if (Take(TokenKind::kComma)) {
      if (At(TokenKind::kNumber)) max = ParseRepetitionBound();
    } else if (has_min) {
      max = min;
    } else {
      Fail("a number or ','");
    }
    ExpectClosing(TokenKind::kRightBrace, open, "a number, ',' or '}'");
  } else if (!Take(TokenKind::kStar)) {
    return nullptr;
  }
  if (max != kUnboundedRepetition && (max == 0 || max < min)) {
    FailAt(begin, ErrorId::kUnexpectedSyntax,
           {"The upper bound of a quantifier is at least 1 and not below the lower one"});
  }
  return arena()->New<Repetition>(min, max, Since(begin));
}

PathGroup* RecursiveParser::ParseGroup(PatternUse use) {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  const size_t open = index();
  Skip();
  PathGroup* group = arena()->New<PathGroup>();
  group->kind = PathElementKind::kGroup;
  group->path = ParsePath(use);
  if (Take(Keyword::kWhere)) group->where = ParseExpression();
  ExpectClosing(TokenKind::kRightParenthesis, open, "a relationship, WHERE or ')'");
  group->quantifier = ParseQuantifier();
  group->source = Since(begin);
  return group;
}

// (a)-[, (a)--(, (a)<-[ and so on, where (a) looks like a vertex: a subtraction of such operands
// would have no meaning, or is written with spaces and without parentheses.
bool RecursiveParser::IsPath(size_t open) const {
  if (TokenAt(open).kind != TokenKind::kLeftParenthesis || TokenAt(open).link == kNoPartner) {
    return false;
  }
  if (!BeginsVertex(open + 1)) return false;
  size_t arrow = TokenAt(open).link + 1;
  if (TokenAt(arrow).kind == TokenKind::kLess) ++arrow;
  if (TokenAt(arrow).kind != TokenKind::kMinus) return false;
  size_t end = arrow + 1;
  if (TokenAt(end).kind == TokenKind::kLeftBracket) {
    if (TokenAt(end).link == kNoPartner) return false;
    end = TokenAt(end).link + 1;
  }
  if (TokenAt(end).kind != TokenKind::kMinus) return false;
  const TokenKind next = TokenAt(end + 1).kind;
  return next == TokenKind::kLeftParenthesis || next == TokenKind::kGreater;
}

bool RecursiveParser::BeginsVertex(size_t index) const {
  switch (TokenAt(index).kind) {
    case TokenKind::kRightParenthesis:
    case TokenKind::kColon:
    case TokenKind::kLeftBrace:
      return true;
    case TokenKind::kWord:
    case TokenKind::kQuotedName:
      break;
    default:
      return false;
  }
  const Token& next = TokenAt(index + 1);
  const Token& after = TokenAt(index + 2);
  // (x IS NULL) and the like are conditions, (x IS Label) is a vertex.
  const bool is_test = after.keyword == Keyword::kNull || after.keyword == Keyword::kNot ||
                       after.keyword == Keyword::kTyped || after.kind == TokenKind::kColonColon ||
                       after.keyword == Keyword::kNormalized;
  if (next.keyword == Keyword::kIs && is_test) return false;
  return next.kind == TokenKind::kRightParenthesis || next.kind == TokenKind::kColon ||
         next.kind == TokenKind::kLeftBrace || next.keyword == Keyword::kIs ||
         next.keyword == Keyword::kWhere || TokenAt(index).keyword == Keyword::kIs;
}

bool RecursiveParser::AtPathInExpression() const { return IsPath(index()); }

}  // namespace tidemark::query
