// SPDX-License-Identifier: Apache-2.0
#include "query/planner/graph_order.h"

#include <algorithm>
#include <utility>

#include "base/status.h"
#include "query/binder/uses.h"
#include "query/planner/estimate.h"

namespace tidemark::query {
namespace {

// So many edges are compared before one is taken, whatever the pattern has.
constexpr uint32_t kMaxComparedEdges = 16;

// $list of a condition that raises only when $list is none.
const bound::Expression* ListParameterOf(const bound::Expression& condition) {
  if (condition.kind != bound::ExpressionKind::kOperation) return nullptr;
  const auto& node = bound::As<bound::Operation>(condition);
  const bool is_it =
      node.operators.size() == 1 && node.operators[0] == bound::BinaryOperator::kIn &&
      !node.operands[0]->may_raise && node.operands[1]->kind == bound::ExpressionKind::kParameter;
  return is_it && condition.may_raise ? node.operands[1] : nullptr;
}

}  // namespace

GraphOrder::GraphOrder(const bound::QueryGraph& graph, StepBuilder* builder, Pipeline* steps)
    : graph_(graph),
      builder_(builder),
      steps_(steps),
      known_(graph.arguments.begin(), graph.arguments.end()),
      edge_done_(graph.edges.size()) {
  for (const bound::PatternEdge& edge : graph.edges) edge_variables_.push_back(edge.variable);
  TakePredicates();
}

void GraphOrder::TakePredicates() {
  MadeExpressions& make = builder_->make();
  for (const bound::Predicate& predicate : graph_.predicates) {
    const bound::Expression* list = ListParameterOf(*predicate.condition);
    if (list == nullptr) {
      predicates_.push_back(predicate);
      continue;
    }
    predicates_.push_back({make.UnlessOther(*predicate.condition, *list), predicate.uses});
    predicates_.push_back({make.OrList(*predicate.condition, *list), predicate.uses});
  }
  predicate_done_.resize(predicates_.size());
}

absl::Status GraphOrder::Run() {
  RETURN_IF_ERROR(AddBoundVertices());
  RETURN_IF_ERROR(AddReady());
  const auto is_missing = [this](const bound::PatternVertex& vertex) {
    return !IsKnown(vertex.variable);
  };
  while (true) {
    if (const std::optional<uint32_t> edge = NextEdge()) {
      const std::optional<Start> end = UniqueEndOf(graph_.edges[*edge]);
      if (end.has_value()) RETURN_IF_ERROR(AddStart(*end));
      RETURN_IF_ERROR(AddEdge(*edge));
    } else if (const std::optional<uint32_t> bound_edge = BoundEdgeWithoutEnds()) {
      RETURN_IF_ERROR(AddEndsOf(graph_.edges[*bound_edge]));
    } else if (std::any_of(graph_.vertices.begin(), graph_.vertices.end(), is_missing)) {
      RETURN_IF_ERROR(AddStart(BestStart()));
    } else {
      break;
    }
  }
  RETURN_IF_ERROR(AddPaths());
  RETURN_IF_ERROR(AddReady());
  return AddLast();
}

absl::Status GraphOrder::AddBoundVertices() {
  for (const bound::PatternVertex& vertex : graph_.vertices) {
    if (!vertex.is_bound) continue;
    AddLabels(vertex, vertex.labels);
    // Null matches nothing, not even a pattern without labels and edges.
    const bool has_edge =
        std::any_of(graph_.edges.begin(), graph_.edges.end(), [&](const bound::PatternEdge& edge) {
          return LeftOf(edge) == vertex.variable || RightOf(edge) == vertex.variable;
        });
    const bool is_tested = has_edge || !vertex.labels.empty();
    if (!is_tested && builder_->variables().IsNullable(vertex.variable)) {
      RETURN_IF_ERROR(builder_->AddFilter({builder_->make().IsNotNull(vertex.variable)}, steps_));
    }
  }
  return absl::OkStatus();
}

absl::Status GraphOrder::AddEndsOf(const bound::PatternEdge& edge) {
  MadeExpressions& make = builder_->make();
  const bound::VariableId left = LeftOf(edge);
  Step step{.kind = StepKind::kProject, .source = edge.source, .defines = {left}};
  if (edge.direction == bound::PatternDirection::kEither) {
    step.kind = StepKind::kUnwind;
    step.expressions = {make.EndsOf(edge.variable)};
  } else {
    const bool is_source = edge.direction == bound::PatternDirection::kOut;
    step.items = {{left, make.EndOf(edge.variable, is_source)}};
  }
  step.uses.insert({edge.variable});
  steps_->push_back(std::move(step));
  known_.insert(left);
  AddLabels(graph_.vertices[edge.left], graph_.vertices[edge.left].labels);
  return AddReady();
}

void GraphOrder::AddLabels(const bound::PatternVertex& vertex,
                           absl::Span<const bound::Name> labels) {
  if (labels.empty()) return;
  Step step{.kind = StepKind::kFilterLabels, .place = Place::kOwner, .source = vertex.source};
  step.element = vertex.variable;
  step.uses.insert({vertex.variable});
  step.labels.assign(labels.begin(), labels.end());
  steps_->push_back(std::move(step));
}

Step GraphOrder::MakeExpand(const bound::PatternEdge& edge) const {
  Step step{.kind = StepKind::kExpand, .place = Place::kOwner, .source = edge.source};
  ExpandStep& expand = step.expand;
  expand.edge = &edge;
  const bool knows_left = IsKnown(LeftOf(edge));
  const bool knows_right = IsKnown(RightOf(edge));
  expand.is_into = knows_left && knows_right;
  expand.is_reversed = !knows_left;
  expand.from = knows_left ? LeftOf(edge) : RightOf(edge);
  expand.to = knows_left ? RightOf(edge) : LeftOf(edge);
  step.element = expand.from;
  if (edge.direction == bound::PatternDirection::kEither) {
    expand.direction = plan::Direction::kEither;
  } else {
    const bool is_out = (edge.direction == bound::PatternDirection::kOut) != expand.is_reversed;
    expand.direction = is_out ? plan::Direction::kOut : plan::Direction::kIn;
  }
  step.uses.insert({expand.from});
  if (expand.is_into) step.uses.insert({expand.to});
  return step;
}

absl::Status GraphOrder::MakeTrail(uint32_t index, Step* step) {
  PlanVariables& variables = builder_->variables();
  const bound::PatternEdge& edge = graph_.edges[index];
  step->kind = StepKind::kTrail;
  step->place = Place::kAnywhere;
  ExpandStep& expand = step->expand;
  expand.inner_from = variables.Add(bound::VariableKind::kVertex, kVertexType, edge.source);
  expand.inner_to = variables.Add(bound::VariableKind::kVertex, kVertexType, edge.source);
  expand.other_edges = OthersInGroup(index);
  for (const bound::VariableId other : expand.other_edges) step->uses.insert({other});
  Step inner{.kind = StepKind::kExpand, .place = Place::kOwner, .source = edge.source};
  inner.element = expand.inner_from;
  inner.expand = expand;
  inner.expand.from = expand.inner_from;
  inner.expand.to = expand.inner_to;
  inner.expand.edge_variable = edge.element;
  inner.expand.is_into = false;
  inner.uses.insert({expand.inner_from});
  inner.defines = {edge.element, expand.inner_to};
  step->inner.push_back(std::move(inner));
  std::vector<const bound::Expression*> conditions;
  for (const bound::Predicate& predicate : edge.element_predicates) {
    if (IsReadyInside(edge, predicate)) {
      conditions.push_back(predicate.condition);
    } else {
      predicates_.push_back(builder_->make().ForAll(edge, predicate));
      predicate_done_.push_back(false);
    }
  }
  return builder_->AddFilter(conditions, &step->inner);
}

absl::Status GraphOrder::AddEdge(uint32_t index) {
  const bound::PatternEdge& edge = graph_.edges[index];
  Step step = MakeExpand(edge);
  bound::VariableId variable = edge.variable;
  if (edge.is_bound) {
    const bound::Variable& given = builder_->variables().Of(edge.variable);
    variable = builder_->variables().Add(
        edge.has_length ? bound::VariableKind::kEdgeList : bound::VariableKind::kEdge,
        edge.has_length ? CypherType::ListOf(kEdgeType) : kEdgeType, given.source);
  }
  step.expand.edge_variable = variable;
  step.defines = {variable};
  if (!step.expand.is_into) step.defines.push_back(step.expand.to);
  if (edge.has_length) RETURN_IF_ERROR(MakeTrail(index, &step));
  const bool is_into = step.expand.is_into;
  const bound::PatternVertex& end =
      graph_.vertices[step.expand.is_reversed ? edge.left : edge.right];
  steps_->push_back(std::move(step));
  if (!edge.has_length) AddDifferent(index, variable);
  edge_done_[index] = true;
  edge_variables_[index] = variable;
  if (edge.is_bound) {
    MadeExpressions& make = builder_->make();
    const bound::Expression* same =
        make.Equal(make.Reference(variable), make.Reference(edge.variable));
    RETURN_IF_ERROR(builder_->AddFilter({same}, steps_));
  }
  known_.insert(edge.variable);
  // First what needs the edge alone: its owner may be here, that of the other end elsewhere.
  RETURN_IF_ERROR(AddReady());
  if (is_into) return absl::OkStatus();
  known_.insert(end.variable);
  AddLabels(end, end.labels);
  return AddReady();
}

std::vector<bound::VariableId> GraphOrder::OthersInGroup(uint32_t index) const {
  const auto has_common = [](absl::Span<const bound::Name> a, absl::Span<const bound::Name> b) {
    if (a.empty() || b.empty()) return true;
    return std::any_of(a.begin(), a.end(), [b](const bound::Name& name) {
      return std::any_of(b.begin(), b.end(),
                         [&name](const bound::Name& other) { return name.id == other.id; });
    });
  };
  std::vector<bound::VariableId> others;
  for (const absl::Span<const uint32_t> group : graph_.all_different) {
    if (std::find(group.begin(), group.end(), index) == group.end()) continue;
    for (const uint32_t other : group) {
      const bool can_meet = has_common(graph_.edges[index].types, graph_.edges[other].types);
      if (other != index && edge_done_[other] && can_meet) {
        others.push_back(edge_variables_[other]);
      }
    }
  }
  return others;
}

void GraphOrder::AddDifferent(uint32_t index, bound::VariableId variable) {
  std::vector<bound::VariableId> others = OthersInGroup(index);
  if (others.empty()) return;
  Step step{.kind = StepKind::kDifferentEdges, .source = graph_.edges[index].source};
  others.push_back(variable);
  for (const bound::VariableId edge : others) step.uses.insert({edge});
  step.variables = std::move(others);
  steps_->push_back(std::move(step));
}

absl::Status GraphOrder::AddPaths() {
  for (const bound::PathVariable& path : graph_.paths) {
    Step step{.kind = StepKind::kMakePath};
    step.source = builder_->variables().Of(path.variable).source;
    for (const uint32_t vertex : path.vertices) {
      step.variables.push_back(graph_.vertices[vertex].variable);
      step.uses.insert({step.variables.back()});
    }
    for (const uint32_t edge : path.edges) {
      step.edges.push_back(graph_.edges[edge].variable);
      step.uses.insert({step.edges.back()});
    }
    step.defines = {path.variable};
    steps_->push_back(std::move(step));
    known_.insert(path.variable);
  }
  return absl::OkStatus();
}

bool GraphOrder::IsEarly(const bound::Predicate& predicate) const {
  const bound::Expression& condition = *predicate.condition;
  return !condition.may_raise && !condition.is_volatile && !condition.has_subplan;
}

bool GraphOrder::IsReady(const bound::Predicate& predicate) const {
  return std::all_of(predicate.uses.begin(), predicate.uses.end(),
                     [this](bound::VariableId variable) { return IsKnown(variable); });
}

// Of an edge with a length: whether its condition on each edge can be tested while they are walked.
bool GraphOrder::IsReadyInside(const bound::PatternEdge& edge,
                               const bound::Predicate& predicate) const {
  return std::all_of(predicate.uses.begin(), predicate.uses.end(), [&](bound::VariableId variable) {
    return variable == edge.element || IsKnown(variable);
  });
}

// Conditions on the same variables are one step: they are tested in the same place.
absl::Status GraphOrder::AddReady() {
  for (size_t i = 0; i < predicates_.size(); ++i) {
    const bound::Predicate& first = predicates_[i];
    if (predicate_done_[i] || !IsEarly(first) || !IsReady(first)) continue;
    std::vector<const bound::Expression*> conditions;
    for (size_t k = i; k < predicates_.size(); ++k) {
      const bound::Predicate& other = predicates_[k];
      if (predicate_done_[k] || !IsEarly(other) || other.uses != first.uses) continue;
      predicate_done_[k] = true;
      conditions.push_back(other.condition);
    }
    RETURN_IF_ERROR(builder_->AddFilter(conditions, steps_));
  }
  return absl::OkStatus();
}

absl::Status GraphOrder::AddLast() {
  std::vector<const bound::Expression*> conditions;
  for (size_t i = 0; i < predicates_.size(); ++i) {
    if (!predicate_done_[i]) conditions.push_back(predicates_[i].condition);
  }
  return builder_->AddFilter(conditions, steps_);
}

std::optional<uint32_t> GraphOrder::NextEdge() const {
  std::optional<uint32_t> best;
  bool best_waits = false;
  double best_factor = 0;
  uint32_t compared = 0;
  for (uint32_t i = 0; i < graph_.edges.size(); ++i) {
    const bound::PatternEdge& edge = graph_.edges[i];
    if (edge_done_[i] || (!IsKnown(LeftOf(edge)) && !IsKnown(RightOf(edge)))) continue;
    if (++compared > kMaxComparedEdges) break;
    // One whose conditions can be tested while it is walked comes before one that must wait.
    const bool waits = !std::all_of(
        edge.element_predicates.begin(), edge.element_predicates.end(),
        [&](const bound::Predicate& predicate) { return IsReadyInside(edge, predicate); });
    const double factor = FactorOf(edge);
    if (best.has_value() && std::pair(waits, factor) >= std::pair(best_waits, best_factor))
      continue;
    best = i;
    best_waits = waits;
    best_factor = factor;
  }
  return best;
}

std::optional<uint32_t> GraphOrder::BoundEdgeWithoutEnds() const {
  for (uint32_t i = 0; i < graph_.edges.size(); ++i) {
    const bound::PatternEdge& edge = graph_.edges[i];
    if (!edge_done_[i] && edge.is_bound && !edge.has_length) return i;
  }
  return std::nullopt;
}

double GraphOrder::FactorOf(const bound::PatternEdge& edge) const {
  const Statistics& statistics = *builder_->input().statistics;
  const double degree = EstimateDegree(edge, statistics);
  const bool knows_left = IsKnown(LeftOf(edge));
  if (knows_left && IsKnown(RightOf(edge))) return EstimateInto(degree);
  const bound::PatternVertex& end = graph_.vertices[knows_left ? edge.right : edge.left];
  return degree * EstimateShare(end.labels, statistics) * SelectivityOf(end.variable, {});
}

double GraphOrder::SelectivityOf(bound::VariableId variable,
                                 absl::Span<const size_t> answered) const {
  double selectivity = 1;
  for (size_t i = 0; i < predicates_.size(); ++i) {
    const bound::Predicate& predicate = predicates_[i];
    const bool is_answered = std::find(answered.begin(), answered.end(), i) != answered.end();
    if (predicate_done_[i] || is_answered || !IsEarly(predicate)) continue;
    bool is_here = false;
    const bool is_ready =
        std::all_of(predicate.uses.begin(), predicate.uses.end(), [&](bound::VariableId use) {
          is_here = is_here || use == variable;
          return use == variable || IsKnown(use);
        });
    if (!is_ready || !is_here) continue;
    selectivity *= EstimateSelectivity(*predicate.condition);
  }
  return selectivity;
}

}  // namespace tidemark::query
