// SPDX-License-Identifier: Apache-2.0
#include "query/planner/plan_variables.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "query/binder/uses.h"

namespace tidemark::query {

bool MayHoldElements(CypherType type) {
  using graph::ValueType;
  for (const ValueType kind :
       {ValueType::kVertex, ValueType::kEdge, ValueType::kPath, ValueType::kMap}) {
    if (type.Contains(kind)) return true;
  }
  if (!type.Contains(ValueType::kList)) return false;
  const CypherType element = type.element();
  for (const ValueType kind : {ValueType::kVertex, ValueType::kEdge, ValueType::kPath,
                               ValueType::kMap, ValueType::kList}) {
    if (element.Contains(kind)) return true;
  }
  return false;
}

bool PlanVariables::MayHoldElements(bound::VariableId variable) const {
  return !plain_.contains(variable) && query::MayHoldElements(TypeOf(variable));
}

namespace {

// Values of properties are no elements and have none in them.
bool IsOfProperties(const bound::Expression& expression) {
  if (expression.kind == bound::ExpressionKind::kProperty) {
    const CypherType base = bound::As<bound::Property>(expression).base->type;
    return !base.is_empty() && base.IsIn(kVertexType | kEdgeType);
  }
  return expression.kind == bound::ExpressionKind::kCall &&
         bound::As<bound::Call>(expression).function->name == "properties";
}

// Whether it gives what is in its parts; else it gives something new.
bool MayPassOn(const bound::Expression& expression) {
  if (!MayHoldElements(expression.type) || IsOfProperties(expression)) return false;
  if (expression.kind == bound::ExpressionKind::kListComprehension) {
    const auto& node = bound::As<bound::ListComprehension>(expression);
    return MayPassOn(node.projection == nullptr ? *node.list : *node.projection);
  }
  return true;
}

}  // namespace

void PlanVariables::NoteComputed(bound::VariableId variable, const bound::Expression& expression) {
  const std::vector<bound::VariableId> uses = UsesOf(expression);
  const bool has_elements = expression.has_subplan ||
                            std::any_of(uses.begin(), uses.end(), [this](bound::VariableId use) {
                              return MayHoldElements(use);
                            });
  if (!has_elements || !MayPassOn(expression)) plain_.insert(variable);
}

std::string PlanVariables::TextOf(bound::VariableId variable) const {
  const std::string name = NameOf(variable);
  return name.empty() ? absl::StrCat("anon_", variable) : name;
}

}  // namespace tidemark::query
