// SPDX-License-Identifier: Apache-2.0
// Functions and aggregates.
#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "query/binder/ast_walk.h"
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"
#include "query/functions/registry.h"

namespace tidemark::query {
namespace {

// Functions that give a value for every argument of the types that they take.
bool NeverRaises(std::string_view name) {
  constexpr std::string_view kNames[] = {
      "coalesce",   "elementId", "endNode",    "head",          "id",     "isEmpty",
      "isNaN",      "keys",      "labels",     "last",          "length", "nodes",
      "properties", "reverse",   "size",       "relationships", "sign",   "startNode",
      "tail",       "toLower",   "toUpper",    "toString",      "trim",   "type",
      "valueType",  "exp",       "sqrt",       "log",           "e",      "pi",
      "rand",       "nullIf",    "char_length"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

bool FitAll(const FunctionSignature& function,
            absl::Span<const bound::Expression* const> arguments) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (!arguments[i]->type.IsIn(function.ParameterAt(i).type)) return false;
  }
  return true;
}

}  // namespace

const FunctionSignature* StatementBinder::FindSignature(const FunctionCall& call) {
  const auto found = FindFunction(call.name.text, call.arguments.size(),
                                  {statement_.text, call.name.source.offset});
  if (found.ok()) return *found;
  FailWith(found.status());
  return nullptr;
}

std::vector<StatementBinder::Expr> StatementBinder::BindArguments(Expressions arguments) {
  std::vector<Expr> bound;
  bound.reserve(arguments.size());
  for (const Expression* argument : arguments) bound.push_back(Bind(*argument));
  return bound;
}

void StatementBinder::CheckArguments(const FunctionSignature& function,
                                     absl::Span<const Expr> arguments, Source source) {
  std::vector<CypherType> types;
  for (size_t i = 0; i < arguments.size(); ++i) types.push_back(arguments[i]->type);
  for (size_t i = 0; i < arguments.size(); ++i) {
    if (CanBe(types[i], function.ParameterAt(i).type)) continue;
    source = arguments[i]->source;
    break;
  }
  const absl::Status status = CheckArgumentTypes(function, types, {statement_.text, source.offset});
  if (!status.ok()) FailWith(status);
}

StatementBinder::Expr StatementBinder::BindCall(const FunctionCall& call) {
  if (IsAggregate(call)) return BindAggregate(call);
  if (absl::AsciiStrToLower(ToAbsl(call.name.text)) == "exists") return BindExists(call);
  const FunctionSignature* function = FindSignature(call);
  const std::vector<Expr> arguments = BindArguments(call.arguments);
  if (function == nullptr) return Null(call.source);
  if (function->is_syntax()) {
    Fail(ErrorId::kUnexpectedSyntax, call.source,
         {std::string(function->ToString()) + " is how this is written"});
    return Null(call.source);
  }
  if (call.distinct) {
    Fail(ErrorId::kUnexpectedSyntax, call.source,
         {"DISTINCT can only be used in aggregating functions"});
  }
  CheckArguments(*function, arguments, call.source);
  std::vector<CypherType> types;
  for (const Expr argument : arguments) types.push_back(argument->type);
  bound::Expression traits =
      TraitsOf(bound::Call::kKind, function->ResultOf(types), call.source, arguments);
  traits.may_raise =
      traits.may_raise || !NeverRaises(function->name) || !FitAll(*function, arguments);
  if (function->stability == Stability::kVolatile) {
    traits.is_volatile = true;
    traits.is_constant = false;
  }
  return arena_->New<bound::Call>(traits, function, Keep(arguments));
}

// exists((a)-->(b)): what it stands around is a condition already.
StatementBinder::Expr StatementBinder::BindExists(const FunctionCall& call) {
  if (call.arguments.size() == 1 && call.arguments[0]->kind == ExpressionKind::kPattern) {
    return BindPatternExpression(As<PatternExpression>(*call.arguments[0]), true);
  }
  Fail(ErrorId::kUnexpectedSyntax, call.source,
       {"exists() takes a pattern; of a property ask: n.property IS NOT NULL"});
  return Null(call.source);
}

const FunctionSignature* StatementBinder::CountStarSignature() {
  const auto count = FindFunction("count", 1, {statement_.text, 0});
  CHECK(count.ok()) << count.status();
  return *count;
}

StatementBinder::Expr StatementBinder::BindAggregate(const Expression& expression) {
  const Source source = expression.source;
  const bool is_star = expression.kind == ExpressionKind::kCountStar;
  const std::string_view name =
      is_star ? std::string_view("count(*)") : As<FunctionCall>(expression).name.text;
  if (mode_.in_aggregate) {
    Fail(ErrorId::kNestedAggregation, source, {});
    return Null(source);
  }
  Grouping* grouping = mode_.grouping;
  const bool is_allowed = mode_.allows_aggregates && grouping != nullptr && mode_.loop_depth == 0;
  const bool is_late = is_allowed && grouping->stage == Grouping::Stage::kAfter;
  const FunctionSignature* function =
      is_star ? CountStarSignature() : FindSignature(As<FunctionCall>(expression));
  const Change change(&mode_.in_aggregate, true);
  std::vector<Expr> arguments;
  // In ORDER BY of an aggregating projection what it uses is checked first.
  if (!is_star && (is_allowed || !mode_.constant_clause.empty())) {
    arguments = BindArguments(As<FunctionCall>(expression).arguments);
  }
  if (!is_allowed || is_late) {
    Fail(ErrorId::kInvalidAggregation, source, {name});
    return Null(source);
  }
  if (function == nullptr) return Null(source);
  return AddAggregate(expression, *function, arguments);
}

StatementBinder::Expr StatementBinder::AddAggregate(const Expression& expression,
                                                    const FunctionSignature& function,
                                                    const std::vector<Expr>& arguments) {
  std::vector<CypherType> types;
  for (const Expr argument : arguments) {
    types.push_back(argument->type);
    if (!argument->is_volatile) continue;
    Fail(ErrorId::kNonConstantExpression, argument->source,
         {"An aggregating function cannot take a random value; compute it in WITH before"});
  }
  CheckArguments(function, arguments, expression.source);
  Grouping* grouping = mode_.grouping;
  auto& same = grouping->aggregates_by_hash[HashOf(expression, &hashes_)];
  for (const Grouping::Known& known : same) {
    if (IsSame(*known.expression, expression)) return ReferTo(known.variable, expression.source);
  }
  if (arguments.empty()) types.push_back(kIntegerType);
  const bool is_distinct =
      expression.kind == ExpressionKind::kFunctionCall && As<FunctionCall>(expression).distinct;
  const bound::VariableId variable =
      NewVariable("", bound::VariableKind::kValue, function.ResultOf(types), expression.source);
  grouping->aggregates.push_back(
      {variable, &function, is_distinct, Keep(arguments), expression.source});
  same.push_back({&expression, variable});
  return ReferTo(variable, expression.source);
}

}  // namespace tidemark::query
