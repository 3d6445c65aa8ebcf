// SPDX-License-Identifier: Apache-2.0
// Which clause may follow which.
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/parser/recursive_parser.h"

namespace tidemark::query {
namespace {

bool IsReading(const Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kMatch:
    case ClauseKind::kUnwind:
    case ClauseKind::kCall:
    case ClauseKind::kSubquery:
    case ClauseKind::kLoadCsv:
      return true;
    default:
      return false;
  }
}

std::string_view WordOf(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kMatch:
      return "MATCH";
    case ClauseKind::kUnwind:
      return "UNWIND";
    case ClauseKind::kWith:
      return "WITH";
    case ClauseKind::kReturn:
      return "RETURN";
    case ClauseKind::kFinish:
      return "FINISH";
    case ClauseKind::kCreate:
      return "CREATE";
    case ClauseKind::kMerge:
      return "MERGE";
    case ClauseKind::kSet:
      return "SET";
    case ClauseKind::kRemove:
      return "REMOVE";
    case ClauseKind::kDelete:
      return "DELETE";
    case ClauseKind::kForeach:
      return "FOREACH";
    case ClauseKind::kCall:
    case ClauseKind::kSubquery:
      return "CALL";
    case ClauseKind::kLoadCsv:
      return "LOAD CSV";
    case ClauseKind::kUse:
      return "USE";
  }
  return "";
}

// Whether a subquery gives rows with new variables, so that something must follow it.
bool Returns(const Query& query) {
  if (query.parts.empty() || query.parts[0]->clauses.empty()) return false;
  return query.parts[0]->clauses.back()->kind == ClauseKind::kReturn;
}

}  // namespace

bool RecursiveParser::IsUpdateClause(ClauseKind kind) {
  switch (kind) {
    case ClauseKind::kCreate:
    case ClauseKind::kMerge:
    case ClauseKind::kSet:
    case ClauseKind::kRemove:
    case ClauseKind::kDelete:
    case ClauseKind::kForeach:
      return true;
    default:
      return false;
  }
}

void RecursiveParser::CheckComposition(const SingleQuery& query, QueryPlace place) {
  const bool is_alone = query.clauses.size() == 1 && place == QueryPlace::kTop;
  for (size_t i = 0; i < query.clauses.size(); ++i) {
    const Clause& clause = *query.clauses[i];
    if (i > 0) CheckPair(*query.clauses[i - 1], clause);
    if (place == QueryPlace::kReadOnlySubquery && IsUpdateClause(clause.kind)) {
      FailAt(clause.source.offset, ErrorId::kInvalidClauseComposition,
             {"EXISTS, COUNT and COLLECT subqueries only read; updates go into CALL { }"});
    }
    if (clause.kind == ClauseKind::kCall) CheckCall(As<CallClause>(clause), is_alone);
  }
  CheckLast(*query.clauses.back(), place, is_alone);
}

void RecursiveParser::CheckPair(const Clause& before, const Clause& after) {
  if (before.kind == ClauseKind::kReturn || before.kind == ClauseKind::kFinish) {
    FailAt(after.source.offset, ErrorId::kInvalidClauseComposition,
           {absl::StrCat(ToAbsl(WordOf(before.kind)), " is the end of a query, and ",
                         ToAbsl(WordOf(after.kind)), " cannot follow it")});
  } else if (after.kind == ClauseKind::kUse && before.kind != ClauseKind::kUse) {
    FailAt(after.source.offset, ErrorId::kInvalidClauseComposition,
           {"USE is the first clause of a query"});
  } else if (IsUpdateClause(before.kind) && IsReading(after)) {
    FailAt(after.source.offset, ErrorId::kInvalidClauseComposition,
           {absl::StrCat("WITH is required between ", ToAbsl(WordOf(before.kind)), " and ",
                         ToAbsl(WordOf(after.kind)))});
  }
}

void RecursiveParser::CheckCall(const CallClause& call, bool is_alone) {
  if (is_alone) return;
  if (!call.has_arguments) {
    FailAt(call.procedure.source.offset, ErrorId::kInvalidArgumentPassingMode,
           {call.procedure.text});
  }
  if (call.yield.all) {
    FailAt(call.procedure.source.offset, ErrorId::kUnexpectedSyntax,
           {"YIELD * can only be used when nothing but CALL is in the query; name the fields"});
  }
}

void RecursiveParser::CheckLast(const Clause& last, QueryPlace place, bool is_alone) {
  if (last.kind == ClauseKind::kReturn || last.kind == ClauseKind::kFinish ||
      IsUpdateClause(last.kind)) {
    return;
  }
  if (place == QueryPlace::kReadOnlySubquery && IsReading(last)) return;
  if (last.kind == ClauseKind::kCall && (is_alone || !As<CallClause>(last).yield.present)) return;
  if (last.kind == ClauseKind::kSubquery && !Returns(*As<SubqueryClause>(last).query)) return;
  FailAt(last.source.offset, ErrorId::kInvalidClauseComposition,
         {absl::StrCat("A query cannot end with ", ToAbsl(WordOf(last.kind)),
                       "; it ends with RETURN, FINISH, an update, or CALL that yields nothing")});
}

}  // namespace tidemark::query
