// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "query/planner/query_planner.h"

namespace tidemark::query {

using bound::VariableId;

absl::Status QueryPlanner::PlanProjection(const bound::Projection& projection) {
  if (projection.is_aggregating) RETURN_IF_ERROR(PlanAggregates(projection));
  RETURN_IF_ERROR(PlanItems(projection));
  std::vector<VariableId> items;
  for (const bound::Projected& item : projection.items) items.push_back(item.variable);
  if (projection.is_distinct) PlanDistinct(items);
  if (!projection.order.empty()) RETURN_IF_ERROR(PlanOrder(projection));
  RETURN_IF_ERROR(PlanPage(projection));
  if (!projection.where.empty()) RETURN_IF_ERROR(PlanWhere(projection.where));
  eval::Layout behind;
  for (const VariableId item : items) behind.variables[item] = layout_.variables.at(item);
  layout_ = std::move(behind);
  return absl::OkStatus();
}

absl::Status QueryPlanner::PlanAggregates(const bound::Projection& projection) {
  std::vector<const bound::Expression*> inputs;
  std::vector<VariableId> results;
  std::vector<std::string> details;
  for (const bound::Projected& key : projection.keys) {
    inputs.push_back(key.expression);
    results.push_back(key.variable);
    details.push_back(TextOf(key.source));
  }
  for (const bound::Aggregate& aggregate : projection.aggregates) {
    inputs.insert(inputs.end(), aggregate.arguments.begin(), aggregate.arguments.end());
    results.push_back(aggregate.variable);
    details.push_back(TextOf(aggregate.source));
  }
  ASSIGN_OR_RETURN(const std::vector<uint32_t> slots, SlotsOf(inputs));
  auto node = std::make_unique<plan::Aggregate>();
  auto next = slots.begin() + static_cast<ptrdiff_t>(projection.keys.size());
  node->keys.assign(slots.begin(), next);
  for (const bound::Aggregate& aggregate : projection.aggregates) {
    const auto end = next + static_cast<ptrdiff_t>(aggregate.arguments.size());
    node->calls.push_back(
        {aggregate.function, aggregate.is_distinct, {next, end}, aggregate.source.offset});
    next = end;
  }
  SetLayout({});
  RETURN_IF_ERROR(AddSlots(results.size(), projection.source));
  SetLayout(results);
  Push(std::move(node), absl::StrJoin(details, ", "));
  return absl::OkStatus();
}

absl::Status QueryPlanner::PlanItems(const bound::Projection& projection) {
  std::vector<const bound::Expression*> expressions;
  for (const bound::Projected& item : projection.items) expressions.push_back(item.expression);
  ASSIGN_OR_RETURN(const std::vector<uint32_t> slots, SlotsOf(expressions));
  for (size_t i = 0; i < slots.size(); ++i) {
    layout_.variables[projection.items[i].variable] = slots[i];
  }
  return absl::OkStatus();
}

void QueryPlanner::PlanDistinct(absl::Span<const VariableId> variables) {
  auto node = std::make_unique<plan::Aggregate>();
  std::vector<std::string> names;
  for (const VariableId variable : variables) {
    node->keys.push_back(layout_.variables.at(variable));
    names.push_back(NameOf(variable));
  }
  SetLayout(variables);
  Push(std::move(node), absl::StrJoin(names, ", "));
}

absl::Status QueryPlanner::PlanOrder(const bound::Projection& projection) {
  std::vector<const bound::Expression*> expressions;
  std::vector<std::string> details;
  for (const bound::SortKey& key : projection.order) {
    expressions.push_back(key.expression);
    details.push_back(
        absl::StrCat(TextOf(key.expression->source), key.is_descending ? " DESC" : " ASC"));
  }
  ASSIGN_OR_RETURN(const std::vector<uint32_t> slots, SlotsOf(expressions));
  auto node = std::make_unique<plan::Sort>();
  for (size_t i = 0; i < slots.size(); ++i) {
    node->keys.push_back({slots[i], projection.order[i].is_descending});
  }
  const std::vector<VariableId> needed = NeededBehindOrder(projection);
  for (const VariableId variable : needed) {
    node->kept.push_back(layout_.variables.at(variable));
  }
  // Another value at each evaluation would be no bound.
  const bool is_fixed = (projection.skip == nullptr || !projection.skip->is_volatile) &&
                        projection.limit != nullptr && !projection.limit->is_volatile;
  if (is_fixed) {
    if (projection.skip != nullptr) {
      ASSIGN_OR_RETURN(node->skip, Compile(*projection.skip));
    }
    ASSIGN_OR_RETURN(node->limit, Compile(*projection.limit));
  }
  SetLayout(needed);
  // The keys stand behind what is kept.
  slot_count_ += static_cast<uint32_t>(slots.size());
  Push(std::move(node), absl::StrJoin(details, ", "));
  return absl::OkStatus();
}

std::vector<VariableId> QueryPlanner::NeededBehindOrder(const bound::Projection& projection) const {
  std::vector<VariableId> needed;
  for (const bound::Projected& item : projection.items) needed.push_back(item.variable);
  for (const bound::Predicate& predicate : projection.where) {
    needed.insert(needed.end(), predicate.uses.begin(), predicate.uses.end());
  }
  std::sort(needed.begin(), needed.end());
  needed.erase(std::unique(needed.begin(), needed.end()), needed.end());
  return needed;
}

absl::Status QueryPlanner::PlanPage(const bound::Projection& projection) {
  if (projection.skip != nullptr) {
    auto node = std::make_unique<plan::Skip>();
    ASSIGN_OR_RETURN(node->count, Compile(*projection.skip));
    Push(std::move(node), TextOf(projection.skip->source));
  }
  if (projection.limit != nullptr) {
    auto node = std::make_unique<plan::Limit>();
    ASSIGN_OR_RETURN(node->count, Compile(*projection.limit));
    Push(std::move(node), TextOf(projection.limit->source));
  }
  return absl::OkStatus();
}

// All conditions at once: one that is false makes errors of the others count for nothing.
absl::Status QueryPlanner::PlanWhere(absl::Span<const bound::Predicate> where) {
  std::vector<const bound::Expression*> conditions;
  std::vector<std::string> details;
  bound::Logic all = {};
  all.kind = bound::ExpressionKind::kLogic;
  all.op = bound::LogicOperator::kAnd;
  all.type = kBooleanType.OrNull();
  all.source = where[0].condition->source;
  for (const bound::Predicate& predicate : where) {
    conditions.push_back(predicate.condition);
    details.push_back(TextOf(predicate.condition->source));
    all.may_raise = all.may_raise || predicate.condition->may_raise;
    all.is_volatile = all.is_volatile || predicate.condition->is_volatile;
  }
  all.operands = conditions;
  auto node = std::make_unique<plan::Filter>();
  ASSIGN_OR_RETURN(node->condition, Compile(where.size() == 1 ? *conditions[0] : all));
  Push(std::move(node), absl::StrJoin(details, " AND "));
  return absl::OkStatus();
}

}  // namespace tidemark::query
