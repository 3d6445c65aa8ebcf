// SPDX-License-Identifier: Apache-2.0
// Updating clauses.
#include <algorithm>
#include <cmath>

#include "graph/property_limits.h"
#include "graph/value_order.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using graph::ValueType;
using query::As;
using query::ClauseKind;
using query::ErrorId;

namespace {

// Integers among floats become floats.
Value Stored(const Value& value) {
  if (value.type() != ValueType::kList) return value;
  const auto is_float = [](const Value& item) { return item.type() == ValueType::kFloat; };
  if (std::none_of(value.list().begin(), value.list().end(), is_float)) return value;
  std::vector<Value> items;
  for (const Value& item : value.list()) {
    items.push_back(is_float(item) ? item : Value::Float(static_cast<double>(item.integer())));
  }
  return Value::List(items);
}

void AddNames(const query::LabelExpression* labels, std::set<std::string>* names) {
  if (labels == nullptr) return;
  if (labels->kind == query::LabelKind::kName) names->insert(std::string(labels->name.text));
  for (const query::LabelExpression* inner : labels->inner) AddNames(inner, names);
}

}  // namespace

void Evaluator::RunUpdate(const query::Clause& clause, Table* table) {
  switch (clause.kind) {
    case ClauseKind::kCreate: {
      const auto& create = As<query::CreateClause>(clause);
      std::vector<Maps> maps;
      for (const Row& row : table->rows) maps.push_back(MapsOf(create, row));
      for (size_t i = 0; i < table->rows.size(); ++i) {
        maps_ = std::move(maps[i]);
        for (const query::PathPattern* path : create.paths) Create(*path, &table->rows[i]);
      }
      maps_.clear();
      table->columns.merge(VariablesOf(create.paths));
      return;
    }
    case ClauseKind::kMerge:
      return Merge(As<query::MergeClause>(clause), table);
    case ClauseKind::kSet:
      return Set(As<query::SetClause>(clause).items, false, table->rows);
    case ClauseKind::kRemove:
      return Set(As<query::RemoveClause>(clause).items, true, table->rows);
    case ClauseKind::kDelete:
      return Delete(As<query::DeleteClause>(clause), *table);
    case ClauseKind::kForeach:
      return Foreach(As<query::ForeachClause>(clause), *table);
    default:
      NotCovered("the clause");
  }
}

void Evaluator::SetProperty(Properties* properties, const std::string& key, const Value& value) {
  if (failed()) return;
  if (value.is_null()) {
    counters_.properties_set += static_cast<int64_t>(properties->erase(key));
    return;
  }
  if (!graph::CheckStorable(value).ok()) {
    Fail(ErrorId::kInvalidPropertyType);
    return;
  }
  // All properties of an element count; statements that make several large ones are not looked for.
  if (value.type() == graph::ValueType::kString &&
      !graph::CheckPropertySetBytes(value.string().size()).ok()) {
    Fail(ErrorId::kValueTooLarge);
    return;
  }
  (*properties)[key] = Stored(value);
  ++counters_.properties_set;
}

// Properties are computed before anything is made, but for those that look at what is made.
Evaluator::Maps Evaluator::MapsOf(const query::CreateClause& create, const Row& row) {
  Maps maps;
  for (const query::PathPattern* path : create.paths) {
    for (const query::PathElement* element : path->elements) {
      const bool is_vertex = element->kind == query::PathElementKind::kVertex;
      const query::Expression* map = is_vertex ? As<query::VertexPattern>(*element).properties
                                               : As<query::EdgePattern>(*element).properties;
      if (map == nullptr || failed()) continue;
      Value value = Eval(*map, row);
      if (error_ == ErrorId::kUndefinedVariable) {
        error_.reset();
      } else {
        maps.emplace(map, std::move(value));
      }
    }
  }
  return maps;
}

Value Evaluator::MapOf(const query::Expression* properties, const Row& row) {
  if (properties == nullptr) return Value::Map({});
  const auto computed = maps_.find(properties);
  return computed == maps_.end() ? Eval(*properties, row) : computed->second;
}

