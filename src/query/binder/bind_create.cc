// SPDX-License-Identifier: Apache-2.0
// CREATE and MERGE.
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {

const bound::Clause* StatementBinder::BindCreate(const CreateClause& create, Scope* scope) {
  NewPattern pattern;
  for (const PathPattern* path : create.paths) BindNewPath(*path, scope, &pattern);
  return arena_->New<bound::Create>(bound::Clause{bound::Create::kKind, create.source},
                                    Keep(pattern.elements), Keep(pattern.paths));
}

// Vertices before the edge between them, all from left to right. A property sees what was made
// before it.
void StatementBinder::BindNewPath(const PathPattern& path, Scope* scope, NewPattern* pattern) {
  std::vector<bound::VariableId> vertices;
  std::vector<bound::VariableId> edges;
  const EdgePattern* edge = nullptr;
  for (const PathElement* element : path.elements) {
    if (element->kind == PathElementKind::kEdge) {
      edge = &As<EdgePattern>(*element);
      continue;
    }
    if (element->kind != PathElementKind::kVertex) continue;
    const bool is_alone = path.elements.size() == 1;
    vertices.push_back(BindNewVertex(As<VertexPattern>(*element), is_alone, scope, pattern));
    if (edge == nullptr || vertices.size() < 2) continue;
    const EdgeEnds ends{vertices[vertices.size() - 2], vertices.back()};
    edges.push_back(BindNewEdge(*edge, ends, scope, pattern));
    edge = nullptr;
  }
  if (path.variable.empty()) return;
  if (scope->Find(path.variable.text) != bound::kNoVariable) {
    Fail(ErrorId::kVariableAlreadyBound, path.variable.source, {path.variable.text});
  }
  const bound::VariableId variable =
      Declare(path.variable, bound::VariableKind::kPath, kPathType, scope);
  pattern->paths.push_back({variable, Keep(vertices), Keep(edges)});
}

bound::VariableId StatementBinder::BindNewVertex(const VertexPattern& vertex, bool is_alone,
                                                 Scope* scope, NewPattern* pattern) {
  const Name& name = vertex.variable;
  const bound::VariableId known = name.empty() ? bound::kNoVariable : scope->Find(name.text);
  if (known != bound::kNoVariable) {
    CheckBoundVertex(vertex, known, is_alone);
    AddBoundVertex(known, vertex.source, pattern);
    return known;
  }
  bound::NewElement element = {};
  element.kind = bound::NewElementKind::kVertex;
  element.labels = Keep(BindNewLabels(vertex.labels, graph::NameKind::kLabel));
  element.properties = BindNewProperties(vertex.properties);
  element.source = vertex.source;
  element.variable = name.empty() ? NewVariable(name, bound::VariableKind::kVertex, kVertexType)
                                  : Declare(name, bound::VariableKind::kVertex, kVertexType, scope);
  pattern->variables.insert(element.variable);
  pattern->elements.push_back(element);
  return element.variable;
}

// A vertex that exists can only be the end of an edge, and is only named there.
void StatementBinder::CheckBoundVertex(const VertexPattern& vertex, bound::VariableId known,
                                       bool is_alone) {
  const Name& name = vertex.variable;
  if (!CanBe(variables_[known].type, kVertexType)) {
    Fail(ErrorId::kVariableTypeConflict, name.source,
         {name.text, variables_[known].type.ToString(), "node"});
  }
  if (is_alone || vertex.labels != nullptr || vertex.properties != nullptr) {
    Fail(ErrorId::kVariableAlreadyBound, name.source, {name.text});
  }
}

void StatementBinder::AddBoundVertex(bound::VariableId variable, Source source,
                                     NewPattern* pattern) {
  if (!pattern->variables.insert(variable).second) return;
  bound::NewElement element = {};
  element.kind = bound::NewElementKind::kBoundVertex;
  element.variable = variable;
  element.source = source;
  pattern->elements.push_back(element);
}

bound::VariableId StatementBinder::BindNewEdge(const EdgePattern& edge, const EdgeEnds& ends,
                                               Scope* scope, NewPattern* pattern) {
  const Name& name = edge.variable;
  if (!name.empty() && scope->Find(name.text) != bound::kNoVariable) {
    Fail(ErrorId::kVariableAlreadyBound, name.source, {name.text});
  }
  bound::NewElement element = NewEdge(edge, ends);
  element.properties = BindNewProperties(edge.properties);
  element.variable = name.empty() ? NewVariable(name, bound::VariableKind::kEdge, kEdgeType)
                                  : Declare(name, bound::VariableKind::kEdge, kEdgeType, scope);
  pattern->elements.push_back(element);
  return element.variable;
}

// Its type and its ends. One without direction runs from left to right.
bound::NewElement StatementBinder::NewEdge(const EdgePattern& edge, const EdgeEnds& ends) {
  bound::NewElement element = {};
  element.kind = bound::NewElementKind::kEdge;
  const std::vector<bound::Name> types = BindNewLabels(edge.types, graph::NameKind::kType);
  if (!types.empty()) element.type = types[0];
  const bool is_reverse = edge.direction == EdgeDirection::kIn;
  element.source_vertex = is_reverse ? ends.right : ends.left;
  element.target_vertex = is_reverse ? ends.left : ends.right;
  element.source = edge.source;
  return element;
}

std::vector<bound::Name> StatementBinder::BindNewLabels(const LabelExpression* labels,
                                                        graph::NameKind kind) {
  std::vector<bound::Name> names;
  if (labels == nullptr) return names;
  if (labels->kind == LabelKind::kName) {
    names.push_back(Resolve(kind, labels->name, false));
  } else if (labels->kind == LabelKind::kDynamic) {
    Bind(*labels->dynamic);
    NotYet("A label that is computed", labels->source);
  }
  for (const LabelExpression* inner : labels->inner) {
    for (const bound::Name& name : BindNewLabels(inner, kind)) names.push_back(name);
  }
  return names;
}

bound::NewProperties StatementBinder::BindNewProperties(const Expression* properties) {
  bound::NewProperties made = {};
  if (properties == nullptr) return made;
  if (properties->kind != ExpressionKind::kMap) {
    made.map = Bind(*properties);
    return made;
  }
  std::vector<bound::PropertyEntry> entries;
  absl::flat_hash_map<absl::string_view, size_t> places;
  for (const MapEntry& entry : As<MapLiteral>(*properties).entries) {
    const Expr value = Bind(*entry.value);
    CheckStored(value);
    const bound::PropertyEntry made{Resolve(graph::NameKind::kKey, entry.key, false), value};
    const auto [it, is_new] = places.try_emplace(ToAbsl(entry.key.text), entries.size());
    if (is_new) {
      entries.push_back(made);
    } else {
      entries[it->second] = made;  // of equal keys the last counts
    }
  }
  made.entries = Keep(entries);
  return made;
}

const bound::Clause* StatementBinder::BindMerge(const MergeClause& merge, Scope* scope) {
  CheckMergedPath(*merge.path, *scope);
  GraphBuilder builder;
  const PathShape shape = BindPath(*merge.path, PatternUse::kMatch, scope, &builder);
  const NewPattern pattern = BindMergedElements(*merge.path, shape, &builder);
  CloseGroup(&builder);
  std::vector<bound::SetItem> on_create;
  std::vector<bound::SetItem> on_match;
  for (const MergeAction& action : merge.actions) {
    std::vector<bound::SetItem>& items = action.on_create ? on_create : on_match;
    for (const bound::SetItem& item : BindSetItems(action.items, false)) items.push_back(item);
  }
  return arena_->New<bound::Merge>(bound::Clause{bound::Merge::kKind, merge.source},
                                   Build(&builder), Keep(pattern.elements), Keep(pattern.paths),
                                   Keep(on_create), Keep(on_match));
}

// What exists may only be named, and only beside something that can be made.
void StatementBinder::CheckMergedPath(const PathPattern& path, const Scope& scope) {
  for (const PathElement* element : path.elements) {
    if (element->kind == PathElementKind::kVertex) {
      const auto& vertex = As<VertexPattern>(*element);
      if (vertex.variable.empty()) continue;
      const bound::VariableId known = scope.Find(vertex.variable.text);
      if (known == bound::kNoVariable) continue;
      CheckBoundVertex(vertex, known, path.elements.size() == 1);
    } else if (element->kind == PathElementKind::kEdge) {
      const Name& name = As<EdgePattern>(*element).variable;
      if (name.empty() || scope.Find(name.text) == bound::kNoVariable) continue;
      Fail(ErrorId::kVariableAlreadyBound, name.source, {name.text});
    }
  }
}

StatementBinder::NewPattern StatementBinder::BindMergedElements(const PathPattern& path,
                                                                const PathShape& shape,
                                                                GraphBuilder* builder) {
  NewPattern pattern;
  std::vector<bound::VariableId> vertices;
  std::vector<bound::VariableId> edges;
  const EdgePattern* edge = nullptr;
  for (const PathElement* part : path.elements) {
    if (part->kind == PathElementKind::kEdge) {
      edge = &As<EdgePattern>(*part);
      continue;
    }
    if (part->kind != PathElementKind::kVertex) continue;
    const uint32_t index = shape.vertices[vertices.size()];
    vertices.push_back(builder->vertices[index].variable);
    AddMergedVertex(As<VertexPattern>(*part), index, builder, &pattern);
    if (edge == nullptr || vertices.size() < 2) continue;
    const EdgeEnds ends{vertices[vertices.size() - 2], vertices.back()};
    bound::NewElement element = NewEdge(*edge, ends);
    bound::PatternEdge& pattern_edge = builder->edges[shape.edges[edges.size()]];
    element.variable = pattern_edge.variable;
    pattern_edge.types = Keep(std::vector<bound::Name>{element.type});
    element.properties = BindMergedProperties(edge->properties, element.variable, builder);
    pattern.elements.push_back(element);
    edges.push_back(element.variable);
    edge = nullptr;
  }
  if (!path.variable.empty() && !builder->paths.empty()) {
    pattern.paths.push_back({builder->paths[0].variable, Keep(vertices), Keep(edges)});
  }
  return pattern;
}

void StatementBinder::AddMergedVertex(const VertexPattern& vertex, uint32_t index,
                                      GraphBuilder* builder, NewPattern* pattern) {
  const bound::VariableId variable = builder->vertices[index].variable;
  if (builder->vertices[index].is_bound) return AddBoundVertex(variable, vertex.source, pattern);
  if (!pattern->variables.insert(variable).second) {  // (a)-->(a): named again, and nothing else
    if (vertex.labels == nullptr && vertex.properties == nullptr) return;
    Fail(ErrorId::kVariableAlreadyBound, vertex.variable.source, {vertex.variable.text});
  }
  bound::NewElement element = {};
  element.kind = bound::NewElementKind::kVertex;
  element.variable = variable;
  builder->labels[index] = BindNewLabels(vertex.labels, graph::NameKind::kLabel);
  element.labels = Keep(builder->labels[index]);
  element.properties = BindMergedProperties(vertex.properties, variable, builder);
  element.source = vertex.source;
  pattern->elements.push_back(element);
}

// What is looked for and what is made are the same values; they cannot come from what MERGE makes.
bound::NewProperties StatementBinder::BindMergedProperties(const Expression* properties,
                                                           bound::VariableId variable,
                                                           GraphBuilder* builder) {
  const bound::NewProperties made = BindNewProperties(properties);
  for (const bound::PropertyEntry& entry : made.entries) {
    for (const bound::VariableId used : MakePredicate(entry.value).uses) {
      if (!builder->declared.contains(used)) continue;
      Fail(ErrorId::kUndefinedVariable, entry.value->source, {variables_[used].name});
    }
    builder->Add(MakePropertyCondition(entry, entry.value->source, variable));
  }
  return made;
}

}  // namespace tidemark::query
