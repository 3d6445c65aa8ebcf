// SPDX-License-Identifier: Apache-2.0
// Commands of the syntax tree (schema, SHOW, administration) and the projections that they share
// with clauses.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "query/parser/ast_expression.h"

namespace tidemark::query {

struct ProjectionItem {
  Expression* expression;
  Name alias;     // empty: the column is named by `source`
  Source source;  // of the expression as it is written
};

struct SortItem {
  Expression* expression;
  bool descending;
};

// DISTINCT *, items ORDER BY order SKIP skip LIMIT limit
struct Projection {
  bool distinct;
  bool all;  // *
  absl::Span<const ProjectionItem> items;
  absl::Span<const SortItem> order;
  Expression* skip;   // nullptr: none
  Expression* limit;  // nullptr: none
};

struct YieldItem {
  Name field;
  Name alias;  // empty: the field's name
};

// YIELD *, items ORDER BY ... WHERE where
struct Yield {
  bool present;
  bool all;
  absl::Span<const YieldItem> items;
  absl::Span<const SortItem> order;  // SHOW only
  Expression* skip;                  // SHOW only
  Expression* limit;                 // SHOW only
  Expression* where;                 // of SHOW also without YIELD
};

enum class CommandKind : uint8_t {
  kCreateIndex,
  kDropIndex,
  kCreateConstraint,
  kDropConstraint,
  kShow,
  kUser,
  kRole,
  kPrivilege,
  kDatabase,
};

struct Command {
  CommandKind kind;
  Source source;
};

template <typename T>
const T& As(const Command& command) {
  DCHECK(command.kind == T::kKind);
  return static_cast<const T&>(command);
}

// A name of something in the catalog: written down, or in a parameter.
struct CatalogName {
  Name name;
  std::string_view parameter;  // empty: it is `name`

  bool empty() const { return name.empty() && parameter.empty(); }
};

enum class IndexKind : uint8_t { kRange, kText, kPoint, kLookup, kFulltext, kVector };

enum class IfExists : uint8_t { kFail, kSkip, kReplace };

// CREATE kind INDEX name IF NOT EXISTS FOR (variable:labels) ON (variable.property, ...) OPTIONS
// map
struct CreateIndexCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kCreateIndex;
  IndexKind index;
  CatalogName name;  // empty: it gets one
  IfExists if_exists;
  bool on_edges;                      // FOR ()-[variable:types]-()
  absl::Span<const Name> labels;      // none for kLookup
  absl::Span<const Name> properties;  // none for kLookup
  Expression* options;                // nullptr: none
};

// DROP INDEX name IF EXISTS
struct DropIndexCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kDropIndex;
  CatalogName name;
  bool if_exists;
};

enum class ConstraintKind : uint8_t { kUnique, kNotNull, kKey, kType };

// CREATE CONSTRAINT name IF NOT EXISTS FOR (variable:label) REQUIRE properties IS kind OPTIONS map
struct CreateConstraintCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kCreateConstraint;
  ConstraintKind constraint;
  CatalogName name;  // empty: it gets one
  IfExists if_exists;
  bool on_edges;
  Name label;
  absl::Span<const Name> properties;
  TypeName* type;       // kType
  Expression* options;  // nullptr: none
};

struct DropConstraintCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kDropConstraint;
  CatalogName name;
  bool if_exists;
};

enum class ShowKind : uint8_t {
  kIndexes,
  kConstraints,
  kFunctions,
  kProcedures,
  kSettings,
  kTransactions,
  kTerminateTransactions,
  kDatabases,
  kUsers,
  kCurrentUser,
  kRoles,
  kPrivileges,
  kServers,
  kAliases,
};

// SHOW filter kind subjects YIELD ... RETURN ..., and TERMINATE TRANSACTIONS likewise.
struct ShowCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kShow;
  ShowKind show;
  std::string_view filter;  // canonical words before the kind: "UNIQUE", "BUILT IN"; empty: all
  Expressions subjects;     // names of settings, ids of transactions, a database ...
  bool executable;          // EXECUTABLE, of functions and procedures
  Name executable_by;       // EXECUTABLE BY name; empty: the current user
  Yield yield;
  Projection* projection;  // RETURN; nullptr: none
  ShowCommand* next;       // what follows and sees the rows; nullptr: none
};

enum class UserAction : uint8_t { kCreate, kAlter, kAlterCurrent, kRename, kDrop };

enum class UserStatus : uint8_t { kUnchanged, kActive, kSuspended };

enum class PasswordChange : uint8_t { kUnchanged, kRequired, kNotRequired };

struct UserCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kUser;
  UserAction action;
  CatalogName user;          // empty for kAlterCurrent
  CatalogName to;            // kRename
  IfExists if_exists;        // kSkip: IF NOT EXISTS of kCreate, IF EXISTS of the others
  Expression* old_password;  // kAlterCurrent
  Expression* password;      // a string or a parameter; nullptr: unchanged
  bool encrypted;
  PasswordChange change;
  UserStatus status;
  CatalogName home_database;  // empty: unchanged
  bool remove_home_database;
};

enum class RoleAction : uint8_t { kCreate, kRename, kDrop, kGrant, kRevoke };

// kGrant and kRevoke: `roles` to or from `users`; the others have one role.
struct RoleCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kRole;
  RoleAction action;
  absl::Span<const CatalogName> roles;
  absl::Span<const CatalogName> users;
  CatalogName other;  // kCreate: AS COPY OF; kRename: TO
  IfExists if_exists;
};

enum class PrivilegeAction : uint8_t { kGrant, kDeny, kRevoke, kRevokeGrant, kRevokeDeny };

// GRANT words TO roles: the words between are kept as they are written.
struct PrivilegeCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kPrivilege;
  PrivilegeAction action;
  bool immutable;
  Source privilege;
  absl::Span<const CatalogName> roles;
};

enum class DatabaseAction : uint8_t { kCreate, kAlter, kDrop, kStart, kStop };

enum class DatabaseAccess : uint8_t { kUnchanged, kReadOnly, kReadWrite };

struct DatabaseCommand : Command {
  static constexpr CommandKind kKind = CommandKind::kDatabase;
  DatabaseAction action;
  CatalogName database;
  IfExists if_exists;
  DatabaseAccess access;  // kAlter
  Expression* options;    // nullptr: none
  bool dump;              // kDrop: DUMP DATA
  bool no_wait;
  bool wait;
  Expression* wait_seconds;  // of WAIT; nullptr: as long as it takes
};

}  // namespace tidemark::query
