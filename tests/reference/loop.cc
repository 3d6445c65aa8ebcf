// SPDX-License-Identifier: Apache-2.0
// Comprehensions, quantifiers, reduce, map projections, patterns and subqueries in expressions.
#include "graph/value_order.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using graph::ValueType;
using query::As;
using query::ErrorId;
using query::ExpressionKind;
using query::ListPredicateKind;
using query::MapProjectionItemKind;

namespace {

Row With(const Row& row, const query::Name& name, const Value& value) {
  Row scope = row;
  scope[std::string(name.text)] = value;
  return scope;
}

}  // namespace

Value Evaluator::EvalLoop(const query::Expression& expression, const Row& row) {
  switch (expression.kind) {
    case ExpressionKind::kListComprehension:
      return ListComprehension(As<query::ListComprehension>(expression), row);
    case ExpressionKind::kPatternComprehension:
      return PatternComprehension(As<query::PatternComprehension>(expression), row);
    case ExpressionKind::kListPredicate:
      return ListPredicate(As<query::ListPredicate>(expression), row);
    case ExpressionKind::kReduce:
      return Reduce(As<query::Reduce>(expression), row);
    case ExpressionKind::kMapProjection:
      return MapProjection(As<query::MapProjection>(expression), row);
    case ExpressionKind::kSubquery:
      return Subquery(As<query::SubqueryExpression>(expression), row);
    default:
      return Pattern(As<query::PatternExpression>(expression), row);
  }
}

Value Evaluator::ListComprehension(const query::ListComprehension& loop, const Row& row) {
  const Value list = Eval(*loop.list, row);
  if (list.is_null() || failed()) return Value::Null();
  if (list.type() != ValueType::kList) return TypeError();
  std::vector<Value> items;
  for (const Value& item : list.list()) {
    const Row scope = With(row, loop.variable, item);
    if (!IsTrue(loop.where, scope)) continue;
    items.push_back(loop.projection == nullptr ? item : Eval(*loop.projection, scope));
  }
  return Value::List(items);
}

Value Evaluator::PatternComprehension(const query::PatternComprehension& loop, const Row& row) {
  std::vector<Value> items;
  Used used;
  MatchPath(*loop.pattern, row, &used, [&](const Row& match) {
    if (IsTrue(loop.where, match)) items.push_back(Eval(*loop.projection, match));
  });
  return Value::List(items);
}

Value Evaluator::ListPredicate(const query::ListPredicate& loop, const Row& row) {
  const Value list = Eval(*loop.list, row);
  if (list.is_null() || failed()) return Value::Null();
  if (list.type() != ValueType::kList) return TypeError();
  size_t true_count = 0;
  size_t null_count = 0;
  for (const Value& item : list.list()) {
    const Row scope = With(row, loop.variable, item);
    const Value holds = loop.where == nullptr ? item : Condition(*loop.where, scope);
    if (holds.is_null()) {
      ++null_count;
    } else if (holds.type() != ValueType::kBoolean) {
      return TypeError();
    } else if (holds.boolean()) {
      ++true_count;
    }
  }
  const size_t false_count = list.list().size() - true_count - null_count;
  const auto unless_null = [&](bool decided, bool decision, bool otherwise) {
    if (decided) return Value::Boolean(decision);
    return null_count > 0 ? Value::Null() : Value::Boolean(otherwise);
  };
  switch (loop.predicate) {
    case ListPredicateKind::kAll:
      return unless_null(false_count > 0, false, true);
    case ListPredicateKind::kAny:
      return unless_null(true_count > 0, true, false);
    case ListPredicateKind::kNone:
      return unless_null(true_count > 0, false, true);
    case ListPredicateKind::kSingle:
      return unless_null(true_count > 1, false, true_count == 1);
  }
  return Value::Null();
}

Value Evaluator::Reduce(const query::Reduce& loop, const Row& row) {
  Value sum = Eval(*loop.start, row);
  const Value list = Eval(*loop.list, row);
  if (list.is_null() || failed()) return Value::Null();
  if (list.type() != ValueType::kList) return TypeError();
  for (const Value& item : list.list()) {
    sum = Eval(*loop.step, With(With(row, loop.accumulator, sum), loop.variable, item));
  }
  return sum;
}

Value Evaluator::MapProjection(const query::MapProjection& projection, const Row& row) {
  const auto found = row.find(std::string(projection.variable.text));
  if (found == row.end()) return Fail(ErrorId::kUndefinedVariable);
  const Value& base = found->second;
  if (base.is_null()) return base;
  const Properties* properties = PropertiesOf(base);
  if (failed()) return Value::Null();
  if (properties == nullptr && base.type() != ValueType::kMap) return TypeError();
  std::vector<graph::MapEntry> entries;
  for (const query::MapProjectionItem& item : projection.items) {
    const std::string name(item.name.text);
    switch (item.kind) {
      case MapProjectionItemKind::kProperty:
        entries.emplace_back(name, Property(base, name));
        break;
      case MapProjectionItemKind::kVariable: {
        const auto variable = row.find(name);
        if (variable == row.end()) return Fail(ErrorId::kUndefinedVariable);
        entries.emplace_back(name, variable->second);
        break;
      }
      case MapProjectionItemKind::kEntry:
        entries.emplace_back(name, Eval(*item.value, row));
        break;
      case MapProjectionItemKind::kAll:
        if (properties != nullptr) {
          entries.insert(entries.end(), properties->begin(), properties->end());
        } else {
          entries.insert(entries.end(), base.map().begin(), base.map().end());
        }
        break;
    }
  }
  return Value::Map(entries);
}

Value Evaluator::Subquery(const query::SubqueryExpression& subquery, const Row& row) {
  Table result;
  std::vector<std::string> columns;
  const auto* group = std::exchange(group_, nullptr);
  if (subquery.match != nullptr) {
    result.rows = Matches(*subquery.match, row);
  } else {
    columns = RunQuery(*subquery.query, row, &result);
  }
  group_ = group;
  switch (subquery.subquery) {
    case query::SubqueryKind::kExists:
      return Value::Boolean(!result.rows.empty());
    case query::SubqueryKind::kCount:
      return Value::Integer(static_cast<int64_t>(result.rows.size()));
    case query::SubqueryKind::kCollect:
      break;
  }
  std::vector<Value> items;
  if (failed() || columns.size() != 1) return NotCovered("COLLECT of other than one column");
  for (Row& found : result.rows) items.push_back(found[columns[0]]);
  return Value::List(items);
}

// The list of its paths; as a condition it holds when there is one.
Value Evaluator::Pattern(const query::PatternExpression& pattern, const Row& row) {
  Used used;
  bool found = false;
  MatchPath(*pattern.pattern, row, &used, [&](const Row&) { found = true; });
  return Value::Boolean(found);
}

}  // namespace tidemark::reference
