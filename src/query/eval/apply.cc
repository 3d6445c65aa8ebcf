// SPDX-License-Identifier: Apache-2.0
#include "query/eval/apply.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/check.h"
#include "base/status.h"
#include "query/functions/failures.h"
#include "query/functions/operators.h"
#include "query/functions/registry.h"
#include "query/functions/regular_expression.h"
#include "query/functions/unicode.h"

namespace tidemark::query::eval {

using graph::Value;
using graph::ValueType;

namespace {

using Operands = absl::Span<const Value>;

ValueOr ApplyArithmetic(const Operation& operation, Operands operands,
                        query::Environment* environment) {
  switch (operation.kind) {
    case OperationKind::kAdd:
      return Add(environment, operands[0], operands[1]);
    case OperationKind::kSubtract:
      return Subtract(operands[0], operands[1]);
    case OperationKind::kMultiply:
      return Multiply(operands[0], operands[1]);
    case OperationKind::kDivide:
      return Divide(operands[0], operands[1]);
    case OperationKind::kRemainder:
      return Remainder(operands[0], operands[1]);
    case OperationKind::kPower:
      return Power(operands[0], operands[1]);
    case OperationKind::kConcatenate:
      return Concatenate(environment, operands[0], operands[1]);
    case OperationKind::kNegate:
      return Negate(operands[0]);
    default:
      return UnaryPlus(operands[0]);
  }
}

// Decides the steps of a label test with `has(step)` for names.
template <typename Has>
bool DecideLabels(absl::Span<const LabelStep> steps, Has has) {
  absl::InlinedVector<bool, 8> results;
  for (const LabelStep& step : steps) {
    if (step.kind == bound::LabelTestKind::kName || step.kind == bound::LabelTestKind::kAny) {
      results.push_back(has(step));
      continue;
    }
    const bool is_and = step.kind == bound::LabelTestKind::kAnd;
    bool result = is_and;
    for (uint32_t i = 0; i < step.operand_count; ++i) {
      const bool operand = results.back();
      results.pop_back();
      result = is_and ? result && operand : result || operand;
    }
    results.push_back(step.kind == bound::LabelTestKind::kNot ? !result : result);
  }
  return results.back();
}

ValueOr ApplyHasLabels(const Operation& operation, const Value& value,
                       query::Environment* environment) {
  if (value.is_null()) return value;
  if (value.type() == ValueType::kEdge) {
    const std::string type = environment->TypeName(value.edge().type);
    return Value::Boolean(DecideLabels(operation.labels, [&](const LabelStep& step) {
      return step.kind == bound::LabelTestKind::kAny || step.name == type;
    }));
  }
  if (value.type() != ValueType::kVertex) return TypeMismatch("NODE | RELATIONSHIP", value);
  ASSIGN_OR_RETURN(const Value labels, environment->Labels(value.vertex()));
  return Value::Boolean(DecideLabels(operation.labels, [&](const LabelStep& step) {
    if (step.kind == bound::LabelTestKind::kAny) return !labels.list().empty();
    for (const Value& label : labels.list()) {
      if (label.string() == step.name) return true;
    }
    return false;
  }));
}

ValueOr ApplyHasLabelIds(const Operation& operation, const Value& ids) {
  if (ids.is_null()) return ids;
  return Value::Boolean(DecideLabels(operation.labels, [&](const LabelStep& step) {
    if (step.kind == bound::LabelTestKind::kAny) return !ids.list().empty();
    for (const Value& id : ids.list()) {
      if (step.id != 0 && id.integer() == step.id) return true;
    }
    return false;
  }));
}

bool IsOfType(absl::Span<const TypeRule> rules, uint32_t rule_index, const Value& value) {
  const TypeRule& rule = rules[rule_index];
  for (const uint32_t inner : rule.any_of) {
    if (IsOfType(rules, inner, value)) return true;
  }
  if (!rule.any_of.empty()) return false;
  if (value.is_null()) return rule.type.is_nullable();
  if (!rule.type.Contains(value.type())) return false;
  if (!rule.element.has_value() || value.type() != ValueType::kList) return true;
  for (const Value& element : value.list()) {
    if (!IsOfType(rules, *rule.element, element)) return false;
  }
  return true;
}

ValueOr ApplyIsNormalized(const Operation& operation, const Value& value) {
  if (value.type() != ValueType::kString) return Value();
  ASSIGN_OR_RETURN(const bool is_normalized, IsNormalizedText(value.string(), operation.text));
  return Value::Boolean(is_normalized != operation.is_negated);
}

ValueOr MakeMapOf(const Operation& operation, Operands operands, query::Environment* environment) {
  RETURN_IF_ERROR(environment->Reserve(operands.size() * sizeof(graph::MapEntry)));
  std::vector<graph::MapEntry> entries;
  entries.reserve(operands.size());
  for (size_t i = 0; i < operands.size(); ++i)
    entries.emplace_back(*operation.keys[i], operands[i]);
  return graph::MakeMap(std::move(entries));
}

ValueOr MakeListOf(Operands operands, query::Environment* environment) {
  RETURN_IF_ERROR(environment->Reserve(operands.size() * sizeof(Value)));
  return graph::MakeList({operands.begin(), operands.end()});
}

ValueOr ProjectMap(const Operation& operation, Operands operands, query::Environment* environment) {
  const Value& base = operands[0];
  if (base.is_null()) return base;
  const bool is_element = base.type() == ValueType::kVertex || base.type() == ValueType::kEdge;
  if (!is_element && base.type() != ValueType::kMap) {
    return TypeMismatch("MAP | NODE | RELATIONSHIP", base);
  }
  std::vector<graph::MapEntry> entries;
  size_t next = 1;
  for (const std::optional<std::string>& key : operation.keys) {
    if (key.has_value()) {
      entries.emplace_back(*key, operands[next++]);
      continue;
    }
    Value all = base;
    if (is_element) {
      ASSIGN_OR_RETURN(all, environment->Properties(base));
    }
    entries.insert(entries.end(), all.map().begin(), all.map().end());
  }
  RETURN_IF_ERROR(environment->Reserve(entries.size() * sizeof(graph::MapEntry)));
  return graph::MakeMap(std::move(entries));
}

ValueOr SliceOf(const Operation& operation, Operands operands, query::Environment* environment) {
  if (operands[0].type() == ValueType::kList) {
    RETURN_IF_ERROR(environment->Reserve(operands[0].list().size() * sizeof(Value)));
  }
  const Value* const from = operation.has_from ? &operands[1] : nullptr;
  const Value* const to = operation.has_to ? &operands.back() : nullptr;
  return Slice(operands[0], from, to);
}

ValueOr ApplyTest(const Operation& operation, Operands operands) {
  const Value& a = operands[0];
  switch (operation.kind) {
    case OperationKind::kEqual:
      return IsEqual(a, operands[1]);
    case OperationKind::kNotEqual:
      return IsNotEqual(a, operands[1]);
    case OperationKind::kLess:
      return IsLess(a, operands[1]);
    case OperationKind::kLessOrEqual:
      return IsLessOrEqual(a, operands[1]);
    case OperationKind::kGreater:
      return IsLess(operands[1], a);
    case OperationKind::kGreaterOrEqual:
      return IsLessOrEqual(operands[1], a);
    case OperationKind::kIn:
      return IsIn(a, operands[1]);
    case OperationKind::kStartsWith:
      return StartsWith(a, operands[1]);
    case OperationKind::kEndsWith:
      return EndsWith(a, operands[1]);
    case OperationKind::kContains:
      return ContainsText(a, operands[1]);
    case OperationKind::kMatches:
      return MatchesPattern(a, operands[1]);
    case OperationKind::kNot:
      return Not(a);
    case OperationKind::kIsNull:
      return Value::Boolean(a.is_null() != operation.is_negated);
    case OperationKind::kIsTyped:
      return Value::Boolean(IsOfType(operation.types, 0, a) != operation.is_negated);
    default:
      DCHECK(operation.kind == OperationKind::kIsNormalized);
      return ApplyIsNormalized(operation, a);
  }
}

}  // namespace

ValueOr Apply(const Operation& operation, Operands operands, query::Environment* environment) {
  switch (operation.kind) {
    case OperationKind::kAdd:
    case OperationKind::kSubtract:
    case OperationKind::kMultiply:
    case OperationKind::kDivide:
    case OperationKind::kRemainder:
    case OperationKind::kPower:
    case OperationKind::kConcatenate:
    case OperationKind::kNegate:
    case OperationKind::kUnaryPlus:
      return ApplyArithmetic(operation, operands, environment);
    case OperationKind::kHasLabels:
      return ApplyHasLabels(operation, operands[0], environment);
    case OperationKind::kHasLabelIds:
      return ApplyHasLabelIds(operation, operands[0]);
    case OperationKind::kProperty:
      return PropertyOf(environment, operands[0], operation.text);
    case OperationKind::kIndex:
      return ElementAt(environment, operands[0], operands[1]);
    case OperationKind::kSlice:
      return SliceOf(operation, operands, environment);
    case OperationKind::kMakeList:
      return MakeListOf(operands, environment);
    case OperationKind::kMakeMap:
      return MakeMapOf(operation, operands, environment);
    case OperationKind::kMapProjection:
      return ProjectMap(operation, operands, environment);
    case OperationKind::kCall:
      return CallFunction(*operation.function, environment, operands);
    default:
      return ApplyTest(operation, operands);
  }
}

int64_t CostOf(const Operation& operation, Operands operands) {
  constexpr int64_t kUnitsPerOperation = 3;
  constexpr int64_t kBytesPerUnit = 64;
  constexpr int64_t kElementsPerUnitOfCall = 8;
  int64_t cost = kUnitsPerOperation;
  const bool looks_at_one = operation.kind == OperationKind::kIndex ||
                            operation.kind == OperationKind::kProperty ||
                            operation.kind == OperationKind::kIsNull;
  if (looks_at_one) return cost;
  const int64_t per_unit = operation.kind == OperationKind::kCall ? kElementsPerUnitOfCall : 1;
  for (const Value& operand : operands) {
    if (operand.type() == ValueType::kList) {
      cost += static_cast<int64_t>(operand.list().size()) / per_unit;
    } else if (operand.type() == ValueType::kMap) {
      cost += static_cast<int64_t>(operand.map().size()) / per_unit;
    } else if (operand.type() == ValueType::kString) {
      cost += static_cast<int64_t>(operand.string().size()) / kBytesPerUnit;
    }
  }
  return cost;
}

}  // namespace tidemark::query::eval
