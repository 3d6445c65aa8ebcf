// SPDX-License-Identifier: Apache-2.0
// Patterns: depth first over all edges of the graph.
#include <algorithm>

#include "graph/value_order.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using query::As;
using query::EdgeDirection;
using query::LabelKind;
using query::PathElementKind;

namespace {

constexpr int64_t kMaxSteps = 300'000;

bool Contains(const std::vector<EdgeId>& used, EdgeId id) {
  return std::find(used.begin(), used.end(), id) != used.end();
}

}  // namespace

std::set<std::string> Evaluator::VariablesOf(absl::Span<query::PathPattern* const> paths) {
  std::set<std::string> names;
  for (const query::PathPattern* path : paths) {
    if (!path->variable.empty()) names.insert(std::string(path->variable.text));
    for (const query::PathElement* element : path->elements) {
      query::Name name;
      if (element->kind == PathElementKind::kVertex) {
        name = As<query::VertexPattern>(*element).variable;
      } else if (element->kind == PathElementKind::kEdge) {
        name = As<query::EdgePattern>(*element).variable;
      }
      if (!name.empty()) names.insert(std::string(name.text));
    }
  }
  return names;
}

void Evaluator::MatchPaths(absl::Span<query::PathPattern* const> paths, size_t at, const Row& row,
                           Used* used, const Emit& emit) {
  if (failed()) return;
  if (at == paths.size()) return emit(row);
  MatchPath(*paths[at], row, used,
            [&](const Row& matched) { MatchPaths(paths, at + 1, matched, used, emit); });
}

void Evaluator::MatchPath(const query::PathPattern& path, const Row& row, Used* used,
                          const Emit& emit) {
  if (failed()) return;
  if (path.selector.kind != query::PathSelectorKind::kNone ||
      path.function != query::ShortestFunction::kNone ||
      path.elements[0]->kind != PathElementKind::kVertex) {
    NotCovered("such a path");
    return;
  }
  const auto& first = As<query::VertexPattern>(*path.elements[0]);
  for (const auto& [id, vertex] : graph_.vertices) {
    Row matched = row;
    if (!vertex.deleted && MatchVertex(first, id, &matched)) {
      Walk({path, used, emit}, 1, {{id}, {}}, matched);
    }
    if (failed()) return;
  }
}

void Evaluator::Walk(const Search& search, size_t at, const graph::Path& walked, const Row& row) {
  const auto& [path, used, emit] = search;
  if (++steps_ > kMaxSteps) NotCovered("that many steps");
  if (failed()) return;
  if (at == path.elements.size()) {
    Row matched = row;
    if (!path.variable.empty()) matched[std::string(path.variable.text)] = Value::Of(walked);
    return emit(matched);
  }
  if (path.elements[at]->kind != PathElementKind::kEdge) return void(NotCovered("a group"));
  const auto& pattern = As<query::EdgePattern>(*path.elements[at]);
  if (pattern.quantifier != nullptr) return void(NotCovered("a quantifier"));
  if (pattern.length != nullptr) {
    std::vector<Value> edges;
    return WalkRepeated(search, at, walked, &edges, row);
  }
  const std::string name(pattern.variable.text);
  for (const auto& [edge, target] : Steps(pattern.direction, walked.vertices.back())) {
    if (Contains(*used, edge->ref.edge) || !MatchEdge(pattern, *edge, row)) continue;
    Row matched = row;
    if (!pattern.variable.empty()) {
      const auto bound = row.find(name);
      const Value value = Value::Of(edge->ref);
      if (bound != row.end() && !graph::Equivalent(bound->second, value)) continue;
      matched[name] = value;
    }
    graph::Path longer = walked;
    longer.edges.push_back(edge->ref);
    longer.vertices.push_back(target);
    used->push_back(edge->ref.edge);
    Arrive(search, at + 1, longer, matched);
    used->pop_back();
  }
}

void Evaluator::Arrive(const Search& search, size_t at, const graph::Path& walked, const Row& row) {
  const query::PathPattern& path = search.path;
  if (path.elements[at]->kind != PathElementKind::kVertex) return void(NotCovered("a group"));
  Row matched = row;
  const auto& pattern = As<query::VertexPattern>(*path.elements[at]);
  if (!MatchVertex(pattern, walked.vertices.back(), &matched)) return;
  Walk(search, at + 1, walked, matched);
}

