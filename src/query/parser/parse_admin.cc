// SPDX-License-Identifier: Apache-2.0
// Commands: which one it is; users, roles, privileges and databases.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

// CREATE begins a clause too: then a pattern follows it.
bool RecursiveParser::AtCommand() {
  switch (Peek().keyword) {
    case Keyword::kShow:
    case Keyword::kDrop:
    case Keyword::kTerminate:
    case Keyword::kAlter:
    case Keyword::kRename:
    case Keyword::kGrant:
    case Keyword::kDeny:
    case Keyword::kRevoke:
    case Keyword::kStart:
    case Keyword::kStop:
      return true;
    case Keyword::kCreate:
      return Peek(1).kind == TokenKind::kWord && Peek(2).kind != TokenKind::kEqual &&
             Peek(1).keyword != Keyword::kShortestPath &&
             Peek(1).keyword != Keyword::kAllShortestPaths;
    default:
      Note({Keyword::kShow, Keyword::kDrop, Keyword::kTerminate, Keyword::kAlter, Keyword::kRename,
            Keyword::kGrant, Keyword::kDeny, Keyword::kRevoke});
      return false;
  }
}

Command* RecursiveParser::ParseCommand() {
  const uint32_t begin = Here();
  if (At(Keyword::kShow) || At(Keyword::kTerminate)) return ParseShow();
  if (Take(Keyword::kCreate)) return ParseCreateCommand(begin);
  if (Take(Keyword::kDrop)) return ParseDropCommand(begin);
  if (Take(Keyword::kAlter)) return ParseAlterCommand(begin);
  if (Take(Keyword::kRename)) return ParseRenameCommand(begin);
  if (At(Keyword::kStart) || At(Keyword::kStop)) return ParseStartOrStop(begin);
  return ParseGrantCommand(begin);
}

Command* RecursiveParser::ParseCreateCommand(uint32_t begin) {
  IfExists if_exists = IfExists::kFail;
  if (Take(Keyword::kOr)) {
    Expect(Keyword::kReplace);
    if_exists = IfExists::kReplace;
  }
  const bool is_index = At(Keyword::kIndex) || At(Keyword::kRange) || At(Keyword::kText) ||
                        At(Keyword::kPoint) || At(Keyword::kLookup) || At(Keyword::kFulltext) ||
                        At(Keyword::kVector);
  if (is_index) return ParseCreateIndex(begin, if_exists);
  if (At(Keyword::kConstraint)) return ParseCreateConstraint(begin, if_exists);
  if (Take(Keyword::kUser)) return ParseCreateUser(begin, if_exists);
  if (Take(Keyword::kRole)) return ParseCreateRole(begin, if_exists);
  Take(Keyword::kComposite);
  if (!Take(Keyword::kDatabase)) {
    Fail("a pattern such as (n:Label), or INDEX, CONSTRAINT, USER, ROLE or DATABASE");
  }
  DatabaseCommand* database = NewCommand<DatabaseCommand>();
  database->action = DatabaseAction::kCreate;
  database->database = ParseCatalogName("the name of a database");
  database->if_exists = TakeIfNotExists() ? IfExists::kSkip : if_exists;
  database->options = ParseOptions();
  ParseDatabaseTail(database);
  return Finish(database, begin);
}

