// SPDX-License-Identifier: Apache-2.0
// Queries, and the clauses that read and project.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

Query* RecursiveParser::ParseQuery(QueryPlace place) {
  const Nesting nesting(this);
  const uint32_t begin = Here();
  Items<SingleQuery*> parts = {ParseSingleQuery(place)};
  bool union_all = false;
  while (At(Keyword::kUnion)) {
    const uint32_t at = Here();
    Skip();
    const bool all = Take(Keyword::kAll);
    if (!all) Take(Keyword::kDistinct);
    if (parts.size() > 1 && all != union_all) {
      FailAt(at, ErrorId::kInvalidClauseComposition,
             {"UNION and UNION ALL cannot be mixed in one query"});
    }
    union_all = all;
    parts.push_back(ParseSingleQuery(place));
  }
  return arena()->New<Query>(Keep(parts), union_all, Since(begin));
}

SingleQuery* RecursiveParser::ParseSingleQuery(QueryPlace place) {
  const uint32_t begin = Here();
  Items<Clause*> clauses;
  do {
    Clause* clause = ParseClause();
    if (clause == nullptr) break;
    clauses.push_back(clause);
  } while (!failed());
  SingleQuery* query = arena()->New<SingleQuery>(Keep(clauses), Since(begin));
  if (clauses.empty()) {
    Fail("a clause, such as MATCH, CREATE or RETURN");
  } else if (AtEnd() || At(TokenKind::kSemicolon) || At(TokenKind::kRightBrace) ||
             At(Keyword::kUnion)) {
    CheckComposition(*query, place);
  }
  return query;
}

// nullptr: no clause begins here.
Clause* RecursiveParser::ParseClause() {
  const uint32_t begin = Here();
  const Keyword keyword = Peek().keyword;
  if (keyword == Keyword::kOptional) return ParseOptional(begin);
  if (keyword == Keyword::kLoad) return ParseLoadCsv(begin);
  const ClauseFunction parse = ClauseParser(keyword);
  if (parse != nullptr) {
    Skip();
    return (this->*parse)(begin);
  }
  if (Take(Keyword::kCreate)) return ParseCreate(begin, PatternUse::kCreate);
  if (Take(Keyword::kInsert)) return ParseCreate(begin, PatternUse::kInsert);
  if (Take(Keyword::kCall)) return ParseCall(begin, /*optional=*/false);
  if (Take(Keyword::kDetach)) return ParseDelete(begin, /*detach=*/true);
  if (Take(Keyword::kNodetach) || At(Keyword::kDelete)) return ParseDelete(begin, false);
  Note({Keyword::kMatch, Keyword::kUnwind, Keyword::kWith, Keyword::kReturn, Keyword::kFinish,
        Keyword::kMerge, Keyword::kSet, Keyword::kRemove, Keyword::kForeach, Keyword::kUse,
        Keyword::kOptional, Keyword::kLoad});
  return nullptr;
}

// The clauses that begin with one word and take no more than where they begin.
RecursiveParser::ClauseFunction RecursiveParser::ClauseParser(Keyword keyword) {
  switch (keyword) {
    case Keyword::kMatch:
      return &RecursiveParser::ParseMatch;
    case Keyword::kUnwind:
      return &RecursiveParser::ParseUnwind;
    case Keyword::kWith:
      return &RecursiveParser::ParseWith;
    case Keyword::kReturn:
      return &RecursiveParser::ParseReturn;
    case Keyword::kFinish:
      return &RecursiveParser::ParseFinish;
    case Keyword::kMerge:
      return &RecursiveParser::ParseMerge;
    case Keyword::kSet:
      return &RecursiveParser::ParseSet;
    case Keyword::kRemove:
      return &RecursiveParser::ParseRemove;
    case Keyword::kForeach:
      return &RecursiveParser::ParseForeach;
    case Keyword::kUse:
      return &RecursiveParser::ParseUse;
    default:
      return nullptr;
  }
}

