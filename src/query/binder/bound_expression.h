// SPDX-License-Identifier: Apache-2.0
// Bound expressions: names are resolved, types are inferred, what the language allows to write in
// several ways is written in one. A node is a plain struct in the arena of its statement; its kind
// says which struct it is, and As<T>(node) is that struct. `source` is for errors alone.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "base/check.h"
#include "graph/name_kind.h"
#include "query/functions/cypher_type.h"
#include "query/functions/signature.h"
#include "query/text/position.h"

namespace tidemark::query::bound {

struct QueryGraph;
struct Query;

// A variable of the statement: an index into Statement::variables. No number is used twice: what
// hides a name, and what a projection computes, has a number of its own.
using VariableId = uint32_t;
inline constexpr VariableId kNoVariable = ~VariableId{0};

// A parameter of the statement: an index into Statement::parameters.
using ParameterId = uint32_t;

// A label, an edge type or a property key. Id 0: the catalog had no such name when the statement
// was bound; then the name is in Statement::unresolved.
struct Name {
  std::string_view text;
  uint32_t id = 0;
};

enum class ExpressionKind : uint8_t {
  kNull,
  kBoolean,
  kInteger,
  kFloat,
  kString,
  kParameter,
  kVariable,
  kList,
  kMap,
  kProperty,
  kIndex,
  kSlice,
  kLogic,
  kNot,
  kSign,
  kOperation,
  kComparison,
  kIsNull,
  kIsTyped,
  kIsNormalized,
  kHasLabels,
  kCall,
  kCase,
  kListComprehension,
  kListPredicate,
  kReduce,
  kMapProjection,
  kSubplan,
};

struct Expression {
  ExpressionKind kind;
  // Evaluation may fail for some row (an element that was deleted before does not count). Such an
  // expression never moves before its left neighbours, below a join or below an expansion.
  bool may_raise;
  // Gives another value at each evaluation, as rand() does: never folded, never moved.
  bool is_volatile;
  // Uses no variable and is not volatile: one value for the whole statement.
  bool is_constant;
  // Something in it is a Subplan.
  bool has_subplan;
  // The lowest number of the variables in it, those that it declares too; kNoVariable: none.
  VariableId lowest_variable;
  CypherType type;
  Source source;
};

using Expressions = absl::Span<const Expression* const>;

template <typename T>
const T& As(const Expression& expression) {
  DCHECK(expression.kind == T::kKind);
  return static_cast<const T&>(expression);
}

struct NullLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kNull;
};

struct BooleanLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kBoolean;
  bool value;
};

struct IntegerLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kInteger;
  int64_t value;
};

struct FloatLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kFloat;
  double value;
};

struct StringLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kString;
  std::string_view value;
};

struct ParameterReference : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kParameter;
  ParameterId parameter;
};

struct VariableReference : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kVariable;
  VariableId variable;
};

struct ListLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kList;
  Expressions items;
};

struct MapEntry {
  std::string_view key;
  const Expression* value;
};

// Of equal keys the last counts.
struct MapLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kMap;
  absl::Span<const MapEntry> entries;
};

// base.key
struct Property : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kProperty;
  const Expression* base;
  Name key;
};

// base[index]
struct Index : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIndex;
  const Expression* base;
  const Expression* index;
};

// base[from..to]
struct Slice : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kSlice;
  const Expression* base;
  const Expression* from;  // nullptr: from the start
  const Expression* to;    // nullptr: to the end
};

enum class LogicOperator : uint8_t { kAnd, kOr, kXor };

// Two or more operands joined by one operator, by three-valued logic. An operand that raises counts
// only when no other decides the result.
struct Logic : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kLogic;
  LogicOperator op;
  Expressions operands;
};

struct Not : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kNot;
  const Expression* operand;
};

// -operand, +operand
struct Sign : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kSign;
  const Expression* operand;
  bool is_negative;
};

enum class BinaryOperator : uint8_t {
  kAdd,
  kSubtract,
  kConcatenate,
  kMultiply,
  kDivide,
  kRemainder,
  kPower,
  kIn,
  kStartsWith,
  kEndsWith,
  kContains,
  kMatches,
};

// operands[0] operators[0] operands[1] operators[1] ..., from left to right: one operator fewer
// than operands. Flat, so that long sums need no deep recursion.
struct Operation : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kOperation;
  Expressions operands;
  absl::Span<const BinaryOperator> operators;
};

