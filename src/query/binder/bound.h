// SPDX-License-Identifier: Apache-2.0
// The bound statement: all that the planner, the evaluation of expressions and EXPLAIN need,
// without the syntax tree. Plain structs in an arena. Names and strings lie in that arena; only
// error messages need the statement's text again, through `source`.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "query/binder/bound_expression.h"
#include "query/binder/bound_pattern.h"
#include "query/binder/procedure.h"

namespace tidemark::query::bound {

enum class VariableKind : uint8_t {
  kVertex,    // of a pattern
  kEdge,      // of a pattern
  kEdgeList,  // of a pattern: an edge with a length
  kPath,      // of a pattern
  kValue,     // computed: UNWIND, a projection, YIELD
  kLocal,     // lives inside of one expression
};

struct Variable {
  std::string_view name;  // empty: the statement gives it none
  VariableKind kind;
  CypherType type;
  Source source;  // where it is declared
};

enum class ClauseKind : uint8_t {
  kMatch,
  kUnwind,
  kProcedureCall,
  kShow,
  kSubquery,
  kCreate,
  kMerge,
  kSet,
  kDelete,
  kForeach,
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

// Neighbouring MATCH clauses are one; OPTIONAL MATCH stands alone: without a match of its whole
// graph the row stays, and its new variables are null.
struct Match : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kMatch;
  bool is_optional;
  const QueryGraph* graph;
};

// Null gives no row, another value than a list one.
struct Unwind : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kUnwind;
  const Expression* list;
  VariableId variable;
};

// An output of a procedure or of SHOW.
struct Output {
  uint32_t column;  // of the procedure's outputs, of the columns of SHOW
  VariableId variable;
};

struct ProcedureCall : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kProcedureCall;
  bool is_optional;
  const ProcedureSignature* procedure;
  Expressions arguments;  // one for each input, defaults filled in
  absl::Span<const Output> outputs;
  absl::Span<const Predicate> where;
};

enum class ShowWhat : uint8_t { kIndexes, kConstraints };

// The rows of SHOW: the first clause of its query. What follows as YIELD, WHERE and RETURN is the
// projections of that query.
struct Show : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kShow;
  ShowWhat show;
  std::string_view filter;  // "UNIQUE", "RANGE" ...; empty: all
  absl::Span<const Output> outputs;
};

// CALL { query }: for each row the query's rows beside it; without outputs the row stays once.
struct Subquery : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kSubquery;
  bool is_optional;
  bool is_unit;  // ends without RETURN: changes the graph and keeps the row
  const Query* query;
};

// Made one after the other.
struct Create : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kCreate;
  absl::Span<const NewElement> elements;
  absl::Span<const NewPath> paths;
};

enum class SetKind : uint8_t {
  kProperty,         // target.key = value; null takes it away
  kDynamicProperty,  // target[key_value] = value
  kReplace,          // target = value: all properties
  kAdd,              // target += value
  kLabels,           // target:A:B
  kRemoveProperty,
  kRemoveDynamicProperty,
  kRemoveLabels,
};

// One item of SET or REMOVE. A target that is null is left alone.
struct SetItem {
  SetKind kind;
  const Expression* target;     // gives a vertex or an edge
  Name key;                     // k[Remove]Property
  const Expression* key_value;  // k[Remove]DynamicProperty
  const Expression* value;
  absl::Span<const Name> labels;
  Source source;
};

// SET and REMOVE: item by item.
struct Set : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kSet;
  absl::Span<const SetItem> items;
};

// Matches `graph`, or makes all `elements`, of which those that are bound exist in both cases. The
// elements' properties are the predicates of the graph too; one that is null or NaN is an error.
struct Merge : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kMerge;
  const QueryGraph* graph;
  absl::Span<const NewElement> elements;
  absl::Span<const NewPath> paths;  // at most one
  absl::Span<const SetItem> on_create;
  absl::Span<const SetItem> on_match;
};

struct Delete : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kDelete;
  bool is_detach;
  Expressions targets;  // each gives a vertex, an edge, a path or null
};

// Null runs nothing, another value than a list once.
struct Foreach : Clause {
  static constexpr ClauseKind kKind = ClauseKind::kForeach;
  VariableId variable;
  const Expression* list;
  absl::Span<const Clause* const> updates;
};