Clause* RecursiveParser::ParseOptional(uint32_t begin) {
  Skip();
  if (Take(Keyword::kCall)) return ParseCall(begin, /*optional=*/true);
  ExpectEither(Keyword::kMatch, Keyword::kCall);
  const MatchBlock match = ParseMatchBlock();
  return arena()->New<MatchClause>(Clause{ClauseKind::kMatch, Since(begin)}, true, match);
}

Clause* RecursiveParser::ParseMatch(uint32_t begin) {
  const MatchBlock match = ParseMatchBlock();
  return arena()->New<MatchClause>(Clause{ClauseKind::kMatch, Since(begin)}, false, match);
}

Clause* RecursiveParser::ParseFinish(uint32_t begin) {
  return arena()->New<FinishClause>(Clause{ClauseKind::kFinish, Since(begin)});
}

MatchBlock RecursiveParser::ParseMatchBlock() {
  MatchBlock match = {};
  match.mode = ParseMatchMode();
  match.paths = ParsePaths(PatternUse::kMatch);
  match.hints = ParseHints();
  match.where = Take(Keyword::kWhere) ? ParseExpression() : nullptr;
  return match;
}

MatchMode RecursiveParser::ParseMatchMode() {
  if (Take(Keyword::kRepeatable, Keyword::kElement) ||
      Take(Keyword::kRepeatable, Keyword::kElements)) {
    Take(Keyword::kBindings);
    return MatchMode::kRepeatableElements;
  }
  if (Take(Keyword::kDifferent, Keyword::kRelationship) ||
      Take(Keyword::kDifferent, Keyword::kRelationships)) {
    Take(Keyword::kBindings);
    return MatchMode::kDifferentRelationships;
  }
  return MatchMode::kDefault;
}

Clause* RecursiveParser::ParseUnwind(uint32_t begin) {
  Expression* list = ParseExpression();
  Expect(Keyword::kAs);
  const Name variable = ExpectName("a variable");
  return arena()->New<UnwindClause>(Clause{ClauseKind::kUnwind, Since(begin)}, list, variable);
}

Clause* RecursiveParser::ParseWith(uint32_t begin) {
  const Projection projection = ParseProjection();
  Expression* where = Take(Keyword::kWhere) ? ParseExpression() : nullptr;
  return arena()->New<WithClause>(Clause{ClauseKind::kWith, Since(begin)}, projection, where);
}

Clause* RecursiveParser::ParseReturn(uint32_t begin) {
  const Projection projection = ParseProjection();
  return arena()->New<ReturnClause>(Clause{ClauseKind::kReturn, Since(begin)}, projection);
}

Clause* RecursiveParser::ParseLoadCsv(uint32_t begin) {
  Skip();
  Expect(Keyword::kCsv);
  const bool with_headers = Take(Keyword::kWith, Keyword::kHeaders);
  Expect(Keyword::kFrom);
  Expression* url = ParseExpression();
  Expect(Keyword::kAs);
  const Name variable = ExpectName("a variable");
  Expression* terminator = Take(Keyword::kFieldTerminator) ? ParseString() : nullptr;
  return arena()->New<LoadCsvClause>(Clause{ClauseKind::kLoadCsv, Since(begin)}, with_headers, url,
                                     variable, terminator);
}

Clause* RecursiveParser::ParseUse(uint32_t begin) {
  if (At(Keyword::kGraph) && Peek(1).kind == TokenKind::kWord) Skip();
  Expression* graph = ParseExpression();
  return arena()->New<UseClause>(Clause{ClauseKind::kUse, Since(begin)}, graph);
}