VertexId Evaluator::CreateVertex(const query::VertexPattern& pattern, Row* row) {
  const std::string name(pattern.variable.text);
  if (!pattern.variable.empty() && row->count(name) != 0) {
    const Value& bound = row->at(name);
    if (bound.type() == ValueType::kVertex) {
      if (graph_.vertices.at(bound.vertex()).deleted) Fail(ErrorId::kDeletedEntityAccess);
      return bound.vertex();
    }
    Fail(ErrorId::kInvalidArgumentType);
    return {};
  }
  const Value map = MapOf(pattern.properties, *row);
  if (map.type() != ValueType::kMap) {
    TypeError();
    return {};
  }
  const VertexId id = graph_.AddVertex();
  ++counters_.nodes_created;
  Vertex& vertex = graph_.vertices.at(id);
  AddNames(pattern.labels, &vertex.labels);
  counters_.labels_added += static_cast<int64_t>(vertex.labels.size());
  for (const auto& [key, value] : map.map()) SetProperty(&vertex.properties, key, value);
  if (!pattern.variable.empty()) (*row)[name] = Value::Of(id);
  return id;
}

void Evaluator::Create(const query::PathPattern& path, Row* row) {
  if (failed()) return;
  graph::Path made;
  made.vertices.push_back(CreateVertex(As<query::VertexPattern>(*path.elements[0]), row));
  for (size_t i = 1; i + 1 < path.elements.size() && !failed(); i += 2) {
    const auto& pattern = As<query::EdgePattern>(*path.elements[i]);
    const VertexId from = made.vertices.back();
    const VertexId to = CreateVertex(As<query::VertexPattern>(*path.elements[i + 1]), row);
    const Value map = MapOf(pattern.properties, *row);
    if (!failed() && map.type() != ValueType::kMap) TypeError();
    std::set<std::string> types;
    AddNames(pattern.types, &types);
    if (types.size() != 1) NotCovered("a dynamic type");
    if (failed()) return;
    const bool backward = pattern.direction == query::EdgeDirection::kIn;
    const EdgeId id = graph_.AddEdge(backward ? to : from, backward ? from : to, *types.begin());
    ++counters_.relationships_created;
    Edge& edge = graph_.edges.at(id);
    for (const auto& [key, value] : map.map()) SetProperty(&edge.properties, key, value);
    if (!pattern.variable.empty()) {
      (*row)[std::string(pattern.variable.text)] = Value::Of(edge.ref);
    }
    made.edges.push_back(edge.ref);
    made.vertices.push_back(to);
  }
  if (!failed() && !path.variable.empty()) {
    (*row)[std::string(path.variable.text)] = Value::Of(made);
  }
}

// A key that is null or NaN could never be found again.
void Evaluator::CheckMergeKeys(const query::PathPattern& path, const Row& row) {
  for (const query::PathElement* element : path.elements) {
    const bool is_vertex = element->kind == query::PathElementKind::kVertex;
    const query::Expression* properties = is_vertex ? As<query::VertexPattern>(*element).properties
                                                    : As<query::EdgePattern>(*element).properties;
    if (is_vertex) {
      const auto bound = row.find(std::string(As<query::VertexPattern>(*element).variable.text));
      if (bound != row.end() && bound->second.is_null()) TypeError();
    }
    if (properties == nullptr || failed()) continue;
    const Value map = Eval(*properties, row);
    if (failed() || map.type() != ValueType::kMap) return void(TypeError());
    for (const auto& [key, value] : map.map()) {
      const bool is_nan = value.type() == ValueType::kFloat && std::isnan(value.real());
      if (value.is_null() || is_nan) Fail(ErrorId::kMergeReadOwnWrites);
    }
  }
}

