// SPDX-License-Identifier: Apache-2.0
// Users, roles and privileges.
#include "query/parser/recursive_parser.h"

namespace tidemark::query {

Command* RecursiveParser::ParseCreateUser(uint32_t begin, IfExists if_exists) {
  UserCommand* user = NewCommand<UserCommand>();
  user->action = UserAction::kCreate;
  user->user = ParseCatalogName("the name of a user");
  user->if_exists = TakeIfNotExists() ? IfExists::kSkip : if_exists;
  ParseUserSettings(user);
  return Finish(user, begin);
}

// SET ... SET ... REMOVE HOME DATABASE
void RecursiveParser::ParseUserSettings(UserCommand* user) {
  bool has_any = false;
  while (true) {
    if (Take(Keyword::kSet)) {
      ParseUserSetting(user);
    } else if (Take(Keyword::kRemove)) {
      Expect(Keyword::kHome);
      Expect(Keyword::kDatabase);
      user->remove_home_database = true;
    } else {
      break;
    }
    has_any = true;
  }
  if (!has_any) Fail("SET PASSWORD, SET STATUS or SET HOME DATABASE");
}

void RecursiveParser::ParseUserSetting(UserCommand* user) {
  if (Take(Keyword::kStatus)) {
    const bool is_active = Take(Keyword::kActive);
    if (!is_active) ExpectEither(Keyword::kSuspended, Keyword::kActive);
    user->status = is_active ? UserStatus::kActive : UserStatus::kSuspended;
  } else if (Take(Keyword::kHome)) {
    Expect(Keyword::kDatabase);
    user->home_database = ParseCatalogName("the name of a database");
  } else {
    user->encrypted = Take(Keyword::kEncrypted);
    if (!user->encrypted) Take(Keyword::kPlaintext);
    if (!Take(Keyword::kPassword)) Fail("PASSWORD, STATUS or HOME DATABASE");
    if (!At(Keyword::kChange)) user->password = ParsePassword();
    ParsePasswordTail(user);
  }
}

// CHANGE REQUIRED, CHANGE NOT REQUIRED
void RecursiveParser::ParsePasswordTail(UserCommand* user) {
  if (!Take(Keyword::kChange)) return;
  user->change = Take(Keyword::kNot) ? PasswordChange::kNotRequired : PasswordChange::kRequired;
  Expect(Keyword::kRequired);
}

Expression* RecursiveParser::ParsePassword() {
  if (At(TokenKind::kParameter)) return ParseParameter();
  if (!At(TokenKind::kString)) Fail("a password in quotes, or a parameter");
  return ParseString();
}

Command* RecursiveParser::ParseAlterCurrentUser(uint32_t begin) {
  UserCommand* user = NewCommand<UserCommand>();
  user->action = UserAction::kAlterCurrent;
  Expect(Keyword::kUser);
  Expect(Keyword::kSet);
  Expect(Keyword::kPassword);
  Expect(Keyword::kFrom);
  user->old_password = ParsePassword();
  Expect(Keyword::kTo);
  user->password = ParsePassword();
  return Finish(user, begin);
}

Command* RecursiveParser::ParseCreateRole(uint32_t begin, IfExists if_exists) {
  RoleCommand* role = NewCommand<RoleCommand>();
  role->action = RoleAction::kCreate;
  role->roles = Keep(Items<CatalogName>{ParseCatalogName("the name of a role")});
  role->if_exists = TakeIfNotExists() ? IfExists::kSkip : if_exists;
  if (Take(Keyword::kAs)) {
    Expect(Keyword::kCopy);
    Expect(Keyword::kOf);
    role->other = ParseCatalogName("the name of a role");
  }
  return Finish(role, begin);
}

// GRANT, DENY, REVOKE, REVOKE GRANT, REVOKE DENY
Command* RecursiveParser::ParseGrantCommand(uint32_t begin) {
  PrivilegeAction action = PrivilegeAction::kGrant;
  if (Take(Keyword::kDeny)) {
    action = PrivilegeAction::kDeny;
  } else if (Take(Keyword::kRevoke)) {
    action = Take(Keyword::kGrant)  ? PrivilegeAction::kRevokeGrant
             : Take(Keyword::kDeny) ? PrivilegeAction::kRevokeDeny
                                    : PrivilegeAction::kRevoke;
  } else {
    Expect(Keyword::kGrant);
  }
  const bool is_role =
      (At(Keyword::kRole) || At(Keyword::kRoles)) && Peek(1).keyword != Keyword::kManagement;
  if (!is_role) return ParsePrivilege(begin, action);
  Skip();
  const bool is_grant = action == PrivilegeAction::kGrant;
  RoleCommand* role = NewCommand<RoleCommand>();
  role->action = is_grant ? RoleAction::kGrant : RoleAction::kRevoke;
  role->roles = ParseCatalogNames("the name of a role");
  Expect(is_grant ? Keyword::kTo : Keyword::kFrom);
  role->users = ParseCatalogNames("the name of a user");
  return Finish(role, begin);
}

// All up to the last TO or FROM is the privilege.
Command* RecursiveParser::ParsePrivilege(uint32_t begin, PrivilegeAction action) {
  PrivilegeCommand* privilege = NewCommand<PrivilegeCommand>();
  privilege->action = action;
  privilege->immutable = Take(Keyword::kImmutable);
  const uint32_t first = Here();
  const bool is_given = action == PrivilegeAction::kGrant || action == PrivilegeAction::kDeny;
  const Keyword stop = is_given ? Keyword::kTo : Keyword::kFrom;
  while (!At(stop) && !AtEnd() && !At(TokenKind::kInvalid) && !At(TokenKind::kSemicolon)) Skip();
  privilege->privilege = Since(first);
  if (privilege->privilege.length == 0) Fail("a privilege, such as TRAVERSE ON GRAPH *");
  Expect(stop);
  privilege->roles = ParseCatalogNames("the name of a role");
  return Finish(privilege, begin);
}

absl::Span<const CatalogName> RecursiveParser::ParseCatalogNames(std::string_view what) {
  Items<CatalogName> names;
  do {
    names.push_back(ParseCatalogName(what));
  } while (Take(TokenKind::kComma));
  return Keep(names);
}

}  // namespace tidemark::query
