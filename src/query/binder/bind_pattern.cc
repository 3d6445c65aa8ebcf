// SPDX-License-Identifier: Apache-2.0
// Patterns that are looked for: their variables, their shape and the conditions in them.
#include <algorithm>

#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"
#include "query/binder/uses.h"

namespace tidemark::query {
namespace {

CypherType ElementTypeOf(bound::VariableKind kind) {
  switch (kind) {
    case bound::VariableKind::kVertex:
      return kVertexType;
    case bound::VariableKind::kEdge:
      return kEdgeType;
    case bound::VariableKind::kEdgeList:
      return CypherType::ListOf(kEdgeType);
    default:
      return kPathType;
  }
}

std::string_view WordFor(bound::VariableKind kind) {
  switch (kind) {
    case bound::VariableKind::kVertex:
      return "node";
    case bound::VariableKind::kEdge:
      return "relationship";
    case bound::VariableKind::kEdgeList:
      return "list of relationships";
    default:
      return "path";
  }
}

// Whether a variable of the type can stand where the pattern has an element of the kind.
bool CanStandFor(CypherType type, bound::VariableKind kind) {
  if (!CanBe(type, ElementTypeOf(kind))) return false;
  if (kind != bound::VariableKind::kEdgeList || type.is_empty()) return true;
  return type.element().is_empty() || type.element().Meets(kEdgeType);
}

bound::PatternDirection ToPattern(EdgeDirection direction) {
  if (direction == EdgeDirection::kOut) return bound::PatternDirection::kOut;
  if (direction == EdgeDirection::kIn) return bound::PatternDirection::kIn;
  return bound::PatternDirection::kEither;
}

}  // namespace

void StatementBinder::BindMatchBlock(const MatchBlock& block, PatternUse use, Scope* scope,
                                     GraphBuilder* builder) {
  if (block.mode == MatchMode::kRepeatableElements) {
    NotYet("REPEATABLE ELEMENTS", block.paths[0]->source);
  }
  builder->group_begin = builder->edges.size();
  builder->group_edges.clear();
  std::vector<PathShape> shapes;
  for (const PathPattern* path : block.paths) {
    shapes.push_back(BindPath(*path, use, scope, builder));
  }
  for (size_t i = 0; i < shapes.size(); ++i) {
    BindElementConditions(*block.paths[i], shapes[i], builder);
  }
  CloseGroup(builder);
  if (block.where != nullptr) AddCondition(BindCondition(*block.where), builder);
  CheckHints(block);
}

// The edges since `group_begin` differ from each other.
void StatementBinder::CloseGroup(GraphBuilder* builder) {
  std::vector<uint32_t> group;
  for (size_t i = builder->group_begin; i < builder->edges.size(); ++i) {
    group.push_back(static_cast<uint32_t>(i));
  }
  const bool is_needed =
      group.size() > 1 || (group.size() == 1 && builder->edges[group[0]].has_length);
  if (is_needed) builder->all_different.push_back(Keep(group));
}

StatementBinder::PathShape StatementBinder::BindPath(const PathPattern& path, PatternUse use,
                                                     Scope* scope, GraphBuilder* builder) {
  if (path.function != ShortestFunction::kNone) NotYet("A shortest path", path.source);
  if (path.selector.kind != PathSelectorKind::kNone &&
      path.selector.kind != PathSelectorKind::kAll) {
    NotYet("A selection of paths", path.selector.source);
  }
  PathShape shape;
  for (const PathElement* element : path.elements) {
    if (element->kind == PathElementKind::kVertex) {
      shape.vertices.push_back(BindVertex(As<VertexPattern>(*element), use, scope, builder));
      if (shape.edges.size() == shape.vertices.size() - 1 && !shape.edges.empty()) {
        builder->edges[shape.edges.back()].right = shape.vertices.back();
      }
    } else if (element->kind == PathElementKind::kEdge) {
      const auto& edge = As<EdgePattern>(*element);
      if (edge.quantifier != nullptr) NotYet("A quantified path pattern", edge.quantifier->source);
      shape.edges.push_back(BindEdge(edge, use, scope, builder));
      builder->edges.back().left = shape.vertices.empty() ? 0 : shape.vertices.back();
    } else {
      NotYet("A quantified path pattern", element->source);
      DeclareGroup(As<PathGroup>(*element), scope);
    }
  }
  if (!path.variable.empty()) BindPathVariable(path.variable, shape, scope, builder);
  return shape;
}

// The names in a group, so that what uses them has no other error than that of the group.
void StatementBinder::DeclareGroup(const PathGroup& group, Scope* scope) {
  const auto declare = [&](const Name& name) {
    if (name.empty() || scope->Find(name.text) != bound::kNoVariable) return;
    Declare(name, bound::VariableKind::kValue, kAnyType.OrNull(), scope);
  };
  declare(group.path->variable);
  for (const PathElement* element : group.path->elements) {
    if (element->kind == PathElementKind::kVertex) declare(As<VertexPattern>(*element).variable);
    if (element->kind == PathElementKind::kEdge) declare(As<EdgePattern>(*element).variable);
    if (element->kind == PathElementKind::kGroup) DeclareGroup(As<PathGroup>(*element), scope);
  }
}

// The variable of an element: the one that has the name already, or a new one.
bound::VariableId StatementBinder::DeclareElement(const Name& name, bound::VariableKind kind,
                                                  PatternUse use, Scope* scope, bool* is_new) {
  const CypherType type = ElementTypeOf(kind);
  *is_new = true;
  if (name.empty()) return NewVariable("", kind, type, name.source);
  const bound::VariableId known = scope->Find(name.text);
  if (known == bound::kNoVariable) {
    if (use == PatternUse::kPredicate) {
      Fail(ErrorId::kUndefinedVariable, name.source, {name.text});
    }
    return Declare(name, kind, type, scope);
  }
  *is_new = false;
  if (!CanStandFor(variables_[known].type, kind)) {
    Fail(ErrorId::kVariableTypeConflict, name.source,
         {name.text, variables_[known].type.ToString(), WordFor(kind)});
  }
  const bound::VariableId grouped = Grouped(name.text, known, name.source);
  return grouped == bound::kNoVariable ? known : grouped;
}

uint32_t StatementBinder::BindVertex(const VertexPattern& vertex, PatternUse use, Scope* scope,
                                     GraphBuilder* builder) {
  bool is_new = false;
  const bound::VariableId variable =
      DeclareElement(vertex.variable, bound::VariableKind::kVertex, use, scope, &is_new);
  const auto index = static_cast<uint32_t>(builder->vertices.size());
  const auto [it, is_added] = builder->vertex_indexes.try_emplace(variable, index);
  if (!is_added) return it->second;
  if (is_new) builder->declared.insert(variable);
  builder->vertices.push_back({variable, !is_new, {}, vertex.source});
  builder->labels.emplace_back();
  return index;
}

uint32_t StatementBinder::BindEdge(const EdgePattern& edge, PatternUse use, Scope* scope,
                                   GraphBuilder* builder) {
  const bool has_length = edge.length != nullptr;
  const bound::VariableKind kind =
      has_length ? bound::VariableKind::kEdgeList : bound::VariableKind::kEdge;
  bool is_new = false;
  const bound::VariableId variable = DeclareElement(edge.variable, kind, use, scope, &is_new);
  if (!builder->group_edges.insert(variable).second) {
    Fail(ErrorId::kRelationshipUniquenessViolation, edge.variable.source, {edge.variable.text});
  }
  if (is_new) builder->declared.insert(variable);
  bound::PatternEdge made = {};
  made.variable = variable;
  made.is_bound = !is_new;
  made.direction = ToPattern(edge.direction);
  made.has_length = has_length;
  made.min_length = has_length ? edge.length->min : 1;
  made.max_length = has_length ? edge.length->max : 1;
  made.element = bound::kNoVariable;
  made.source = edge.source;
  if (has_length) {
    made.element = NewVariable("", bound::VariableKind::kEdge, kEdgeType, edge.source);
    builder->declared.insert(made.element);
  }
  builder->edges.push_back(made);
  return static_cast<uint32_t>(builder->edges.size() - 1);
}

void StatementBinder::BindPathVariable(const Name& name, const PathShape& shape, Scope* scope,
                                       GraphBuilder* builder) {
  if (scope->Find(name.text) != bound::kNoVariable) {
    Fail(ErrorId::kVariableAlreadyBound, name.source, {name.text});
  }
  const bound::VariableId variable = Declare(name, bound::VariableKind::kPath, kPathType, scope);
  builder->declared.insert(variable);
  builder->paths.push_back({variable, Keep(shape.vertices), Keep(shape.edges)});
}

void StatementBinder::BindElementConditions(const PathPattern& path, const PathShape& shape,
                                            GraphBuilder* builder) {
  size_t vertex = 0;
  size_t edge = 0;
  for (const PathElement* element : path.elements) {
    if (element->kind == PathElementKind::kVertex) {
      BindVertexConditions(As<VertexPattern>(*element), shape.vertices[vertex++], builder);
    } else if (element->kind == PathElementKind::kEdge) {
      BindEdgeConditions(As<EdgePattern>(*element), shape.edges[edge++], builder);
    }
  }
}

void StatementBinder::BindVertexConditions(const VertexPattern& vertex, uint32_t index,
                                           GraphBuilder* builder) {
  if (vertex.labels != nullptr) AddLabels(*vertex.labels, index, builder);
  const bound::VariableId variable = builder->vertices[index].variable;
  for (const bound::Predicate& predicate : BindPropertyConditions(vertex.properties, variable)) {
    builder->Add(predicate);
  }
  if (vertex.where != nullptr) AddCondition(BindCondition(*vertex.where), builder);
}

void StatementBinder::AddLabels(const LabelExpression& labels, uint32_t vertex,
                                GraphBuilder* builder) {
  if (labels.kind == LabelKind::kName) {
    builder->labels[vertex].push_back(Resolve(graph::NameKind::kLabel, labels.name, true));
  } else if (labels.kind == LabelKind::kAnd) {
    for (const LabelExpression* inner : labels.inner) AddLabels(*inner, vertex, builder);
  } else {
    const Expr operand = ReferTo(builder->vertices[vertex].variable, labels.source);
    const bound::LabelTest* test = BindLabelTest(labels, graph::NameKind::kLabel);
    builder->Add(
        MakePredicate(Make<bound::HasLabels>(kBooleanType.OrNull(), labels.source, {operand},
                                             operand, test, graph::NameKind::kLabel, false)));
  }
}

namespace {

// Names joined by |: the types that an edge may have.
bool AreTypes(const LabelExpression& types) {
  if (types.kind == LabelKind::kName) return true;
  return types.kind == LabelKind::kOr &&
         std::all_of(types.inner.begin(), types.inner.end(),
                     [](const LabelExpression* inner) { return AreTypes(*inner); });
}

void CollectTypes(const LabelExpression& types, std::vector<const Name*>* names) {
  if (types.kind == LabelKind::kName) names->push_back(&types.name);
  for (const LabelExpression* inner : types.inner) CollectTypes(*inner, names);
}

}  // namespace

void StatementBinder::BindEdgeConditions(const EdgePattern& edge, uint32_t index,
                                         GraphBuilder* builder) {
  std::vector<bound::Predicate> predicates;
  const bool has_length = edge.length != nullptr;
  const bound::VariableId variable =
      has_length ? builder->edges[index].element : builder->edges[index].variable;
  if (edge.types != nullptr && AreTypes(*edge.types)) {
    std::vector<const Name*> names;
    CollectTypes(*edge.types, &names);
    std::vector<bound::Name> types;
    absl::flat_hash_set<absl::string_view> texts;
    for (const Name* name : names) {
      const bound::Name type = Resolve(graph::NameKind::kType, *name, true);
      if (texts.insert(ToAbsl(type.text)).second) types.push_back(type);
    }
    builder->edges[index].types = Keep(types);
  } else if (edge.types != nullptr) {
    const Expr operand = ReferTo(variable, edge.types->source);
    const bound::LabelTest* test = BindLabelTest(*edge.types, graph::NameKind::kType);
    predicates.push_back(
        MakePredicate(Make<bound::HasLabels>(kBooleanType.OrNull(), edge.types->source, {operand},
                                             operand, test, graph::NameKind::kType, false)));
  }
  for (const bound::Predicate& predicate : BindPropertyConditions(edge.properties, variable)) {
    predicates.push_back(predicate);
  }
  if (has_length) {
    builder->edges[index].element_predicates = Keep(predicates);
    if (edge.where == nullptr) return;
    Fail(ErrorId::kUnexpectedSyntax, edge.where->source,
         {"A relationship of variable length cannot have WHERE; use all() in the WHERE behind"});
    return;
  }
  for (const bound::Predicate& predicate : predicates) builder->Add(predicate);
  if (edge.where != nullptr) AddCondition(BindCondition(*edge.where), builder);
}

// {k: v} of an element: its k equals v. Of equal keys the last counts.
std::vector<bound::Predicate> StatementBinder::BindPropertyConditions(const Expression* properties,
                                                                      bound::VariableId variable) {
  std::vector<bound::Predicate> predicates;
  if (properties == nullptr || properties->kind != ExpressionKind::kMap) return predicates;
  const absl::Span<const MapEntry> entries = As<MapLiteral>(*properties).entries;
  absl::flat_hash_map<absl::string_view, size_t> places;
  for (const MapEntry& entry : entries) {
    const bound::PropertyEntry entry_bound{Resolve(graph::NameKind::kKey, entry.key, true),
                                           Bind(*entry.value)};
    const bound::Predicate made = MakePropertyCondition(entry_bound, entry.key.source, variable);
    const auto [it, is_new] = places.try_emplace(ToAbsl(entry.key.text), predicates.size());
    if (is_new) {
      predicates.push_back(made);
    } else {
      predicates[it->second] = made;
    }
  }
  return predicates;
}

bound::Predicate StatementBinder::MakePropertyCondition(const bound::PropertyEntry& entry,
                                                        Source source, bound::VariableId variable) {
  const Expr element = ReferTo(variable, source);
  const Expr property =
      Make<bound::Property>(StoredPropertyType(), source, {element}, element, entry.key);
  const std::vector<Expr> operands = {property, entry.value};
  const std::vector<bound::ComparisonOperator> operators = {bound::ComparisonOperator::kEqual};
  return MakePredicate(Make<bound::Comparison>(kBooleanType.OrNull(), source, operands,
                                               Keep(operands), Keep(operators)));
}

// WHERE of a pattern.
void StatementBinder::AddCondition(Expr condition, GraphBuilder* builder) {
  std::vector<bound::Predicate> conditions;
  SplitCondition(condition, &conditions);
  for (const bound::Predicate& predicate : conditions) {
    if (!AddAsLabel(*predicate.condition, builder)) builder->Add(predicate);
  }
}

namespace {

bool CollectLabels(const bound::LabelTest& test, std::vector<bound::Name>* names) {
  if (test.kind == bound::LabelTestKind::kName) {
    names->push_back(test.name);
    return true;
  }
  if (test.kind != bound::LabelTestKind::kAnd) return false;
  return std::all_of(test.inner.begin(), test.inner.end(), [names](const bound::LabelTest* inner) {
    return CollectLabels(*inner, names);
  });
}

}  // namespace

// WHERE n:A is the same as (n:A).
bool StatementBinder::AddAsLabel(const bound::Expression& condition, GraphBuilder* builder) {
  if (condition.kind != bound::ExpressionKind::kHasLabels) return false;
  const auto& node = bound::As<bound::HasLabels>(condition);
  if (node.operand->kind != bound::ExpressionKind::kVariable) return false;
  const auto vertex =
      builder->vertex_indexes.find(bound::As<bound::VariableReference>(*node.operand).variable);
  std::vector<bound::Name> names;
  if (vertex == builder->vertex_indexes.end() || !CollectLabels(*node.test, &names)) return false;
  for (const bound::Name& name : names) builder->labels[vertex->second].push_back(name);
  return true;
}

void StatementBinder::SplitCondition(Expr condition, std::vector<bound::Predicate>* predicates) {
  const bool is_and = condition->kind == bound::ExpressionKind::kLogic &&
                      bound::As<bound::Logic>(*condition).op == bound::LogicOperator::kAnd;
  if (!is_and) {
    predicates->push_back(MakePredicate(condition));
    return;
  }
  for (const Expr operand : bound::As<bound::Logic>(*condition).operands) {
    SplitCondition(operand, predicates);
  }
}

bound::Predicate StatementBinder::MakePredicate(Expr condition) {
  return {condition, Keep(UsesOf(*condition))};
}

const bound::QueryGraph* StatementBinder::Build(GraphBuilder* builder) {
  std::vector<bound::VariableId> arguments;
  const auto use = [&](bound::VariableId variable) {
    if (!builder->declared.contains(variable)) arguments.push_back(variable);
  };
  for (size_t i = 0; i < builder->vertices.size(); ++i) {
    builder->vertices[i].labels = Keep(builder->labels[i]);
    use(builder->vertices[i].variable);
  }
  for (const bound::PatternEdge& edge : builder->edges) {
    use(edge.variable);
    for (const auto& predicate : edge.element_predicates) {
      for (const bound::VariableId variable : predicate.uses) use(variable);
    }
  }
  for (const bound::Predicate& predicate : builder->predicates) {
    for (const bound::VariableId variable : predicate.uses) use(variable);
  }
  MakeSet(&arguments);
  auto* graph = arena_->New<bound::QueryGraph>();
  graph->vertices = Keep(builder->vertices);
  graph->edges = Keep(builder->edges);
  graph->paths = Keep(builder->paths);
  graph->predicates = Keep(builder->predicates);
  graph->all_different = Keep(builder->all_different);
  graph->arguments = Keep(arguments);
  return graph;
}

void StatementBinder::CheckHints(const MatchBlock& block) {
  for (const Hint& hint : block.hints) {
    for (const Name& name : hint.variables) Find(name.text, name.source);
    notifications_.push_back({bound::NotificationKind::kIgnoredHint,
                              Keep(hint.source.Of(statement_.text)), hint.source});
  }
}

}  // namespace tidemark::query
