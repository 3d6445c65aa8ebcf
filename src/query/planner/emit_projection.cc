// SPDX-License-Identifier: Apache-2.0
// The operators of WITH and RETURN.
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/check.h"
#include "base/status.h"
#include "query/planner/emitter.h"

namespace tidemark::query {

absl::Status Emitter::EmitProject(const Step& step) {
  std::vector<const bound::Expression*> expressions;
  for (const Computed& item : step.items) expressions.push_back(item.expression);
  ASSIGN_OR_RETURN(const std::vector<uint32_t> slots, SlotsOf(expressions));
  const eval::Layout before = rows_.layout;
  const auto properties = rows_.properties;
  for (size_t i = 0; i < slots.size(); ++i) {
    const Computed& item = step.items[i];
    rows_.layout.variables[item.variable] = slots[i];
    if (item.expression->kind != bound::ExpressionKind::kVariable) continue;
    // What is known of the variable is known under its new name.
    const auto from = bound::As<bound::VariableReference>(*item.expression).variable;
    for (const auto& [property, slot] : before.properties) {
      if (property.first != from) continue;
      rows_.layout.properties[{item.variable, property.second}] = slot;
    }
    const auto all = properties.find(from);
    if (all != properties.end()) rows_.properties[item.variable] = all->second;
    const auto labels = before.labels.find(from);
    if (labels != before.labels.end()) rows_.layout.labels[item.variable] = labels->second;
  }
  return absl::OkStatus();
}

absl::Status Emitter::EmitAggregate(const Step& step) {
  const AggregateStep& aggregate = step.aggregate;
  const bool is_final = aggregate.phase == plan::AggregatePhase::kFinal;
  const bool is_partial = aggregate.phase == plan::AggregatePhase::kPartial;
  std::vector<const bound::Expression*> inputs;
  std::vector<PlanColumn> results;
  std::vector<std::string> details;
  for (const Computed& key : aggregate.keys) {
    inputs.push_back(key.expression);
    results.push_back({key.variable});
    details.push_back(TextOf(*key.expression));
  }
  for (const AggregateItem& item : aggregate.calls) {
    if (!is_final) inputs.insert(inputs.end(), item.arguments.begin(), item.arguments.end());
    results.push_back({is_partial ? item.state : item.call->variable});
    details.emplace_back(item.call->source.Of(statement_.text));
  }
  ASSIGN_OR_RETURN(const std::vector<uint32_t> slots, SlotsOf(inputs));
  auto node = std::make_unique<plan::Aggregate>();
  node->phase = aggregate.phase;
  auto next = slots.begin() + static_cast<ptrdiff_t>(aggregate.keys.size());
  node->keys.assign(slots.begin(), next);
  for (const AggregateItem& item : aggregate.calls) {
    const bound::Aggregate& call = *item.call;
    plan::AggregateCall made{call.function, call.is_distinct, {}, call.source.offset};
    if (is_final) {
      made.arguments = {SlotOf(item.state)};
    } else {
      const auto end = next + static_cast<ptrdiff_t>(item.arguments.size());
      made.arguments.assign(next, end);
      next = end;
    }
    node->calls.push_back(std::move(made));
  }
  SetLayout({});
  RETURN_IF_ERROR(AddColumns(results, step.source));
  return Push(std::move(node), absl::StrJoin(details, ", "), step.source);
}

absl::Status Emitter::EmitDistinct(const Step& step) {
  if (step.variables.size() == 1 && variables_.IsVertex(step.variables[0])) {
    auto vertices = std::make_unique<plan::DistinctVertices>();
    vertices->vertex = SlotOf(step.variables[0]);
    return Push(std::move(vertices), TextOf(step.variables), step.source);
  }
  auto node = std::make_unique<plan::Aggregate>();
  std::vector<PlanColumn> columns;
  for (const bound::VariableId variable : step.variables) {
    node->keys.push_back(SlotOf(variable));
    columns.push_back({variable});
  }
  SetLayout(columns);
  return Push(std::move(node), TextOf(step.variables), step.source);
}

absl::Status Emitter::EmitSort(const Step& step, const ColumnSet& after) {
  std::vector<const bound::Expression*> expressions;
  std::vector<std::string> details;
  for (const bound::SortKey& key : step.sort.keys) {
    expressions.push_back(key.expression);
    details.push_back(absl::StrCat(TextOf(*key.expression), key.is_descending ? " DESC" : " ASC"));
  }
  ASSIGN_OR_RETURN(const std::vector<uint32_t> slots, SlotsOf(expressions));
  auto node = std::make_unique<plan::Sort>();
  for (size_t i = 0; i < slots.size(); ++i) {
    node->keys.push_back({slots[i], step.sort.keys[i].is_descending});
  }
  CHECK(!rows_.row_number.has_value()) << "rows of several inputs are not sorted together";
  const std::vector<PlanColumn> kept(after.begin(), after.end());
  for (const PlanColumn& column : kept) node->kept.push_back(SlotOf(column));
  if (step.sort.skip != nullptr) {
    ASSIGN_OR_RETURN(node->skip, Compile(*step.sort.skip));
  }
  if (step.sort.limit != nullptr) {
    ASSIGN_OR_RETURN(node->limit, Compile(*step.sort.limit));
  }
  SetLayout(kept);
  // The keys stand behind what is kept.
  RETURN_IF_ERROR(AddSlots(slots.size(), step.source));
  return Push(std::move(node), absl::StrJoin(details, ", "), step.source);
}

}  // namespace tidemark::query
