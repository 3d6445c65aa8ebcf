// SPDX-License-Identifier: Apache-2.0
// Calls of procedures and subqueries.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

Clause* RecursiveParser::ParseCall(uint32_t begin, bool optional) {
  const bool is_subquery = At(TokenKind::kLeftBrace) || At(TokenKind::kLeftParenthesis);
  return is_subquery ? ParseSubqueryCall(begin, optional) : ParseProcedureCall(begin, optional);
}

Clause* RecursiveParser::ParseProcedureCall(uint32_t begin, bool optional) {
  CallClause* call = arena()->New<CallClause>();
  call->optional = optional;
  call->procedure = ParseDottedName("the name of a procedure, '(' or '{'");
  if (At(TokenKind::kLeftParenthesis)) {
    const size_t open = index();
    Skip();
    call->has_arguments = true;
    if (!At(TokenKind::kRightParenthesis)) call->arguments = ParseExpressions();
    ExpectClosing(TokenKind::kRightParenthesis, open, "',' or ')'");
  }
  if (Take(Keyword::kYield)) {
    call->yield.present = true;
    call->yield.all = Take(TokenKind::kStar);
    if (!call->yield.all) call->yield.items = ParseYieldItems();
    if (Take(Keyword::kWhere)) call->yield.where = ParseExpression();
  }
  call->kind = ClauseKind::kCall;
  call->source = Since(begin);
  return call;
}

absl::Span<const YieldItem> RecursiveParser::ParseYieldItems() {
  Items<YieldItem> items;
  do {
    YieldItem item;
    item.field = ExpectName("the name of a field");
    if (Take(Keyword::kAs)) item.alias = ExpectName("a variable");
    items.push_back(item);
  } while (Take(TokenKind::kComma));
  return Keep(items);
}

// (x, y) { ... }, (*) { ... }, { ... }
Clause* RecursiveParser::ParseSubqueryCall(uint32_t begin, bool optional) {
  SubqueryClause* call = arena()->New<SubqueryClause>();
  call->optional = optional;
  if (At(TokenKind::kLeftParenthesis)) {
    const size_t open = index();
    Skip();
    call->has_scope = true;
    call->imports_all = Take(TokenKind::kStar);
    if (!call->imports_all && !At(TokenKind::kRightParenthesis)) {
      call->imports = ParseNames("a variable, '*' or ')'");
    }
    ExpectClosing(TokenKind::kRightParenthesis, open, "',' or ')'");
  }
  const size_t open = index();
  Expect(TokenKind::kLeftBrace);
  call->query = ParseQuery(QueryPlace::kCall);
  ExpectClosing(TokenKind::kRightBrace, open, "a clause or '}'");
  if (At(Keyword::kIn)) call->transactions = ParseInTransactions();
  call->kind = ClauseKind::kSubquery;
  call->source = Since(begin);
  return call;
}

InTransactions* RecursiveParser::ParseInTransactions() {
  const uint32_t begin = Here();
  InTransactions* transactions = arena()->New<InTransactions>();
  Skip();
  if (!At(Keyword::kConcurrent) && !At(Keyword::kTransactions) && !At(Keyword::kTransaction)) {
    transactions->concurrency = ParseLevel(kSumLevel);
    transactions->concurrent = true;
    Expect(Keyword::kConcurrent);
  }
  if (Take(Keyword::kConcurrent)) transactions->concurrent = true;
  ExpectEither(Keyword::kTransactions, Keyword::kTransaction);
  while (!failed()) {
    if (Take(Keyword::kOf)) {
      ParseBatch(transactions);
    } else if (Take(Keyword::kOn, Keyword::kError)) {
      if (Take(Keyword::kContinue)) {
        transactions->on_error = OnError::kContinue;
      } else if (Take(Keyword::kBreak)) {
        transactions->on_error = OnError::kBreak;
      } else if (!Take(Keyword::kFail)) {
        Fail("CONTINUE, BREAK or FAIL");
      }
    } else if (Take(Keyword::kReport, Keyword::kStatus)) {
      Expect(Keyword::kAs);
      transactions->status = ExpectName("a variable");
    } else {
      break;
    }
  }
  transactions->source = Since(begin);
  return transactions;
}

void RecursiveParser::ParseBatch(InTransactions* transactions) {
  if (!At(Keyword::kRow) && !At(Keyword::kRows)) transactions->size = ParseExpression();
  ExpectEither(Keyword::kRows, Keyword::kRow);
}

// EXISTS { ... }: a query, or only patterns and a condition.
Expression* RecursiveParser::ParseSubqueryExpression(uint32_t begin, SubqueryKind kind) {
  const Nesting nesting(this);
  Skip();
  const size_t open = index();
  Skip();
  Query* query = nullptr;
  MatchBlock* match = nullptr;
  if (AtPatterns()) {
    match = arena()->New<MatchBlock>(ParseMatchBlock());
  } else {
    query = ParseQuery(QueryPlace::kReadOnlySubquery);
    CheckCollects(*query, kind);
  }
  ExpectClosing(TokenKind::kRightBrace, open, "a clause, WHERE or '}'");
  if (match != nullptr && kind == SubqueryKind::kCollect) {
    FailAt(begin, ErrorId::kInvalidClauseComposition, {"A COLLECT subquery ends with RETURN"});
  }
  return New<SubqueryExpression>(begin, kind, query, match);
}

bool RecursiveParser::AtPatterns() const {
  if (At(TokenKind::kLeftParenthesis)) return true;
  if (Peek(1).kind == TokenKind::kEqual) return true;
  switch (Peek().keyword) {
    case Keyword::kAny:
    case Keyword::kAll:
    case Keyword::kShortest:
    case Keyword::kShortestPath:
    case Keyword::kAllShortestPaths:
    case Keyword::kRepeatable:
    case Keyword::kDifferent:
      return true;
    default:
      return false;
  }
}

void RecursiveParser::CheckCollects(const Query& query, SubqueryKind kind) {
  if (kind != SubqueryKind::kCollect) return;
  for (const SingleQuery* part : query.parts) {
    if (part->clauses.empty() || part->clauses.back()->kind == ClauseKind::kReturn) continue;
    FailAt(part->clauses.back()->source.offset, ErrorId::kInvalidClauseComposition,
           {"A COLLECT subquery ends with RETURN"});
  }
}

}  // namespace tidemark::query
