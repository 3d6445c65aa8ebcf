// SPDX-License-Identifier: Apache-2.0
// Expressions but for operators and loops.
#include <algorithm>

#include "graph/value_order.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using graph::ValueType;
using query::As;
using query::ErrorId;
using query::ExpressionKind;

bool Evaluator::IsTrue(const query::Expression* condition, const Row& row) {
  if (condition == nullptr) return !failed();
  const Value value = Condition(*condition, row);
  return !failed() && value.type() == ValueType::kBoolean && value.boolean();
}

// True, false or null.
Value Evaluator::Condition(const query::Expression& condition, const Row& row) {
  const Value value = Eval(condition, row);
  if (value.is_null() || value.type() == ValueType::kBoolean) return value;
  // A list as a condition asks whether it holds something.
  if (value.type() == ValueType::kList) return Value::Boolean(!value.list().empty());
  return TypeError();
}

Value Evaluator::Eval(const query::Expression& expression, const Row& row) {
  if (failed()) return Value::Null();
  switch (expression.kind) {
    case ExpressionKind::kNull:
    case ExpressionKind::kBoolean:
    case ExpressionKind::kInteger:
    case ExpressionKind::kFloat:
    case ExpressionKind::kString:
    case ExpressionKind::kParameter:
    case ExpressionKind::kVariable:
    case ExpressionKind::kList:
    case ExpressionKind::kMap:
    case ExpressionKind::kCaseOperand:
      return EvalLeaf(expression, row);
    case ExpressionKind::kListComprehension:
    case ExpressionKind::kPatternComprehension:
    case ExpressionKind::kListPredicate:
    case ExpressionKind::kReduce:
    case ExpressionKind::kMapProjection:
    case ExpressionKind::kSubquery:
    case ExpressionKind::kPattern:
      return EvalLoop(expression, row);
    default:
      return EvalOperation(expression, row);
  }
}

Value Evaluator::EvalLeaf(const query::Expression& expression, const Row& row) {
  switch (expression.kind) {
    case ExpressionKind::kBoolean:
      return Value::Boolean(As<query::BooleanLiteral>(expression).value);
    case ExpressionKind::kInteger:
      return Value::Integer(As<query::IntegerLiteral>(expression).value);
    case ExpressionKind::kFloat:
      return Value::Float(As<query::FloatLiteral>(expression).value);
    case ExpressionKind::kString:
      return Value::String(As<query::StringLiteral>(expression).value);
    case ExpressionKind::kParameter: {
      const auto found = parameters_.find(std::string(As<query::Parameter>(expression).name));
      return found == parameters_.end() ? Fail(ErrorId::kMissingParameter) : found->second;
    }
    case ExpressionKind::kVariable: {
      const auto found = row.find(std::string(As<query::Variable>(expression).name));
      return found == row.end() ? Fail(ErrorId::kUndefinedVariable) : found->second;
    }
    case ExpressionKind::kList: {
      std::vector<Value> items;
      for (const query::Expression* item : As<query::ListLiteral>(expression).items) {
        items.push_back(Eval(*item, row));
      }
      return Value::List(items);
    }
    case ExpressionKind::kMap: {
      std::vector<graph::MapEntry> entries;
      for (const query::MapEntry& entry : As<query::MapLiteral>(expression).entries) {
        entries.emplace_back(entry.key.text, Eval(*entry.value, row));
      }
      return Value::Map(entries);
    }
    case ExpressionKind::kCaseOperand:
      return case_operands_.back();
    default:
      return Value::Null();
  }
}

Value Evaluator::EvalOperation(const query::Expression& expression, const Row& row) {
  switch (expression.kind) {
    case ExpressionKind::kProperty: {
      const auto& access = As<query::PropertyAccess>(expression);
      return Property(Eval(*access.base, row), std::string(access.key.text));
    }
    case ExpressionKind::kIndex: {
      const auto& access = As<query::IndexAccess>(expression);
      const Value base = Eval(*access.base, row);
      return Index(base, Eval(*access.index, row));
    }
    case ExpressionKind::kSlice:
      return Slice(As<query::SliceAccess>(expression), row);
    case ExpressionKind::kUnary:
      return EvalUnary(As<query::UnaryOperation>(expression), row);
    case ExpressionKind::kChain:
      return EvalChain(As<query::Chain>(expression), row);
    case ExpressionKind::kComparison:
      return EvalComparison(As<query::Comparison>(expression), row);
    case ExpressionKind::kIsNull: {
      const auto& test = As<query::IsNull>(expression);
      return Value::Boolean(Eval(*test.operand, row).is_null() != test.negated);
    }
    case ExpressionKind::kHasLabels:
      return HasLabels(As<query::HasLabels>(expression), row);
    case ExpressionKind::kFunctionCall:
      return Call(As<query::FunctionCall>(expression), row);
    case ExpressionKind::kCountStar:
      if (group_ == nullptr) return Fail(ErrorId::kInvalidAggregation);
      return Value::Integer(static_cast<int64_t>(group_->size()));
    case ExpressionKind::kCase:
      return EvalCase(As<query::Case>(expression), row);
    default:
      return NotCovered("a test of types");
  }
}

