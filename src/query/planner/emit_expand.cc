// SPDX-License-Identifier: Apache-2.0
// Expansions in the form that is the least work: which edges are passed over is part of them, ends
// and types of edges are made when somebody looks at them, and rows of which nothing counts but
// their number are counted.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "query/planner/emitter.h"

namespace tidemark::query {
namespace {

bool IsVolatile(const bound::Expression* expression) { return expression->is_volatile; }

bool ComputesVolatile(const Step& step) {
  const auto is_volatile = [](const Computed& item) { return IsVolatile(item.expression); };
  const AggregateStep& aggregate = step.aggregate;
  return std::any_of(step.expressions.begin(), step.expressions.end(), IsVolatile) ||
         std::any_of(step.items.begin(), step.items.end(), is_volatile) ||
         std::any_of(aggregate.keys.begin(), aggregate.keys.end(), is_volatile) ||
         std::any_of(aggregate.calls.begin(), aggregate.calls.end(), [](const AggregateItem& item) {
           return std::any_of(item.arguments.begin(), item.arguments.end(), IsVolatile);
         });
}

// Whether one row that counts several times is as good as several rows, from a step on: those up to
// an aggregate work on each row alone.
bool TakesMultiples(const Pipeline& steps, size_t from, bool only_counts) {
  for (size_t i = from; i < steps.size(); ++i) {
    if (ComputesVolatile(steps[i])) return false;
    switch (steps[i].kind) {
      case StepKind::kScan:
      case StepKind::kExpand:
      case StepKind::kFetch:
      case StepKind::kFilter:
      case StepKind::kFilterLabels:
      case StepKind::kDifferentEdges:
      case StepKind::kProject:
        break;
      case StepKind::kAggregate:
        return steps[i].aggregate.phase != plan::AggregatePhase::kFinal;
      case StepKind::kDistinct:
        return true;
      default:
        return false;
    }
  }
  return only_counts;
}

bool Reads(const Step& step, bound::VariableId variable, const ColumnSet& after) {
  const auto has = [variable](const ColumnSet& columns) {
    const auto it = columns.lower_bound({variable});
    return it != columns.end() && it->variable == variable;
  };
  return has(step.uses) || (!step.inner.empty() && has(ArgumentsOf(step, after)));
}

}  // namespace

Emitter::ExpandForm Emitter::FormOf(const Pipeline& steps, size_t index,
                                    const std::vector<ColumnSet>& needed, bool only_counts) const {
  const ExpandStep& expand = steps[index].expand;
  ExpandForm form;
  form.last = index;
  if (index + 1 < steps.size() && steps[index + 1].kind == StepKind::kDifferentEdges) {
    std::vector<bound::VariableId> others = steps[index + 1].variables;
    const size_t removed = std::erase(others, expand.edge_variable);
    const bool are_edges = std::all_of(others.begin(), others.end(),
                                       [this](auto other) { return variables_.IsEdge(other); });
    if (removed == 1 && are_edges) {
      form.last = index + 1;
      form.other_edges = std::move(others);
    }
  }
  const ColumnSet& after = needed[form.last];
  form.is_degree = !expand.is_into && !after.contains({expand.edge_variable}) &&
                   !after.contains({expand.to}) &&
                   TakesMultiples(steps, form.last + 1, only_counts);
  return form;
}

std::optional<Emitter::CountForm> Emitter::CountFormOf(const Pipeline& steps, size_t index,
                                                       const std::vector<ExpandForm>& forms,
                                                       const std::vector<ColumnSet>& needed,
                                                       bool only_counts) const {
  const Step& scan = steps[index];
  if (scan.kind != StepKind::kScan) return std::nullopt;
  const std::vector<uint32_t> labels = IdsOf(scan.labels);
  if (!needed[index].contains({scan.element})) {
    if (labels.size() > 1 || !TakesMultiples(steps, index + 1, only_counts)) return std::nullopt;
    return CountForm{.last = index};
  }
  if (!labels.empty() || index + 1 == steps.size()) return std::nullopt;
  const Step& expand = steps[index + 1];
  const ExpandForm& form = forms[index + 1];
  const bool is_of_all = expand.kind == StepKind::kExpand && expand.expand.from == scan.element &&
                         expand.expand.direction != plan::Direction::kEither && form.is_degree &&
                         form.other_edges.empty() && !needed[form.last].contains({scan.element});
  if (!is_of_all) return std::nullopt;
  return CountForm{.last = form.last, .expand = &expand};
}

std::vector<Emitter::ExpandForm> Emitter::FormsOf(const Pipeline& steps,
                                                  const std::vector<ColumnSet>& needed,
                                                  bool only_counts) const {
  std::vector<ExpandForm> forms(steps.size());
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind == StepKind::kExpand) forms[i] = FormOf(steps, i, needed, only_counts);
  }
  for (size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].kind != StepKind::kExpand) continue;
    const bound::VariableId edge = steps[i].expand.edge_variable;
    // Whoever compares edges needs their ids alone; Degree asks at which vertices they are.
    bool is_read = needed.back().contains({edge});
    for (size_t k = i + 1; k < steps.size() && !is_read; ++k) {
      const auto& others = forms[k].other_edges;
      const bool is_other = std::find(others.begin(), others.end(), edge) != others.end();
      is_read = steps[k].kind == StepKind::kDifferentEdges ? false
                : steps[k].kind == StepKind::kExpand       ? forms[k].is_degree && is_other
                                                           : Reads(steps[k], edge, needed[k]);
    }
    forms[i].gives_ends = is_read;
  }
  return forms;
}

