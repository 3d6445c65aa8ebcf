// SPDX-License-Identifier: Apache-2.0
// Clauses and queries of the syntax tree, and the statement at its root.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "query/parser/ast_command.h"
#include "query/parser/ast_expression.h"
#include "query/parser/ast_pattern.h"

namespace tidemark::query {

enum class ClauseKind : uint8_t {
  kMatch,
  kUnwind,
  kWith,
  kReturn,
  kFinish,
  kCreate,
  kMerge,
  kSet,
  kRemove,
  kDelete,
  kForeach,
  kCall,
  kSubquery,
  kLoadCsv,
  kUse,
};

struct Clause {
  ClauseKind kind;
  Source source;
};

template <typename T>
const T& As(const Clause& clause) {
  DCHECK(clause.kind == T::kKind);
  return static_cast<const T&>(clause);
}

struct MatchClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kMatch;
  bool optional;
  MatchBlock match;
};

struct UnwindClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kUnwind;
  Expression* list;
  Name variable;
};

struct WithClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kWith;
  Projection projection;
  Expression* where;  // nullptr: none
};

struct ReturnClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kReturn;
  Projection projection;
};

struct FinishClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kFinish;
};

struct CreateClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kCreate;
  absl::Span<PathPattern* const> paths;
};

enum class SetKind : uint8_t {
  kProperty,  // target is a PropertyAccess or an IndexAccess: n.x = value, n['x'] = value
  kReplace,   // n = value
  kAdd,       // n += value
  kLabels,    // n:A:B, n IS A
};

struct SetItem {
  SetKind kind;
  Expression* target;
  Expression* value;        // nullptr for kLabels
  LabelExpression* labels;  // kLabels: a kName, kDynamic or kAnd of them
  Source source;
};

struct SetClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kSet;
  absl::Span<const SetItem> items;
};

// Its items are of kProperty (without value) and kLabels.
struct RemoveClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kRemove;
  absl::Span<const SetItem> items;
};

struct MergeAction {
  bool on_create;  // else ON MATCH
  absl::Span<const SetItem> items;
};

struct MergeClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kMerge;
  PathPattern* path;
  absl::Span<const MergeAction> actions;
};

struct DeleteClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kDelete;
  bool detach;
  Expressions targets;
};

struct ForeachClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kForeach;
  Name variable;
  Expression* list;
  absl::Span<Clause* const> updates;
};

// CALL name(arguments) YIELD field AS name, ... WHERE condition
struct CallClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kCall;
  bool optional;
  Name procedure;      // with its namespaces
  bool has_arguments;  // there are parentheses
  Expressions arguments;
  Yield yield;
};

enum class OnError : uint8_t { kFail, kBreak, kContinue };

// IN CONCURRENT TRANSACTIONS OF size ROWS ON ERROR CONTINUE REPORT STATUS AS variable
struct InTransactions {
  bool concurrent;
  Expression* concurrency;  // nullptr: as the server likes
  Expression* size;         // nullptr: 1000
  OnError on_error;
  Name status;  // empty: no report
  Source source;
};

// CALL (imports) { query }
struct SubqueryClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kSubquery;
  bool optional;
  bool has_scope;    // there are parentheses; else the query may begin with an importing WITH
  bool imports_all;  // (*)
  absl::Span<const Name> imports;
  Query* query;
  InTransactions* transactions;  // nullptr: none
};

struct LoadCsvClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kLoadCsv;
  bool with_headers;
  Expression* url;
  Name variable;
  Expression* field_terminator;  // nullptr: the comma
};

// USE graph, USE graph.byName(expression)
struct UseClause : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kUse;
  Expression* graph;  // a name, a property access of names, or a function call
};

struct SingleQuery {
  absl::Span<Clause* const> clauses;
  Source source;
};

// Queries joined by UNION or by UNION ALL, never by both.
struct Query {
  absl::Span<SingleQuery* const> parts;
  bool union_all;
  Source source;
};

enum class StatementMode : uint8_t { kRun, kExplain, kProfile };

// CYPHER 5 runtime=slotted: read, and ignored with a notification.
struct StatementOption {
  Name key;
  std::string_view value;
};

// The root. Exactly one of query and command is set.
struct Statement {
  std::string_view text;  // that all sources are slices of; the caller keeps it
  StatementMode mode = StatementMode::kRun;
  std::string_view version;  // of CYPHER 5; empty: none
  absl::Span<const StatementOption> options;
  Query* query = nullptr;
  Command* command = nullptr;
};

}  // namespace tidemark::query
