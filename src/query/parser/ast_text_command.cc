// SPDX-License-Identifier: Apache-2.0
// The text of commands.
#include "query/parser/ast_printer.h"
#include "query/parser/ast_text.h"

namespace tidemark::query {

void AstPrinter::PrintCommand(const Command& command) {
  switch (command.kind) {
    case CommandKind::kCreateIndex:
      PrintCreateIndex(As<CreateIndexCommand>(command));
      break;
    case CommandKind::kDropIndex:
      Put("DROP INDEX ");
      PrintCatalogName(As<DropIndexCommand>(command).name);
      if (As<DropIndexCommand>(command).if_exists) Put(" IF EXISTS");
      break;
    case CommandKind::kCreateConstraint:
      PrintCreateConstraint(As<CreateConstraintCommand>(command));
      break;
    case CommandKind::kDropConstraint:
      Put("DROP CONSTRAINT ");
      PrintCatalogName(As<DropConstraintCommand>(command).name);
      if (As<DropConstraintCommand>(command).if_exists) Put(" IF EXISTS");
      break;
    case CommandKind::kShow:
      PrintShow(As<ShowCommand>(command));
      break;
    case CommandKind::kUser:
      PrintUser(As<UserCommand>(command));
      break;
    case CommandKind::kRole:
      PrintRole(As<RoleCommand>(command));
      break;
    case CommandKind::kPrivilege:
      PrintPrivilege(As<PrivilegeCommand>(command));
      break;
    case CommandKind::kDatabase:
      PrintDatabase(As<DatabaseCommand>(command));
      break;
  }
}

void AstPrinter::PrintCatalogName(const CatalogName& name) {
  if (name.parameter.empty()) {
    // In backticks where it could be a keyword of the command around.
    if (name.name.text.find('.') == std::string_view::npos) {
      PutVariable(name.name);
    } else {
      PutDotted(name.name);
    }
    return;
  }
  const Parameter parameter{{ExpressionKind::kParameter, {}}, name.parameter};
  PrintExpression(parameter);
}

void AstPrinter::PrintCatalogNames(absl::Span<const CatalogName> names) {
  PutList(names, [&](const CatalogName& name) { PrintCatalogName(name); });
}

void AstPrinter::PrintIfNotExists(IfExists if_exists) {
  if (if_exists == IfExists::kSkip) Put(" IF NOT EXISTS");
}

// The variable of the pattern is not kept: it has no meaning elsewhere.
void AstPrinter::PrintSchemaTarget(bool on_edges, absl::Span<const Name> labels) {
  Put(on_edges ? " FOR ()-[x" : " FOR (x");
  bool first = true;
  for (const Name& label : labels) {
    Put(first ? ":" : "|");
    first = false;
    PutName(label);
  }
  Put(on_edges ? "]-()" : ")");
}

void AstPrinter::PrintSchemaProperties(absl::Span<const Name> properties,
                                       std::string_view brackets) {
  Put(brackets.substr(0, 1));
  PutList(properties, [&](const Name& property) {
    Put("x.");
    PutName(property);
  });
  Put(brackets.substr(1));
}

void AstPrinter::PrintCreateIndex(const CreateIndexCommand& command) {
  static constexpr std::string_view kKinds[] = {"RANGE",  "TEXT",     "POINT",
                                                "LOOKUP", "FULLTEXT", "VECTOR"};
  Put(command.if_exists == IfExists::kReplace ? "CREATE OR REPLACE " : "CREATE ");
  Put(kKinds[static_cast<size_t>(command.index)]);
  Put(" INDEX");
  if (!command.name.empty()) {
    Put(" ");
    PrintCatalogName(command.name);
  }
  PrintIfNotExists(command.if_exists);
  PrintSchemaTarget(command.on_edges, command.labels);
  if (command.index == IndexKind::kLookup) {
    Put(command.on_edges ? " ON EACH type(x)" : " ON EACH labels(x)");
  } else if (command.index == IndexKind::kFulltext) {
    Put(" ON EACH ");
    PrintSchemaProperties(command.properties, "[]");
  } else {
    Put(" ON ");
    PrintSchemaProperties(command.properties, "()");
  }
  PutPart("OPTIONS", command.options);
}

void AstPrinter::PrintCreateConstraint(const CreateConstraintCommand& command) {
  Put(command.if_exists == IfExists::kReplace ? "CREATE OR REPLACE CONSTRAINT"
                                              : "CREATE CONSTRAINT");
  if (!command.name.empty()) {
    Put(" ");
    PrintCatalogName(command.name);
  }
  PrintIfNotExists(command.if_exists);
  PrintSchemaTarget(command.on_edges, {&command.label, 1});
  Put(" REQUIRE ");
  PrintSchemaProperties(command.properties, "()");
  PrintRequirement(command);
  PutPart("OPTIONS", command.options);
}

void AstPrinter::PrintRequirement(const CreateConstraintCommand& command) {
  switch (command.constraint) {
    case ConstraintKind::kUnique:
      Put(" IS UNIQUE");
      break;
    case ConstraintKind::kNotNull:
      Put(" IS NOT NULL");
      break;
    case ConstraintKind::kKey:
      Put(command.on_edges ? " IS RELATIONSHIP KEY" : " IS NODE KEY");
      break;
    case ConstraintKind::kType:
      Put(" IS :: ");
      PrintType(*command.type);
      break;
  }
}

void AstPrinter::PrintShow(const ShowCommand& show) {
  static constexpr std::string_view kKinds[] = {
      "INDEXES", "CONSTRAINTS", "FUNCTIONS", "PROCEDURES",   "SETTINGS", "TRANSACTIONS",
      "",        "DATABASES",   "USERS",     "CURRENT USER", "ROLES",    "PRIVILEGES",
      "SERVERS", "ALIASES"};
  if (show.show == ShowKind::kTerminateTransactions) {
    Put("TERMINATE TRANSACTIONS");
  } else if (show.show == ShowKind::kUsers && !show.filter.empty()) {
    Put("SHOW USERS ");
    Put(show.filter);
  } else {
    const bool is_one_database =
        show.show == ShowKind::kDatabases && (!show.filter.empty() || !show.subjects.empty());
    Put("SHOW ");
    Put(show.filter);
    if (!show.filter.empty()) Put(" ");
    Put(is_one_database ? "DATABASE" : kKinds[static_cast<size_t>(show.show)]);
  }
  if (!show.subjects.empty()) {
    Put(" ");
    PutExpressions(show.subjects);
  }
  if (show.executable) Put(" EXECUTABLE");
  if (!show.executable_by.empty()) {
    Put(" BY ");
    PutVariable(show.executable_by);
  }
  PrintShowTail(show);
  if (show.next == nullptr) return;
  Put(" ");
  PrintShow(*show.next);
}

void AstPrinter::PrintShowTail(const ShowCommand& show) {
  if (show.yield.present) {
    Put(show.yield.all ? " YIELD *" : " YIELD ");
    PrintYieldItems(show.yield.items);
    PrintOrder(show.yield.order);
    PrintPage(show.yield.skip, show.yield.limit);
  }
  PutPart("WHERE", show.yield.where);
  if (show.projection == nullptr) return;
  Put(" RETURN ");
  PrintProjection(*show.projection);
}

void AstPrinter::PrintUser(const UserCommand& user) {
  switch (user.action) {
    case UserAction::kCreate:
      Put(user.if_exists == IfExists::kReplace ? "CREATE OR REPLACE USER " : "CREATE USER ");
      PrintCatalogName(user.user);
      PrintIfNotExists(user.if_exists);
      PrintUserSettings(user);
      return;
    case UserAction::kAlterCurrent:
      Put("ALTER CURRENT USER SET PASSWORD");
      PutPart("FROM", user.old_password);
      PutPart("TO", user.password);
      return;
    case UserAction::kAlter:
      Put("ALTER USER ");
      break;
    case UserAction::kRename:
      Put("RENAME USER ");
      break;
    case UserAction::kDrop:
      Put("DROP USER ");
      break;
  }
  PrintCatalogName(user.user);
  if (user.if_exists == IfExists::kSkip) Put(" IF EXISTS");
  if (user.action == UserAction::kAlter) PrintUserSettings(user);
  if (user.action != UserAction::kRename) return;
  Put(" TO ");
  PrintCatalogName(user.to);
}

void AstPrinter::PrintUserSettings(const UserCommand& user) {
  const bool has_change = user.change != PasswordChange::kUnchanged;
  if (user.password != nullptr || has_change) {
    Put(user.encrypted ? " SET ENCRYPTED PASSWORD" : " SET PASSWORD");
    if (user.password != nullptr) {
      Put(" ");
      PrintExpression(*user.password);
    }
    if (has_change) {
      Put(user.change == PasswordChange::kRequired ? " CHANGE REQUIRED" : " CHANGE NOT REQUIRED");
    }
  }
  if (user.status != UserStatus::kUnchanged) {
    Put(user.status == UserStatus::kActive ? " SET STATUS ACTIVE" : " SET STATUS SUSPENDED");
  }
  if (!user.home_database.empty()) {
    Put(" SET HOME DATABASE ");
    PrintCatalogName(user.home_database);
  }
  if (user.remove_home_database) Put(" REMOVE HOME DATABASE");
}

void AstPrinter::PrintRole(const RoleCommand& role) {
  static constexpr std::string_view kStarts[] = {"CREATE ROLE ", "RENAME ROLE ", "DROP ROLE ",
                                                 "GRANT ROLE ", "REVOKE ROLE "};
  if (role.if_exists == IfExists::kReplace) {
    Put("CREATE OR REPLACE ROLE ");
  } else {
    Put(kStarts[static_cast<size_t>(role.action)]);
  }
  PrintCatalogNames(role.roles);
  if (role.action == RoleAction::kGrant || role.action == RoleAction::kRevoke) {
    Put(role.action == RoleAction::kGrant ? " TO " : " FROM ");
    PrintCatalogNames(role.users);
    return;
  }
  if (role.action == RoleAction::kCreate) {
    PrintIfNotExists(role.if_exists);
  } else if (role.if_exists == IfExists::kSkip) {
    Put(" IF EXISTS");
  }
  if (role.other.empty()) return;
  Put(role.action == RoleAction::kCreate ? " AS COPY OF " : " TO ");
  PrintCatalogName(role.other);
}

void AstPrinter::PrintPrivilege(const PrivilegeCommand& privilege) {
  static constexpr std::string_view kStarts[] = {"GRANT ", "DENY ", "REVOKE ", "REVOKE GRANT ",
                                                 "REVOKE DENY "};
  const bool is_given =
      privilege.action == PrivilegeAction::kGrant || privilege.action == PrivilegeAction::kDeny;
  Put(kStarts[static_cast<size_t>(privilege.action)]);
  if (privilege.immutable) Put("IMMUTABLE ");
  Put(privilege.privilege.Of(text_));
  Put(is_given ? " TO " : " FROM ");
  PrintCatalogNames(privilege.roles);
}

void AstPrinter::PrintDatabase(const DatabaseCommand& database) {
  static constexpr std::string_view kStarts[] = {
      "CREATE DATABASE ", "ALTER DATABASE ", "DROP DATABASE ", "START DATABASE ", "STOP DATABASE "};
  if (database.if_exists == IfExists::kReplace) {
    Put("CREATE OR REPLACE DATABASE ");
  } else {
    Put(kStarts[static_cast<size_t>(database.action)]);
  }
  PrintCatalogName(database.database);
  if (database.action == DatabaseAction::kCreate) {
    PrintIfNotExists(database.if_exists);
  } else if (database.if_exists == IfExists::kSkip) {
    Put(" IF EXISTS");
  }
  PutPart("OPTIONS", database.options);
  if (database.access == DatabaseAccess::kReadOnly) Put(" SET ACCESS READ ONLY");
  if (database.access == DatabaseAccess::kReadWrite) Put(" SET ACCESS READ WRITE");
  if (database.dump) Put(" DUMP DATA");
  if (database.no_wait) Put(" NOWAIT");
  if (database.wait) Put(" WAIT");
  if (database.wait_seconds == nullptr) return;
  Put(" ");
  PrintExpression(*database.wait_seconds);
  Put(" SECONDS");
}

}  // namespace tidemark::query
