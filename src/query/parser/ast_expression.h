// SPDX-License-Identifier: Apache-2.0
// Expressions of the syntax tree. A node is a plain struct in the arena of its tree; its kind says
// which struct it is, and As<T>(node) is that struct. Names are views into the statement's text, or
// into the arena when they were escaped. `source` is the slice of the text that the node stands
// for.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "base/check.h"
#include "query/text/position.h"

namespace tidemark::query {

struct PathPattern;
struct Query;
struct MatchBlock;

// A name as it is meant, without backticks. empty(): there is none; a name that is there may have
// no characters.
struct Name {
  std::string_view text;
  Source source;

  bool empty() const { return text.empty() && source.length == 0; }
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
  kUnary,
  kChain,
  kComparison,
  kIsNull,
  kIsTyped,
  kIsNormalized,
  kHasLabels,
  kFunctionCall,
  kCountStar,
  kCase,
  kCaseOperand,
  kListComprehension,
  kPatternComprehension,
  kListPredicate,
  kReduce,
  kMapProjection,
  kSubquery,
  kPattern,
};

enum class Operator : uint8_t {
  kOr,
  kXor,
  kAnd,
  kNot,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kMatches,  // =~
  kIn,
  kStartsWith,
  kEndsWith,
  kContains,
  kAdd,
  kSubtract,
  kConcatenate,  // ||
  kMultiply,
  kDivide,
  kRemainder,
  kPower,
  kNegate,  // one operand
  kPlus,    // one operand
};

struct Expression {
  ExpressionKind kind;
  Source source;
};

using Expressions = absl::Span<Expression* const>;

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
  int64_t value;  // negative for -9223372036854775808 alone
};

struct FloatLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kFloat;
  double value;
};

struct StringLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kString;
  std::string_view value;  // without quotes and escapes
};

struct Parameter : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kParameter;
  std::string_view name;  // without $
};

struct Variable : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kVariable;
  std::string_view name;
};

struct ListLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kList;
  Expressions items;
};

struct MapEntry {
  Name key;
  Expression* value;
};

struct MapLiteral : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kMap;
  absl::Span<const MapEntry> entries;  // as written; of equal keys the last counts
};

struct PropertyAccess : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kProperty;
  Expression* base;
  Name key;
};

struct IndexAccess : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIndex;
  Expression* base;
  Expression* index;
};

struct SliceAccess : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kSlice;
  Expression* base;
  Expression* from;  // nullptr: from the start
  Expression* to;    // nullptr: to the end
};

struct UnaryOperation : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kUnary;
  Operator op;  // kNot, kNegate, kPlus
  Expression* operand;
};

// operands[0] operators[0] operands[1] operators[1] ..., from left to right. The operators are of
// one level: OR; XOR; AND; + - ||; * / %; ^; or one of IN, STARTS WITH, ENDS WITH, CONTAINS, =~.
struct Chain : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kChain;
  Expressions operands;
  absl::Span<const Operator> operators;
};

// a < b <= c: each operator holds between its neighbours, all of them joined by AND.
struct Comparison : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kComparison;
  Expressions operands;
  absl::Span<const Operator> operators;
};

struct IsNull : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIsNull;
  Expression* operand;
  bool negated;  // IS NOT NULL
};

enum class TypeKind : uint8_t {
  kNothing,
  kNull,
  kBoolean,
  kString,
  kInteger,
  kFloat,
  kDate,
  kLocalTime,
  kZonedTime,
  kLocalDateTime,
  kZonedDateTime,
  kDuration,
  kPoint,
  kNode,
  kRelationship,
  kMap,
  kPath,
  kPropertyValue,
  kAny,
  kList,
  kUnion,
};

// INTEGER, LIST<STRING NOT NULL>, INTEGER | FLOAT.
struct TypeName {
  TypeKind kind;
  bool not_null;
  absl::Span<TypeName* const> inner;  // the one of a list, those of a union
  Source source;
};

struct IsTyped : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIsTyped;
  Expression* operand;
  TypeName* type;
  bool negated;  // IS NOT ::
};

enum class NormalForm : uint8_t { kNfc, kNfd, kNfkc, kNfkd };

struct IsNormalized : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kIsNormalized;
  Expression* operand;
  NormalForm form;
  bool negated;
};

enum class LabelKind : uint8_t { kName, kAny, kDynamic, kNot, kAnd, kOr };

// What stands behind the colon of a node or a relationship: A, %, $(expression), !A, A&B, A|B.
struct LabelExpression {
  LabelKind kind;
  bool any_of;                               // kDynamic: $any(...), else all of the list
  Name name;                                 // kName
  Expression* dynamic;                       // kDynamic
  absl::Span<LabelExpression* const> inner;  // one for kNot, two or more for kAnd and kOr
  Source source;
};

// n:Person as a condition.
struct HasLabels : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kHasLabels;
  Expression* operand;
  LabelExpression* labels;
};

struct FunctionCall : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kFunctionCall;
  Name name;  // with its namespaces: "date.truncate"
  bool distinct;
  Expressions arguments;
};

// count(*)
struct CountStar : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCountStar;
};

// What stands behind WHEN: a condition, or in CASE x a value that x is compared with.
struct CaseCondition {
  Expression* expression;
  bool is_predicate;  // of CASE x: a condition with a CaseOperand for x, as in WHEN > 5
};

struct CaseAlternative {
  absl::Span<const CaseCondition> conditions;  // more than one only in CASE x
  Expression* result;
};

struct Case : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCase;
  Expression* operand;  // nullptr: CASE WHEN
  absl::Span<const CaseAlternative> alternatives;
  Expression* otherwise;  // nullptr: null
};

// Stands for the x of CASE x WHEN > 5.
struct CaseOperand : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kCaseOperand;
};

// [variable IN list WHERE where | projection]
struct ListComprehension : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kListComprehension;
  Name variable;
  Expression* list;
  Expression* where;       // nullptr: none
  Expression* projection;  // nullptr: the variable
};

// [pattern WHERE where | projection]
struct PatternComprehension : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kPatternComprehension;
  PathPattern* pattern;
  Expression* where;  // nullptr: none
  Expression* projection;
};

enum class ListPredicateKind : uint8_t { kAll, kAny, kNone, kSingle };

// all(variable IN list WHERE where)
struct ListPredicate : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kListPredicate;
  ListPredicateKind predicate;
  Name variable;
  Expression* list;
  Expression* where;  // nullptr: the variable itself
};

// reduce(accumulator = start, variable IN list | step)
struct Reduce : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kReduce;
  Name accumulator;
  Expression* start;
  Name variable;
  Expression* list;
  Expression* step;
};

enum class MapProjectionItemKind : uint8_t { kProperty, kVariable, kEntry, kAll };

// .name, name, name: value, .*
struct MapProjectionItem {
  MapProjectionItemKind kind;
  Name name;
  Expression* value;  // kEntry
};

struct MapProjection : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kMapProjection;
  Name variable;
  absl::Span<const MapProjectionItem> items;
};

enum class SubqueryKind : uint8_t { kExists, kCount, kCollect };

// EXISTS { ... }: a whole query, or patterns with a condition as in MATCH.
struct SubqueryExpression : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kSubquery;
  SubqueryKind subquery;
  Query* query;       // nullptr: `match`
  MatchBlock* match;  // nullptr: `query`
};

// A pattern as a value: the condition (a)-->(b), or shortestPath((a)-[*]->(b)).
struct PatternExpression : Expression {
  static constexpr ExpressionKind kKind = ExpressionKind::kPattern;
  PathPattern* pattern;
};

}  // namespace tidemark::query
