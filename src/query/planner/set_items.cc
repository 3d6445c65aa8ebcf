// SPDX-License-Identifier: Apache-2.0
#include "query/planner/set_items.h"

#include <algorithm>

#include "query/binder/infer.h"
#include "query/eval/program.h"

namespace tidemark::query {
namespace {

using bound::VariableId;

// An item that sets one property whose key is known.
bool SetsOneProperty(const bound::SetItem& item) {
  return item.kind == bound::SetKind::kProperty ||
         (item.kind == bound::SetKind::kDynamicProperty &&
          item.key_value->kind == bound::ExpressionKind::kString);
}

bool MayLook(const bound::Expression* expression, const PlanVariables& variables) {
  if (expression == nullptr) return false;
  const eval::Needs needs = eval::NeedsOf(*expression);
  const auto has_elements = [&](VariableId variable) {
    return variables.MayHoldElements(variable);
  };
  return !needs.labels.empty() ||
         (needs.looks_at_elements &&
          std::any_of(needs.variables.begin(), needs.variables.end(), has_elements)) ||
         std::any_of(needs.properties.begin(), needs.properties.end(),
                     [&](const auto& property) { return has_elements(property.variable); });
}

// Whether an item is computed from properties or labels.
bool LooksBeforeSetting(const bound::SetItem& item, const PlanVariables& variables) {
  const bool takes_all = item.kind == bound::SetKind::kReplace || item.kind == bound::SetKind::kAdd;
  if (takes_all && CanBe(item.value->type, ElementType())) return true;
  return MayLook(item.target, variables) || MayLook(item.key_value, variables) ||
         MayLook(item.value, variables);
}

bool IsSameTarget(const bound::SetItem& a, const bound::SetItem& b, std::string_view text) {
  if (!SetsOneProperty(a) || !SetsOneProperty(b)) return false;
  const bool are_variables = a.target->kind == bound::ExpressionKind::kVariable &&
                             b.target->kind == bound::ExpressionKind::kVariable;
  if (are_variables) {
    return bound::As<bound::VariableReference>(*a.target).variable ==
           bound::As<bound::VariableReference>(*b.target).variable;
  }
  return a.target->source.Of(text) == b.target->source.Of(text);
}

}  // namespace

std::vector<size_t> ItemsThatSee(absl::Span<const bound::SetItem> items, std::string_view text,
                                 const PlanVariables& variables) {
  std::vector<size_t> numbers;
  size_t begin = 0;
  for (size_t end = 1; end <= items.size(); ++end) {
    if (end < items.size() && IsSameTarget(items[end - 1], items[end], text)) continue;
    const auto group = items.subspan(begin, end - begin);
    const bool looks = std::any_of(group.begin(), group.end(), [&](const bound::SetItem& item) {
      return LooksBeforeSetting(item, variables);
    });
    if (begin > 0 && looks) numbers.push_back(begin);
    begin = end;
  }
  return numbers;
}

}  // namespace tidemark::query
