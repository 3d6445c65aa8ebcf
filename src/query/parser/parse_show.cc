// SPDX-License-Identifier: Apache-2.0
// SHOW and TERMINATE.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/parser/recursive_parser.h"

namespace tidemark::query {
namespace {

bool IsOneOf(std::string_view text, std::initializer_list<std::string_view> texts) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
}

bool TakePrefix(std::string_view prefix, std::string_view* text) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// NODE KEY, RELATIONSHIP PROPERTY EXISTENCE, UNIQUE and so on.
bool IsConstraintFilter(std::string_view filter) {
  const bool has_entity = TakePrefix("NODE ", &filter) || TakePrefix("RELATIONSHIP ", &filter) ||
                          TakePrefix("REL ", &filter);
  if (filter == "KEY" || (filter == "ALL" && !has_entity)) return true;
  const bool has_property = TakePrefix("PROPERTY ", &filter);
  if (filter == "TYPE") return has_property;
  return IsOneOf(filter, {"UNIQUE", "UNIQUENESS", "EXIST", "EXISTENCE"});
}

bool FilterFits(ShowKind show, std::string_view filter) {
  switch (show) {
    case ShowKind::kIndexes:
      return IsOneOf(filter, {"ALL", "RANGE", "TEXT", "POINT", "LOOKUP", "FULLTEXT", "VECTOR"});
    case ShowKind::kConstraints:
      return IsConstraintFilter(filter);
    case ShowKind::kFunctions:
      return IsOneOf(filter, {"ALL", "BUILT IN", "USER DEFINED"});
    case ShowKind::kRoles:
    case ShowKind::kPrivileges:
      return filter == "ALL";
    case ShowKind::kDatabases:
      return IsOneOf(filter, {"DEFAULT", "HOME"});
    default:
      return false;
  }
}

}  // namespace

// One or more commands; each sees the rows of the one before.
ShowCommand* RecursiveParser::ParseShow() {
  ShowCommand* first = nullptr;
  ShowCommand** next = &first;
  do {
    *next = ParseOneShow();
    next = &(*next)->next;
  } while (At(Keyword::kShow) || At(Keyword::kTerminate));
  return first;
}

ShowCommand* RecursiveParser::ParseOneShow() {
  const uint32_t begin = Here();
  ShowCommand* show = arena()->New<ShowCommand>();
  show->kind = CommandKind::kShow;
  if (Take(Keyword::kTerminate)) {
    ExpectEither(Keyword::kTransactions, Keyword::kTransaction);
    show->show = ShowKind::kTerminateTransactions;
    show->subjects = ParseExpressions();
  } else {
    Expect(Keyword::kShow);
    const uint32_t filter = Here();
    show->filter = ParseShowFilter();
    show->show = ParseShowKind(show);
    CheckShowFilter(*show, filter);
    ParseShowSubjects(show);
  }
  ParseShowTail(show);
  show->source = Since(begin);
  return show;
}

// The words before the kind, as one text: ALL, RANGE, UNIQUE, BUILT IN, NODE KEY ...
std::string_view RecursiveParser::ParseShowFilter() {
  static constexpr Keyword kFilters[] = {
      Keyword::kAll,    Keyword::kRange,        Keyword::kText,       Keyword::kPoint,
      Keyword::kLookup, Keyword::kFulltext,     Keyword::kVector,     Keyword::kUnique,
      Keyword::kNode,   Keyword::kRelationship, Keyword::kRel,        Keyword::kKey,
      Keyword::kExist,  Keyword::kExistence,    Keyword::kUniqueness, Keyword::kProperty,
      Keyword::kType,   Keyword::kBuilt,        Keyword::kIn,         Keyword::kUser,
      Keyword::kDefined};
  std::string filter;
  while (!failed()) {
    // SHOW USER name and SHOW USER PRIVILEGES: not the filter of functions.
    if (At(Keyword::kUser) && Peek(1).keyword != Keyword::kDefined) break;
    Keyword found = Keyword::kNone;
    for (const Keyword keyword : kFilters) {
      if (!Take(keyword)) continue;
      found = keyword;
      break;
    }
    if (found == Keyword::kNone) break;
    if (!filter.empty()) filter += ' ';
    filter += TextOf(found);
  }
  return arena()->Copy(filter);
}

void RecursiveParser::CheckShowFilter(const ShowCommand& show, uint32_t offset) {
  if (show.filter.empty() || FilterFits(show.show, show.filter)) return;
  FailAt(offset, ErrorId::kUnexpectedSyntax,
         {absl::StrCat("SHOW knows no kind ", ToAbsl(show.filter),
                       " here; leave it away, or write ALL and filter with WHERE")});
}