Command* RecursiveParser::ParseDropCommand(uint32_t begin) {
  if (At(Keyword::kIndex)) return ParseDropIndex(begin);
  if (At(Keyword::kConstraint)) return ParseDropConstraint(begin);
  if (Take(Keyword::kUser)) {
    UserCommand* user = NewCommand<UserCommand>();
    user->action = UserAction::kDrop;
    user->user = ParseCatalogName("the name of a user");
    if (TakeIfExists()) user->if_exists = IfExists::kSkip;
    return Finish(user, begin);
  }
  if (Take(Keyword::kRole)) {
    RoleCommand* role = NewCommand<RoleCommand>();
    role->action = RoleAction::kDrop;
    role->roles = Keep(Items<CatalogName>{ParseCatalogName("the name of a role")});
    if (TakeIfExists()) role->if_exists = IfExists::kSkip;
    return Finish(role, begin);
  }
  Take(Keyword::kComposite);
  if (!Take(Keyword::kDatabase)) Fail("INDEX, CONSTRAINT, USER, ROLE or DATABASE");
  DatabaseCommand* database = NewCommand<DatabaseCommand>();
  database->action = DatabaseAction::kDrop;
  database->database = ParseCatalogName("the name of a database");
  if (TakeIfExists()) database->if_exists = IfExists::kSkip;
  database->dump = Take(Keyword::kDump, Keyword::kData);
  if (!database->dump) Take(Keyword::kDestroy, Keyword::kData);
  ParseDatabaseTail(database);
  return Finish(database, begin);
}

// WAIT, WAIT 10 SECONDS, NOWAIT
void RecursiveParser::ParseDatabaseTail(DatabaseCommand* database) {
  database->no_wait = Take(Keyword::kNowait);
  if (database->no_wait || !Take(Keyword::kWait)) return;
  database->wait = true;
  if (!At(TokenKind::kNumber)) return;
  database->wait_seconds = ParseNumber();
  if (!Take(Keyword::kSeconds) && !Take(Keyword::kSecond)) Take(Keyword::kSec);
}

Command* RecursiveParser::ParseStartOrStop(uint32_t begin) {
  DatabaseCommand* database = NewCommand<DatabaseCommand>();
  database->action = At(Keyword::kStart) ? DatabaseAction::kStart : DatabaseAction::kStop;
  Skip();
  Expect(Keyword::kDatabase);
  database->database = ParseCatalogName("the name of a database");
  ParseDatabaseTail(database);
  return Finish(database, begin);
}

Command* RecursiveParser::ParseAlterCommand(uint32_t begin) {
  if (Take(Keyword::kCurrent)) return ParseAlterCurrentUser(begin);
  if (Take(Keyword::kUser)) {
    UserCommand* user = NewCommand<UserCommand>();
    user->action = UserAction::kAlter;
    user->user = ParseCatalogName("the name of a user");
    if (TakeIfExists()) user->if_exists = IfExists::kSkip;
    ParseUserSettings(user);
    return Finish(user, begin);
  }
  if (!Take(Keyword::kDatabase)) Fail("USER, CURRENT USER or DATABASE");
  DatabaseCommand* database = NewCommand<DatabaseCommand>();
  database->action = DatabaseAction::kAlter;
  database->database = ParseCatalogName("the name of a database");
  if (TakeIfExists()) database->if_exists = IfExists::kSkip;
  Expect(Keyword::kSet);
  Expect(Keyword::kAccess);
  Expect(Keyword::kRead);
  const bool is_read_only = Take(Keyword::kOnly);
  if (!is_read_only) ExpectEither(Keyword::kWrite, Keyword::kOnly);
  database->access = is_read_only ? DatabaseAccess::kReadOnly : DatabaseAccess::kReadWrite;
  ParseDatabaseTail(database);
  return Finish(database, begin);
}

Command* RecursiveParser::ParseRenameCommand(uint32_t begin) {
  if (Take(Keyword::kUser)) {
    UserCommand* user = NewCommand<UserCommand>();
    user->action = UserAction::kRename;
    user->user = ParseCatalogName("the name of a user");
    if (TakeIfExists()) user->if_exists = IfExists::kSkip;
    Expect(Keyword::kTo);
    user->to = ParseCatalogName("the new name");
    return Finish(user, begin);
  }
  ExpectEither(Keyword::kRole, Keyword::kUser);
  RoleCommand* role = NewCommand<RoleCommand>();
  role->action = RoleAction::kRename;
  role->roles = Keep(Items<CatalogName>{ParseCatalogName("the name of a role")});
  if (TakeIfExists()) role->if_exists = IfExists::kSkip;
  Expect(Keyword::kTo);
  role->other = ParseCatalogName("the new name");
  return Finish(role, begin);
}

}  // namespace tidemark::query
