// SPDX-License-Identifier: Apache-2.0
// With what a pattern begins: a vertex, or an edge that an id finds.
#include <algorithm>
#include <utility>

#include "base/status.h"
#include "query/planner/estimate.h"
#include "query/planner/graph_order.h"

namespace tidemark::query {

GraphOrder::OpenPredicates GraphOrder::Open() const {
  OpenPredicates open;
  for (size_t i = 0; i < predicates_.size(); ++i) {
    if (predicate_done_[i]) continue;
    open.predicates.push_back(predicates_[i]);
    open.numbers.push_back(i);
  }
  return open;
}

bool GraphOrder::IsArgument(bound::VariableId variable) const {
  return std::binary_search(graph_.arguments.begin(), graph_.arguments.end(), variable);
}

GraphOrder::Start GraphOrder::StartAt(uint32_t index) const {
  const bound::PatternVertex& vertex = graph_.vertices[index];
  Start start{.vertex = index};
  const OpenPredicates open = Open();
  start.seek = ChooseSeek(
      vertex, open.predicates, [this](bound::VariableId variable) { return IsKnown(variable); },
      [this](bound::VariableId variable) { return IsArgument(variable); }, builder_->input());
  double rows = EstimateLabels(vertex.labels, *builder_->input().statistics);
  std::vector<size_t> answered;
  if (start.seek.has_value()) {
    for (size_t& predicate : start.seek->answered) predicate = open.numbers[predicate];
    answered = start.seek->answered;
    rows = start.seek->rows;
  }
  start.cost = rows + rows * SelectivityOf(vertex.variable, answered);
  return start;
}

// An edge that an id finds, when neither of its ends is known.
std::optional<GraphOrder::Start> GraphOrder::StartAtEdge(uint32_t index) const {
  const bound::PatternEdge& edge = graph_.edges[index];
  if (edge_done_[index] || edge.is_bound || edge.has_length) return std::nullopt;
  if (IsKnown(LeftOf(edge)) || IsKnown(RightOf(edge))) return std::nullopt;
  Start start{.edge = index};
  start.seek = ChooseId(
      edge.variable, Open().predicates,
      [this](bound::VariableId variable) { return IsKnown(variable); },
      [this](bound::VariableId variable) { return IsArgument(variable); });
  if (!start.seek.has_value()) return std::nullopt;
  start.seek->seek.is_edge = true;
  start.cost = start.seek->rows * (1 + SelectivityOf(edge.variable, {}));
  return start;
}

// The other end of an edge when a unique key finds it: then only edges to it are looked for.
std::optional<GraphOrder::Start> GraphOrder::UniqueEndOf(const bound::PatternEdge& edge) const {
  const bool knows_left = IsKnown(LeftOf(edge));
  if (knows_left && IsKnown(RightOf(edge))) return std::nullopt;
  Start end = StartAt(knows_left ? edge.right : edge.left);
  if (!end.seek.has_value() || !end.seek->seek.is_unique) return std::nullopt;
  return end;
}

GraphOrder::Start GraphOrder::BestStart() const {
  std::optional<Start> best;
  for (uint32_t i = 0; i < graph_.edges.size() && !best.has_value(); ++i) best = StartAtEdge(i);
  for (uint32_t i = 0; i < graph_.vertices.size(); ++i) {
    if (IsKnown(graph_.vertices[i].variable)) continue;
    Start start = StartAt(i);
    const bool is_better =
        !best.has_value() || start.cost < best->cost ||
        (start.cost == best->cost && start.seek.has_value() && !best->seek.has_value());
    if (is_better) best = std::move(start);
  }
  return *std::move(best);
}

// Each condition is tested where its element is: first what needs the edge alone.
absl::Status GraphOrder::AddEdgeStart(const Start& start) {
  PlanVariables& variables = builder_->variables();
  const bound::PatternEdge& edge = graph_.edges[*start.edge];
  Step step{.kind = StepKind::kSeek, .place = Place::kAllWorkers, .source = edge.source};
  step.element = edge.variable;
  step.seek = start.seek->seek;
  step.seek.rows = start.seek->rows;
  RETURN_IF_ERROR(ComputeForSeek(&step.seek.equal[0]));
  builder_->NoteUses(*step.seek.equal[0], &step);
  ExpandStep& expand = step.expand;
  expand.edge = &edge;
  expand.edge_variable = edge.variable;
  expand.from = LeftOf(edge);
  expand.to = RightOf(edge);
  expand.direction = edge.direction == bound::PatternDirection::kEither ? plan::Direction::kEither
                     : edge.direction == bound::PatternDirection::kOut  ? plan::Direction::kOut
                                                                        : plan::Direction::kIn;
  const bool is_loop = edge.left == edge.right;
  if (is_loop) expand.to = variables.Add(bound::VariableKind::kVertex, kVertexType, edge.source);
  const bound::VariableId from = expand.from;
  const bound::VariableId to = expand.to;
  step.defines = {edge.variable, from, to};
  steps_->push_back(std::move(step));
  AddDifferent(*start.edge, edge.variable);
  edge_done_[*start.edge] = true;
  known_.insert(edge.variable);
  RETURN_IF_ERROR(AddReady());
  if (is_loop) {
    MadeExpressions& make = builder_->make();
    const bound::Expression* same = make.Equal(make.Reference(from), make.Reference(to));
    RETURN_IF_ERROR(builder_->AddFilter({same}, steps_));
  }
  // The owner of the edge is that of its source.
  const bool is_in = edge.direction == bound::PatternDirection::kIn;
  for (const uint32_t end : {is_in ? edge.right : edge.left, is_in ? edge.left : edge.right}) {
    const bound::PatternVertex& vertex = graph_.vertices[end];
    if (!known_.insert(vertex.variable).second) continue;
    AddLabels(vertex, vertex.labels);
    RETURN_IF_ERROR(AddReady());
  }
  return absl::OkStatus();
}

absl::Status GraphOrder::AddStart(const Start& start) {
  if (start.edge.has_value()) return AddEdgeStart(start);
  const bound::PatternVertex& vertex = graph_.vertices[start.vertex];
  Step step{.kind = StepKind::kScan, .place = Place::kAllWorkers, .source = vertex.source};
  step.element = vertex.variable;
  step.defines = {vertex.variable};
  step.labels.assign(vertex.labels.begin(), vertex.labels.end());
  std::vector<bound::Name> others;
  if (start.seek.has_value()) {
    const SeekChoice& choice = *start.seek;
    step.kind = StepKind::kSeek;
    step.seek = choice.seek;
    step.seek.rows = choice.rows;
    for (const auto*& value : step.seek.equal) RETURN_IF_ERROR(ComputeForSeek(&value));
    SeekRange& range = step.seek.range;
    for (const auto** value : {&range.first, &range.last, &range.prefix}) {
      if (*value != nullptr) RETURN_IF_ERROR(ComputeForSeek(value));
    }
    step.labels.clear();
    for (const bound::Name& label : vertex.labels) {
      const bool is_answered = label.id != 0 && label.id == choice.label;
      (is_answered ? step.labels : others).push_back(label);
    }
    for (const auto* value : {range.first, range.last, range.prefix}) {
      if (value != nullptr) builder_->NoteUses(*value, &step);
    }
    for (const auto* value : step.seek.equal) builder_->NoteUses(*value, &step);
    for (const size_t predicate : choice.answered) predicate_done_[predicate] = true;
  }
  steps_->push_back(std::move(step));
  known_.insert(vertex.variable);
  AddLabels(vertex, others);
  return AddReady();
}

// What may raise is computed in a step of its own, and the seek asks for the variable.
absl::Status GraphOrder::ComputeForSeek(const bound::Expression** value) {
  const bound::Expression& expression = **value;
  if (!MustComputeBeforeSeek(expression)) return absl::OkStatus();
  PlanVariables& variables = builder_->variables();
  const bound::VariableId variable =
      variables.Add(bound::VariableKind::kValue, expression.type, expression.source);
  Step step{.kind = StepKind::kProject, .source = expression.source, .defines = {variable}};
  step.items = {{variable, &expression}};
  RETURN_IF_ERROR(builder_->AddExpression(expression, &step, steps_));
  variables.NoteComputed(variable, expression);
  steps_->push_back(std::move(step));
  known_.insert(variable);
  *value = builder_->make().Reference(variable);
  return absl::OkStatus();
}

}  // namespace tidemark::query