ShowKind RecursiveParser::ParseShowKind(ShowCommand* show) {
  struct Word {
    Keyword keyword;
    ShowKind kind;
  };
  static constexpr Word kWords[] = {
      {Keyword::kIndexes, ShowKind::kIndexes},
      {Keyword::kIndex, ShowKind::kIndexes},
      {Keyword::kConstraints, ShowKind::kConstraints},
      {Keyword::kConstraint, ShowKind::kConstraints},
      {Keyword::kFunctions, ShowKind::kFunctions},
      {Keyword::kFunction, ShowKind::kFunctions},
      {Keyword::kProcedures, ShowKind::kProcedures},
      {Keyword::kProcedure, ShowKind::kProcedures},
      {Keyword::kSettings, ShowKind::kSettings},
      {Keyword::kSetting, ShowKind::kSettings},
      {Keyword::kTransactions, ShowKind::kTransactions},
      {Keyword::kTransaction, ShowKind::kTransactions},
      {Keyword::kDatabases, ShowKind::kDatabases},
      {Keyword::kDatabase, ShowKind::kDatabases},
      {Keyword::kUsers, ShowKind::kUsers},
      {Keyword::kRoles, ShowKind::kRoles},
      {Keyword::kPrivileges, ShowKind::kPrivileges},
      {Keyword::kPrivilege, ShowKind::kPrivileges},
      {Keyword::kServers, ShowKind::kServers},
      {Keyword::kServer, ShowKind::kServers},
      {Keyword::kAliases, ShowKind::kAliases},
      {Keyword::kAlias, ShowKind::kAliases},
  };
  if (Take(Keyword::kCurrent, Keyword::kUser)) return ShowKind::kCurrentUser;
  for (const Keyword word : {Keyword::kDefault, Keyword::kHome}) {
    if (!Take(word, Keyword::kDatabase)) continue;
    show->filter = TextOf(word);
    return ShowKind::kDatabases;
  }
  for (const Word& word : kWords) {
    if (Take(word.keyword)) return word.kind;
  }
  Fail(
      "what is to be shown: INDEXES, CONSTRAINTS, FUNCTIONS, PROCEDURES, SETTINGS, TRANSACTIONS, "
      "DATABASES, USERS, CURRENT USER, ROLES or PRIVILEGES");
  return ShowKind::kIndexes;
}

// Names of settings, ids of transactions, the name of a database.
void RecursiveParser::ParseShowSubjects(ShowCommand* show) {
  const bool may_run = show->show == ShowKind::kFunctions || show->show == ShowKind::kProcedures;
  if (may_run && At(Keyword::kExecutable)) {
    ParseExecutable(show);
    return;
  }
  if (show->show == ShowKind::kUsers && Take(Keyword::kWith)) {
    Expect(Keyword::kAuth);
    show->filter = "WITH AUTH";
    return;
  }
  const bool has_subjects = show->show == ShowKind::kSettings ||
                            show->show == ShowKind::kTransactions ||
                            show->show == ShowKind::kDatabases;
  const bool is_word = At(TokenKind::kWord) && !At(Keyword::kYield) && !At(Keyword::kWhere) &&
                       !At(Keyword::kShow) && !At(Keyword::kTerminate) && !At(Keyword::kReturn);
  const bool is_subject =
      is_word || At(TokenKind::kString) || At(TokenKind::kParameter) || At(TokenKind::kQuotedName);
  if (has_subjects && is_subject) show->subjects = ParseExpressions();
}

void RecursiveParser::ParseExecutable(ShowCommand* show) {
  Expect(Keyword::kExecutable);
  show->executable = true;
  if (!Take(Keyword::kBy) || Take(Keyword::kCurrent, Keyword::kUser)) return;
  show->executable_by = ExpectName("CURRENT USER or the name of a user");
}

// YIELD ... WHERE ... RETURN ..., or WHERE alone.
void RecursiveParser::ParseShowTail(ShowCommand* show) {
  Yield& yield = show->yield;
  if (Take(Keyword::kYield)) {
    yield.present = true;
    yield.all = Take(TokenKind::kStar);
    if (!yield.all) yield.items = ParseYieldItems();
    yield.order = ParseOrder();
    ParsePage(&yield.skip, &yield.limit);
  }
  if (Take(Keyword::kWhere)) yield.where = ParseExpression();
  if (yield.present && Take(Keyword::kReturn)) {
    show->projection = arena()->New<Projection>(ParseProjection());
  }
}

}  // namespace tidemark::query