std::vector<uint32_t> Emitter::UnreadSlots(const ColumnSet& after,
                                           std::vector<uint32_t> read) const {
  for (const PlanColumn& column : after) {
    if (HasSlot(column)) read.push_back(SlotOf(column));
  }
  if (rows_.row_number.has_value()) read.push_back(*rows_.row_number);
  std::sort(read.begin(), read.end());
  std::vector<uint32_t> unread;
  for (uint32_t slot = 0; slot < rows_.slot_count; ++slot) {
    if (!std::binary_search(read.begin(), read.end(), slot)) unread.push_back(slot);
  }
  return unread;
}

absl::Status Emitter::EmitExpand(const Step& step, const ExpandForm& form, const ColumnSet& after) {
  const ExpandStep& expand = step.expand;
  auto node = std::make_unique<plan::Expand>();
  node->from = SlotOf(expand.from);
  node->direction = expand.direction;
  node->types = IdsOf(expand.edge->types);
  node->gives_edge = after.contains({expand.edge_variable});
  node->gives_ends = node->gives_edge && form.gives_ends;
  std::string details = TextOfEdge(expand);
  for (const bound::VariableId other : form.other_edges) {
    node->other_edges.push_back(SlotOf(other));
  }
  if (!form.other_edges.empty()) absl::StrAppend(&details, " not ", TextOf(form.other_edges));
  std::vector<uint32_t> read = node->other_edges;
  read.push_back(node->from);
  if (expand.is_into) {
    node->to = SlotOf(expand.to);
    read.push_back(*node->to);
  }
  node->unread = UnreadSlots(after, std::move(read));
  std::vector<PlanColumn> columns;
  if (node->gives_edge) columns.push_back({expand.edge_variable});
  if (!expand.is_into) columns.push_back({expand.to});
  RETURN_IF_ERROR(AddColumns(columns, step.source));
  return Push(std::move(node), std::move(details), step.source);
}

absl::Status Emitter::EmitStoredCount(const Step& scan, const CountForm& form) {
  auto node = std::make_unique<plan::StoredCount>();
  if (form.expand != nullptr) {
    node->is_of_edges = true;
    node->names = IdsOf(form.expand->expand.edge->types);
    return Push(std::move(node), TextOfEdge(form.expand->expand), scan.source);
  }
  if (!scan.labels.empty()) node->names = {scan.labels[0].id};
  return Push(std::move(node), absl::StrCat("(", TextOf(scan.element), LabelText(scan.labels), ")"),
              scan.source);
}

absl::Status Emitter::EmitDegree(const Step& step, const ExpandForm& form) {
  const ExpandStep& expand = step.expand;
  auto node = std::make_unique<plan::Degree>();
  node->from = SlotOf(expand.from);
  node->direction = expand.direction;
  node->types = IdsOf(expand.edge->types);
  std::string details = TextOfEdge(expand);
  for (const bound::VariableId other : form.other_edges) {
    node->other_edges.push_back(SlotOf(other));
  }
  if (!form.other_edges.empty()) absl::StrAppend(&details, " not ", TextOf(form.other_edges));
  return Push(std::move(node), std::move(details), step.source);
}

}  // namespace tidemark::query