enum class ComparisonOperator : uint8_t {
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
};

// a < b <= c: each operator holds between its neighbours, all of them joined by AND.
struct Comparison : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kComparison;
  Expressions operands;
  absl::Span<const ComparisonOperator> operators;
};

struct IsNull : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIsNull;
  const Expression* operand;
  bool is_negated;
};

// The types of IS :: <type>, as they are written: a list may hold lists here, unlike in CypherType.
struct TypeTest {
  CypherType type;          // without the elements of lists; nullable unless NOT NULL
  const TypeTest* element;  // of lists; nullptr: anything
  absl::Span<const TypeTest* const> any_of;  // a union: these decide, `type` is their union
};

struct IsTyped : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIsTyped;
  const Expression* operand;
  const TypeTest* test;
  bool is_negated;
};

enum class NormalForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

struct IsNormalized : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIsNormalized;
  const Expression* operand;
  NormalForm form;
  bool is_negated;
};

enum class LabelTestKind : uint8_t { kName, kAny, kNot, kAnd, kOr };

// A, %, !A, A&B, A|B. Of labels, or of edge types: an edge has exactly one.
struct LabelTest {
  LabelTestKind kind;
  Name name;                                 // kName
  absl::Span<const LabelTest* const> inner;  // one for kNot, two or more for kAnd and kOr
};

// n:A. `names` says what the names are; a value that may be either (graph::NameKind::kLabel) is
// tested as what it turns out to be: then the ids do not count, the texts do.
struct HasLabels : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kHasLabels;
  const Expression* operand;
  const LabelTest* test;
  graph::NameKind names;  // kLabel or kType
  bool is_either;         // the operand's static type is not one of vertex and edge
};

// A function that is not an aggregate.
struct Call : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCall;
  const FunctionSignature* function;
  Expressions arguments;
};

struct CaseAlternative {
  const Expression* condition;
  const Expression* result;
};

// The result of the first condition that is true. CASE x WHEN y is the condition x = y, where x is
// the variable `subject`, which gets the value of `subject_value` first.
struct Case : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCase;
  VariableId subject;               // kNoVariable: CASE WHEN
  const Expression* subject_value;  // nullptr: CASE WHEN
  absl::Span<const CaseAlternative> alternatives;
  const Expression* otherwise;  // nullptr: null
};

// [variable IN list WHERE where | projection]
struct ListComprehension : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kListComprehension;
  VariableId variable;
  const Expression* list;
  const Expression* where;       // nullptr: all
  const Expression* projection;  // nullptr: the variable
};

enum class ListPredicateKind : uint8_t { kAll, kAny, kNone, kSingle };

// all(variable IN list WHERE where)
struct ListPredicate : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kListPredicate;
  ListPredicateKind predicate;
  VariableId variable;
  const Expression* list;
  const Expression* where;
};

// reduce(accumulator = start, variable IN list | step)
struct Reduce : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kReduce;
  VariableId accumulator;
  const Expression* start;
  VariableId variable;
  const Expression* list;
  const Expression* step;
};

enum class MapProjectionItemKind : uint8_t { kEntry, kAll };

struct MapProjectionItem {
  MapProjectionItemKind kind;
  std::string_view key;     // kEntry
  const Expression* value;  // kEntry; `.key` is the entry key: base.key
};

// base {.key, key: value, .*}: null when the base is null.
struct MapProjection : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kMapProjection;
  const Expression* base;
  absl::Span<const MapProjectionItem> items;
};

enum class SubplanKind : uint8_t {
  kPatternExists,  // whether `graph` has a match
  kPatternList,    // the list of `projection` over the matches of `graph`
  kExists,         // whether `query` gives a row
  kCount,          // how many rows `query` gives
  kCollect,        // the list of the one column of `query`
};

// What reads the graph inside of an expression. A plan of its own computes it for each row of
// `arguments`; the expression itself only reads the variable `result` that the plan fills.
struct Subplan : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kSubplan;
  SubplanKind subplan;
  VariableId result;
  // The variables from outside that it uses. Some may be variables of the comprehensions and
  // quantifiers that it stands in.
  absl::Span<const VariableId> arguments;
  const QueryGraph* graph;       // kPatternExists, kPatternList
  const Expression* projection;  // kPatternList
  const Query* query;            // the others
};

}  // namespace tidemark::query::bound