void Evaluator::Merge(const query::MergeClause& clause, Table* table) {
  std::vector<Row> rows;
  for (const Row& row : table->rows) {
    CheckMergeKeys(*clause.path, row);
    std::vector<Row> found;
    Used used;
    MatchPath(*clause.path, row, &used, [&](const Row& match) { found.push_back(match); });
    if (failed()) return;
    const bool created = found.empty();
    if (created) {
      found.push_back(row);
      Create(*clause.path, &found[0]);
    }
    for (const Row& match : found) {
      for (const query::MergeAction& action : clause.actions) {
        if (action.on_create != created) continue;
        for (const Items group : GroupsOf(action.items)) SetGroup(group, false, match);
      }
      rows.push_back(match);
    }
  }
  query::PathPattern* const path = clause.path;
  table->columns.merge(VariablesOf({&path, 1}));
  table->rows = std::move(rows);
}

// Properties of one element that stand side by side are one group: their right sides are computed
// before any of them is set.
std::vector<Evaluator::Items> Evaluator::GroupsOf(Items items) const {
  const auto target_of = [this](const query::SetItem& item) -> std::string_view {
    if (item.kind != query::SetKind::kProperty) return {};
    if (item.target->kind == query::ExpressionKind::kProperty) {
      return As<query::PropertyAccess>(*item.target).base->source.Of(text_);
    }
    const auto& access = As<query::IndexAccess>(*item.target);
    const bool is_fixed = access.index->kind == query::ExpressionKind::kString;
    return is_fixed ? access.base->source.Of(text_) : std::string_view();
  };
  std::vector<Items> groups;
  size_t begin = 0;
  for (size_t end = 1; end <= items.size(); ++end) {
    const bool is_same = end < items.size() && !target_of(items[end]).empty() &&
                         target_of(items[end]) == target_of(items[end - 1]);
    if (is_same) continue;
    groups.push_back(items.subspan(begin, end - begin));
    begin = end;
  }
  return groups;
}

// A group that looks at elements comes when those before it have been set in all rows.
void Evaluator::Set(Items items, bool remove, const std::vector<Row>& rows) {
  std::vector<std::vector<Items>> parts(1);
  for (const Items group : GroupsOf(items)) {
    if (!parts.back().empty() && LooksAtElements(group, rows)) parts.emplace_back();
    parts.back().push_back(group);
  }
  for (const std::vector<Items>& part : parts) {
    for (const Row& row : rows) {
      for (const Items group : part) SetGroup(group, remove, row);
    }
  }
}

bool Evaluator::LooksAtElements(Items group, const std::vector<Row>& rows) {
  if (failed()) return false;
  looks_at_elements_ = false;
  computes_all_ = true;
  for (const Row& row : rows) {
    for (const query::SetItem& item : group) {
      if (item.value != nullptr) PropertiesOf(Eval(*item.value, row));
      const bool has_index = item.kind == query::SetKind::kProperty &&
                             item.target->kind == query::ExpressionKind::kIndex;
      if (has_index) Eval(*As<query::IndexAccess>(*item.target).index, row);
      // Errors come when it is its turn.
      error_.reset();
      not_covered_.clear();
    }
  }
  computes_all_ = false;
  return looks_at_elements_;
}

void Evaluator::SetGroup(Items group, bool remove, const Row& row) {
  std::vector<Value> values;
  for (const query::SetItem& item : group) {
    values.push_back(remove || item.value == nullptr ? Value::Null() : Eval(*item.value, row));
    // An element stands for the properties that it has now.
    if (const Properties* properties = PropertiesOf(values.back()); properties != nullptr) {
      values.back() = Value::Map({properties->begin(), properties->end()});
    }
  }
  for (size_t i = 0; i < group.size() && !failed(); ++i) SetItem(group[i], values[i], row, remove);
}