// DISTINCT may also be a name: then no expression follows it.
bool RecursiveParser::TakeDistinct() {
  if (!At(Keyword::kDistinct)) return false;
  switch (Peek(1).kind) {
    case TokenKind::kWord:
      if (Peek(1).keyword == Keyword::kAs) return false;
      break;
    case TokenKind::kQuotedName:
    case TokenKind::kNumber:
    case TokenKind::kString:
    case TokenKind::kParameter:
    case TokenKind::kLeftParenthesis:
    case TokenKind::kLeftBracket:
    case TokenKind::kLeftBrace:
    case TokenKind::kMinus:
    case TokenKind::kPlus:
    case TokenKind::kStar:
      break;
    default:
      return false;
  }
  Skip();
  return true;
}

Projection RecursiveParser::ParseProjection() {
  Projection projection = {};
  projection.distinct = TakeDistinct();
  projection.all = Take(TokenKind::kStar);
  if (!projection.all || Take(TokenKind::kComma)) {
    Items<ProjectionItem> items;
    do {
      items.push_back(ParseProjectionItem());
    } while (Take(TokenKind::kComma));
    projection.items = Keep(items);
  }
  projection.order = ParseOrder();
  ParsePage(&projection.skip, &projection.limit);
  return projection;
}

ProjectionItem RecursiveParser::ParseProjectionItem() {
  const uint32_t begin = Here();
  Expression* expression = ParseExpression();
  const Source source = Since(begin);
  Name alias;
  if (Take(Keyword::kAs)) alias = ExpectName("a name for the column");
  return {expression, alias, source};
}

absl::Span<const SortItem> RecursiveParser::ParseOrder() {
  if (!Take(Keyword::kOrder)) return {};
  Expect(Keyword::kBy);
  Items<SortItem> items;
  do {
    Expression* expression = ParseExpression();
    const bool descending = Take(Keyword::kDesc) || Take(Keyword::kDescending);
    if (!descending && !Take(Keyword::kAsc)) Take(Keyword::kAscending);
    items.push_back({expression, descending});
  } while (Take(TokenKind::kComma));
  return Keep(items);
}

void RecursiveParser::ParsePage(Expression** skip, Expression** limit) {
  *skip = Take(Keyword::kSkip) || Take(Keyword::kOffset) ? ParseExpression() : nullptr;
  *limit = Take(Keyword::kLimit) ? ParseExpression() : nullptr;
}

absl::Span<const Name> RecursiveParser::ParseNames(std::string_view what) {
  Items<Name> names;
  do {
    names.push_back(ExpectName(what));
  } while (Take(TokenKind::kComma));
  return Keep(names);
}

absl::Span<const Hint> RecursiveParser::ParseHints() {
  Items<Hint> hints;
  while (At(Keyword::kUsing)) hints.push_back(ParseHint());
  return Keep(hints);
}

Hint RecursiveParser::ParseHint() {
  const uint32_t begin = Here();
  Skip();
  Hint hint = {};
  if (Take(Keyword::kJoin)) {
    hint.kind = HintKind::kJoin;
    Expect(Keyword::kOn);
    hint.variables = ParseNames("a variable");
    hint.source = Since(begin);
    return hint;
  }
  if (Take(Keyword::kScan)) {
    hint.kind = HintKind::kScan;
  } else {
    hint.kind = Take(Keyword::kText)    ? HintKind::kTextIndex
                : Take(Keyword::kRange) ? HintKind::kRangeIndex
                : Take(Keyword::kPoint) ? HintKind::kPointIndex
                                        : HintKind::kIndex;
    if (!Take(Keyword::kIndex)) Fail("INDEX, SCAN or JOIN ON");
    hint.seek = Take(Keyword::kSeek);
  }
  hint.variables = Keep(Items<Name>{ExpectName("a variable")});
  Expect(TokenKind::kColon);
  hint.label = ExpectName("a label or a type");
  if (hint.kind != HintKind::kScan) {
    const size_t open = index();
    Expect(TokenKind::kLeftParenthesis);
    hint.properties = ParseNames("the name of a property");
    ExpectClosing(TokenKind::kRightParenthesis, open, "',' or ')'");
  }
  hint.source = Since(begin);
  return hint;
}

}  // namespace tidemark::query