void Evaluator::WalkRepeated(const Search& search, size_t at, const graph::Path& walked,
                             std::vector<Value>* edges, const Row& row) {
  const auto& [path, used, emit] = search;
  if (++steps_ > kMaxSteps) NotCovered("that many steps");
  if (failed()) return;
  const auto& pattern = As<query::EdgePattern>(*path.elements[at]);
  const auto count = static_cast<int64_t>(edges->size());
  const query::Repetition& length = *pattern.length;
  const std::string name(pattern.variable.text);
  if (count >= length.min && (length.max == query::kUnboundedRepetition || count <= length.max)) {
    Row matched = row;
    const Value list = Value::List(*edges);
    const auto bound = row.find(name);
    const bool fits =
        pattern.variable.empty() || bound == row.end() || graph::Equivalent(bound->second, list);
    if (!pattern.variable.empty()) matched[name] = list;
    if (fits) Arrive(search, at + 1, walked, matched);
  }
  if (length.max != query::kUnboundedRepetition && count >= length.max) return;
  for (const auto& [edge, target] : Steps(pattern.direction, walked.vertices.back())) {
    if (Contains(*used, edge->ref.edge) || !MatchEdge(pattern, *edge, row)) continue;
    graph::Path longer = walked;
    longer.edges.push_back(edge->ref);
    longer.vertices.push_back(target);
    used->push_back(edge->ref.edge);
    edges->push_back(Value::Of(edge->ref));
    WalkRepeated(search, at, longer, edges, row);
    edges->pop_back();
    used->pop_back();
  }
}

// A loop is walked once, whatever the direction.
std::vector<std::pair<const Edge*, VertexId>> Evaluator::Steps(EdgeDirection direction,
                                                               VertexId from) const {
  std::vector<std::pair<const Edge*, VertexId>> steps;
  for (const auto& [id, edge] : graph_.edges) {
    if (edge.deleted) continue;
    if (edge.ref.source == from && direction != EdgeDirection::kIn) {
      steps.emplace_back(&edge, edge.ref.target);
    } else if (edge.ref.target == from && direction != EdgeDirection::kOut) {
      steps.emplace_back(&edge, edge.ref.source);
    }
  }
  return steps;
}

bool Evaluator::Holds(bool is_true) {
  if (!not_covered_.empty()) return false;
  if (conditions_ == Conditions::kErrorsHold && error_.has_value()) {
    error_.reset();
    return true;
  }
  return !failed() && (is_true || conditions_ == Conditions::kAllHold);
}

bool Evaluator::MatchVertex(const query::VertexPattern& pattern, VertexId id, Row* row) {
  const Value value = Value::Of(id);
  if (!pattern.variable.empty()) {
    const auto [bound, is_new] = row->emplace(std::string(pattern.variable.text), value);
    if (!is_new && !graph::Equivalent(bound->second, value)) {
      if (bound->second.is_null() || bound->second.type() == graph::ValueType::kVertex) {
        return false;
      }
      TypeError();
      return false;
    }
  }
  const Vertex& vertex = graph_.vertices.at(id);
  if (pattern.labels != nullptr && !Holds(MatchLabels(*pattern.labels, vertex.labels, *row))) {
    return false;
  }
  return Holds(MatchProperties(pattern.properties, vertex.properties, *row)) &&
         Holds(IsTrue(pattern.where, *row));
}

bool Evaluator::MatchEdge(const query::EdgePattern& pattern, const Edge& edge, const Row& row) {
  if (pattern.types != nullptr && !MatchLabels(*pattern.types, {edge.type}, row)) return false;
  if (!Holds(MatchProperties(pattern.properties, edge.properties, row))) return false;
  if (pattern.where == nullptr) return true;
  Row scope = row;
  scope[std::string(pattern.variable.text)] = Value::Of(edge.ref);
  return Holds(IsTrue(pattern.where, scope));
}

bool Evaluator::MatchProperties(const query::Expression* map, const Properties& properties,
                                const Row& row) {
  if (map == nullptr) return true;
  const Value wanted = Eval(*map, row);
  if (failed()) return false;
  if (wanted.type() != graph::ValueType::kMap) {
    TypeError();
    return false;
  }
  return std::all_of(wanted.map().begin(), wanted.map().end(), [&](const auto& entry) {
    const auto found = properties.find(entry.first);
    return found != properties.end() &&
           graph::Equals(found->second, entry.second) == graph::Ternary::kTrue;
  });
}

bool Evaluator::MatchLabels(const query::LabelExpression& labels,
                            const std::set<std::string>& names, const Row& row) {
  const auto matches = [&](const query::LabelExpression* inner) {
    return MatchLabels(*inner, names, row);
  };
  switch (labels.kind) {
    case LabelKind::kName:
      return names.count(std::string(labels.name.text)) != 0;
    case LabelKind::kAny:
      return !names.empty();
    case LabelKind::kDynamic:
      NotCovered("a dynamic label");
      return false;
    case LabelKind::kNot:
      return !matches(labels.inner[0]);
    case LabelKind::kAnd:
      return std::all_of(labels.inner.begin(), labels.inner.end(), matches);
    case LabelKind::kOr:
      return std::any_of(labels.inner.begin(), labels.inner.end(), matches);
  }
  return false;
}

}  // namespace tidemark::reference
