// SPDX-License-Identifier: Apache-2.0
// What an expression beside a projection finds there instead of computing it once more.
#include "query/binder/grouping.h"

#include "query/binder/ast_walk.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {
namespace {

bool IsWorthFinding(ExpressionKind kind) {
  switch (kind) {
    case ExpressionKind::kNull:
    case ExpressionKind::kBoolean:
    case ExpressionKind::kInteger:
    case ExpressionKind::kFloat:
    case ExpressionKind::kString:
    case ExpressionKind::kParameter:
    case ExpressionKind::kCaseOperand:
      return false;
    default:
      return true;
  }
}

}  // namespace

const Grouping::Known* StatementBinder::FindKnown(const Expression& expression) {
  const Grouping& grouping = *mode_.grouping;
  const auto it = grouping.projected.find(HashOf(expression, &hashes_));
  if (it == grouping.projected.end()) return nullptr;
  for (const Grouping::Known& known : it->second) {
    if (IsSame(*known.expression, expression)) return &known;
  }
  return nullptr;
}

// The variable that has the value of the expression already; nullptr when it is to be bound.
StatementBinder::Expr StatementBinder::FindProjected(const Expression& expression) {
  const Grouping& grouping = *mode_.grouping;
  if (!IsWorthFinding(expression.kind)) return nullptr;
  if (expression.kind == ExpressionKind::kVariable) {
    return FindProjectedVariable(As<Variable>(expression));
  }
  const bool is_leaf = LeafOf(expression).has_value();
  const bool is_after = grouping.stage == Grouping::Stage::kAfter;
  const bool may_be_whole =
      is_after && mode_.loop_depth == 0 && (!grouping.has_aggregate || IsAggregate(expression));
  if (!is_leaf && !may_be_whole) return nullptr;
  if (is_leaf && IsLocal(As<Variable>(*As<PropertyAccess>(expression).base).name)) return nullptr;
  if (const Grouping::Known* known = FindKnown(expression)) {
    return ReferTo(known->variable, expression.source);
  }
  if (!is_leaf || !is_after || !grouping.has_aggregate) return nullptr;
  const std::string_view base = As<Variable>(*As<PropertyAccess>(expression).base).name;
  const bool is_part = mode_.scope->Find(base) == bound::kNoVariable &&
                       grouping.parts_of_keys.contains(*LeafOf(expression));
  if (!is_part) return nullptr;
  Fail(ErrorId::kAmbiguousAggregationExpression, expression.source,
       {expression.source.Of(statement_.text)});
  return Null(expression.source);
}

// In ORDER BY and WHERE behind an aggregation or DISTINCT: a variable that is projected under
// another name. Otherwise the scope knows what there is.
StatementBinder::Expr StatementBinder::FindProjectedVariable(const Variable& variable) {
  const Grouping& grouping = *mode_.grouping;
  if (grouping.stage != Grouping::Stage::kAfter || !grouping.is_closed) return nullptr;
  if (mode_.scope->Find(variable.name) != bound::kNoVariable) return nullptr;
  if (const Grouping::Known* known = FindKnown(variable)) {
    return ReferTo(known->variable, variable.source);
  }
  const bool is_part =
      grouping.has_aggregate && grouping.parts_of_keys.contains(std::string(variable.name));
  if (!is_part) return nullptr;
  Fail(ErrorId::kAmbiguousAggregationExpression, variable.source, {variable.name});
  return Null(variable.source);
}

// Of a + b + c the sum a + b may be projected; `length` is how many operands that are.
StatementBinder::Expr StatementBinder::FindProjectedPrefix(const Chain& chain, size_t* length) {
  const Grouping& grouping = *mode_.grouping;
  if (grouping.stage != Grouping::Stage::kAfter || grouping.has_aggregate) return nullptr;
  if (mode_.loop_depth > 0) return nullptr;
  for (size_t count = chain.operands.size() - 1; count >= 2; --count) {
    if (!grouping.chain_lengths.contains(count)) continue;
    Chain prefix = chain;
    prefix.operands = chain.operands.subspan(0, count);
    prefix.operators = chain.operators.subspan(0, count - 1);
    prefix.source.length = prefix.operands.back()->source.end() - chain.source.offset;
    const Grouping::Known* known = FindKnown(prefix);
    if (known == nullptr) continue;
    *length = count;
    return ReferTo(known->variable, prefix.source);
  }
  return nullptr;
}

// Whether a name stands for a variable that is declared inside of the expression.
bool StatementBinder::IsLocal(std::string_view name) const {
  const bound::VariableId variable = mode_.scope->Find(name);
  return variable != bound::kNoVariable && variable >= mode_.grouping->first_local;
}

// The variable to be read for one that an item with an aggregate uses: that of its key.
bound::VariableId StatementBinder::Grouped(std::string_view name, bound::VariableId variable,
                                           Source source) {
  const Grouping* grouping = mode_.grouping;
  if (grouping == nullptr || mode_.in_aggregate || grouping->stage != Grouping::Stage::kItems) {
    return variable;
  }
  if (variable >= grouping->first_local) return variable;
  const auto key = grouping->plain_keys.find(variable);
  if (key != grouping->plain_keys.end()) return key->second;
  // A variable of the query around is the same for all rows.
  if (grouping->before->FindOwn(name) != variable) return variable;
  Fail(ErrorId::kAmbiguousAggregationExpression, source, {name});
  return bound::kNoVariable;
}

}  // namespace tidemark::query