const Properties* Evaluator::PropertiesOf(const Value& element) {
  looks_at_elements_ = looks_at_elements_ || element.type() == ValueType::kVertex ||
                       element.type() == ValueType::kEdge;
  if (element.type() == ValueType::kVertex) {
    const Vertex& vertex = graph_.vertices.at(element.vertex());
    if (vertex.deleted) Fail(ErrorId::kDeletedEntityAccess);
    return &vertex.properties;
  }
  if (element.type() == ValueType::kEdge) {
    const Edge& edge = graph_.edges.at(element.edge().edge);
    if (edge.deleted) Fail(ErrorId::kDeletedEntityAccess);
    return &edge.properties;
  }
  return nullptr;
}

Value Evaluator::Property(const Value& base, const std::string& key) {
  if (base.is_null() || failed()) return Value::Null();
  if (base.type() == ValueType::kMap) return base.Get(key);
  if (const Properties* properties = PropertiesOf(base); properties != nullptr) {
    const auto found = properties->find(key);
    return found == properties->end() ? Value::Null() : found->second;
  }
  if (base.type() >= ValueType::kPoint && base.type() <= ValueType::kDuration) {
    return NotCovered("parts of temporal values and points");
  }
  return TypeError();
}

Value Evaluator::Index(const Value& base, const Value& index) {
  if (base.is_null() || index.is_null() || failed()) return Value::Null();
  if (base.type() == ValueType::kList) {
    if (index.type() != ValueType::kInteger) return Fail(ErrorId::kListElementAccessByNonInteger);
    const auto list = base.list();
    const auto size = static_cast<int64_t>(list.size());
    const int64_t at = index.integer() < 0 ? index.integer() + size : index.integer();
    return at < 0 || at >= size ? Value::Null() : list[static_cast<size_t>(at)];
  }
  const bool has_keys = base.type() == ValueType::kMap || base.type() == ValueType::kVertex ||
                        base.type() == ValueType::kEdge;
  if (!has_keys) return TypeError();
  if (index.type() != ValueType::kString) return Fail(ErrorId::kMapElementAccessByNonString);
  return Property(base, std::string(index.string()));
}

Value Evaluator::Slice(const query::SliceAccess& slice, const Row& row) {
  const Value base = Eval(*slice.base, row);
  const Value from = slice.from == nullptr ? Value::Integer(0) : Eval(*slice.from, row);
  const Value to = slice.to == nullptr ? Value::Integer(INT64_MAX) : Eval(*slice.to, row);
  if (base.is_null() || from.is_null() || to.is_null()) return Value::Null();
  if (base.type() != ValueType::kList || from.type() != ValueType::kInteger ||
      to.type() != ValueType::kInteger) {
    return TypeError();
  }
  const auto list = base.list();
  const auto size = static_cast<int64_t>(list.size());
  const auto clamp = [&](int64_t at) {
    return std::clamp<int64_t>(at < 0 ? at + size : at, 0, size);
  };
  std::vector<Value> items;
  for (int64_t i = clamp(from.integer()); i < clamp(to.integer()); ++i) {
    items.push_back(list[static_cast<size_t>(i)]);
  }
  return Value::List(items);
}

Value Evaluator::HasLabels(const query::HasLabels& test, const Row& row) {
  const Value value = Eval(*test.operand, row);
  if (value.is_null() || failed()) return Value::Null();
  if (PropertiesOf(value) == nullptr) return TypeError();
  if (value.type() == ValueType::kEdge) {
    return Value::Boolean(
        MatchLabels(*test.labels, {graph_.edges.at(value.edge().edge).type}, row));
  }
  return Value::Boolean(MatchLabels(*test.labels, graph_.vertices.at(value.vertex()).labels, row));
}

Value Evaluator::EvalCase(const query::Case& choice, const Row& row) {
  const bool has_operand = choice.operand != nullptr;
  if (has_operand) case_operands_.push_back(Eval(*choice.operand, row));
  const query::Expression* result = choice.otherwise;
  bool found = false;
  for (const query::CaseAlternative& alternative : choice.alternatives) {
    for (const query::CaseCondition& condition : alternative.conditions) {
      if (has_operand && !condition.is_predicate) {
        const Value value = Eval(*condition.expression, row);
        found |= graph::Equals(case_operands_.back(), value) == graph::Ternary::kTrue;
      } else {
        found |= IsTrue(condition.expression, row);
      }
      if (found) break;
    }
    if (computes_all_) Eval(*alternative.result, row);
    if (!found || computes_all_) continue;
    result = alternative.result;
    break;
  }
  if (has_operand) case_operands_.pop_back();
  return result == nullptr ? Value::Null() : Eval(*result, row);
}

}  // namespace tidemark::reference