struct Projected {
  VariableId variable;
  const Expression* expression;
  Source source;
};

// An aggregate of a projection: `variable` is its result.
struct Aggregate {
  VariableId variable;
  const FunctionSignature* function;
  bool is_distinct;
  Expressions arguments;  // none: count(*)
  Source source;
};

struct SortKey {
  const Expression* expression;
  bool is_descending;
};

// WITH and RETURN, computed in this order: the keys and the aggregates, when it aggregates; the
// items, over the variables before or, when it aggregates, over those of keys and aggregates;
// DISTINCT; ORDER BY, SKIP, LIMIT and WHERE, over the same variables and those of the items, when
// it is DISTINCT over those alone. What comes behind sees the variables of the items alone.
struct Projection {
  bool is_distinct;
  bool is_aggregating;  // without keys it gives one row for no input
  absl::Span<const Projected> keys;
  absl::Span<const Aggregate> aggregates;
  // An item that is a variable as it stands keeps its number.
  absl::Span<const Projected> items;
  absl::Span<const SortKey> order;
  const Expression* skip;   // nullptr: none. Constant
  const Expression* limit;  // nullptr: none. Constant
  absl::Span<const Predicate> where;
  Source source;
};

// Clauses up to a WITH or RETURN, or to the end of the query.
struct Part {
  absl::Span<const Clause* const> clauses;
  // nullptr: the query ends without RETURN. What it gives, if anything, are the outputs of a CALL
  // that is all of the query.
  const Projection* projection;
};

struct SingleQuery {
  absl::Span<const VariableId> arguments;  // from the query around it; ascending
  absl::Span<const Part> parts;            // one or more
  absl::Span<const VariableId> outputs;  // for each column of the query the variable that holds it
  bool writes;
};

struct Column {
  std::string_view name;
  VariableId variable;
};

// Single queries joined by UNION. Of one without UNION the columns are its outputs.
struct Query {
  absl::Span<const SingleQuery* const> branches;
  bool is_union_all;  // else rows that are equal are one
  absl::Span<const Column> columns;
  bool writes;
};

// $name
struct ParameterUse {
  std::string_view name;
  Source source;  // of its first use
};

enum class CommandKind : uint8_t {
  kCreateIndex,
  kDropIndex,
  kCreateConstraint,
  kDropConstraint,
};

enum class CommandIndexKind : uint8_t { kRange, kText, kPoint, kLookup, kFulltext, kVector };
enum class CommandConstraintKind : uint8_t { kUnique, kNotNull, kKey, kType };

// A command of the schema; it is the whole statement.
struct Command {
  CommandKind kind;
  std::string_view name;  // empty: see `name_parameter`; neither: it gets one
  ParameterId name_parameter;
  bool has_name_parameter;
  bool if_exists;  // IF EXISTS, IF NOT EXISTS: no error then
  CommandIndexKind index;
  CommandConstraintKind constraint;
  bool on_edges;
  absl::Span<const Name> labels;  // or types
  absl::Span<const Name> keys;
  const TypeTest* type;       // kType
  const Expression* options;  // nullptr: none
  Source source;
};

enum class StatementKind : uint8_t { kRead, kWrite, kReadWrite, kSchema };
enum class StatementMode : uint8_t { kRun, kExplain, kProfile };

struct UnresolvedName {
  graph::NameKind kind;
  std::string_view text;
};

enum class NotificationKind : uint8_t {
  kUnknownLabel,
  kUnknownType,
  kUnknownKey,
  kIgnoredOption,
  kIgnoredHint,
};

// What a user may want to know of a statement that is right.
struct Notification {
  NotificationKind kind;
  std::string_view name;
  Source source;
};

// Exactly one of query and command is set.
struct Statement {
  std::string_view text;  // that all sources are slices of; the caller keeps it
  StatementMode mode;
  StatementKind kind;
  absl::Span<const Variable> variables;       // by VariableId
  absl::Span<const ParameterUse> parameters;  // by ParameterId
  // Names that the catalog did not know: a plan of this statement is old when one of them appears.
  absl::Span<const UnresolvedName> unresolved;
  absl::Span<const Notification> notifications;
  const Query* query;
  const Command* command;
};

}  // namespace tidemark::query::bound