void Evaluator::SetItem(const query::SetItem& item, const Value& value, const Row& row,
                        bool remove) {
  std::string key;
  const query::Expression* base = item.target;
  if (item.kind == query::SetKind::kProperty) {
    if (item.target->kind == query::ExpressionKind::kProperty) {
      const auto& access = As<query::PropertyAccess>(*item.target);
      base = access.base;
      key = std::string(access.key.text);
    } else {
      const auto& access = As<query::IndexAccess>(*item.target);
      base = access.base;
      const Value index = Eval(*access.index, row);
      if (index.type() != ValueType::kString) return void(TypeError());
      key = std::string(index.string());
    }
  }
  const Value target = Eval(*base, row);
  if (target.is_null() || failed()) return;
  if (PropertiesOf(target) == nullptr) return void(TypeError());
  if (failed()) return;
  if (item.kind == query::SetKind::kLabels) return SetLabels(item, remove, target);
  if (item.kind != query::SetKind::kProperty) return SetAll(item, target, value);
  SetProperty(const_cast<Properties*>(PropertiesOf(target)), key, value);
}

void Evaluator::SetLabels(const query::SetItem& item, bool remove, const Value& target) {
  if (target.type() != ValueType::kVertex) return void(TypeError());
  std::set<std::string> names;
  AddNames(item.labels, &names);
  if (names.empty()) NotCovered("a dynamic label");
  std::set<std::string>& labels = graph_.vertices.at(target.vertex()).labels;
  for (const std::string& name : names) {
    if (remove) {
      counters_.labels_removed += static_cast<int64_t>(labels.erase(name));
    } else {
      counters_.labels_added += labels.insert(name).second ? 1 : 0;
    }
  }
}

void Evaluator::SetAll(const query::SetItem& item, const Value& target, const Value& value) {
  if (value.type() != ValueType::kMap) return void(TypeError());
  Properties given(value.map().begin(), value.map().end());
  auto* properties = const_cast<Properties*>(PropertiesOf(target));
  if (item.kind == query::SetKind::kReplace) {
    const Properties old = *properties;
    for (const auto& [key, unused] : old) {
      if (given.count(key) == 0) SetProperty(properties, key, Value::Null());
    }
  }
  for (const auto& [key, entry] : given) SetProperty(properties, key, entry);
}

void Evaluator::DeleteEdge(EdgeId id) {
  Edge& edge = graph_.edges.at(id);
  counters_.relationships_deleted += edge.deleted ? 0 : 1;
  edge.deleted = true;
}

void Evaluator::DeleteVertex(VertexId id, bool detach) {
  Vertex& vertex = graph_.vertices.at(id);
  counters_.nodes_deleted += vertex.deleted ? 0 : 1;
  vertex.deleted = true;
  if (!detach) return;
  for (const auto& [edge_id, edge] : graph_.edges) {
    if (edge.ref.source == id || edge.ref.target == id) DeleteEdge(edge_id);
  }
}

void Evaluator::Delete(const query::DeleteClause& clause, const Table& table) {
  std::vector<Value> targets;
  for (const Row& row : table.rows) {
    for (const query::Expression* target : clause.targets) targets.push_back(Eval(*target, row));
  }
  if (failed()) return;
  for (const Value& target : targets) {
    if (target.type() == ValueType::kVertex) {
      DeleteVertex(target.vertex(), clause.detach);
    } else if (target.type() == ValueType::kEdge) {
      DeleteEdge(target.edge().edge);
    } else if (target.type() == ValueType::kPath) {
      for (const auto& edge : target.path().edges) DeleteEdge(edge.edge);
      for (const VertexId id : target.path().vertices) DeleteVertex(id, clause.detach);
    } else if (!target.is_null()) {
      TypeError();
    }
  }
}

void Evaluator::Foreach(const query::ForeachClause& clause, const Table& table) {
  for (const Row& row : table.rows) {
    for (const Value& item : ListOf(Eval(*clause.list, row))) {
      Table inner;
      inner.rows = {row};
      inner.rows[0][std::string(clause.variable.text)] = item;
      for (const query::Clause* update : clause.updates) {
        if (!failed()) RunUpdate(*update, &inner);
      }
    }
  }
}

// Edges that have lost an end are looked for when the statement is done.
void Evaluator::CheckDangling() {
  if (failed()) return;
  for (const auto& [id, vertex] : graph_.vertices) {
    if (vertex.deleted && graph_.HasEdges(id)) Fail(ErrorId::kDeleteConnectedNode);
  }
}

}  // namespace tidemark::reference
