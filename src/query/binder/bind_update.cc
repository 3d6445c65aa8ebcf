// SPDX-License-Identifier: Apache-2.0
// SET, REMOVE, DELETE and FOREACH.
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {

const bound::Clause* StatementBinder::BindUpdate(const Clause& clause, Scope* scope) {
  switch (clause.kind) {
    case ClauseKind::kCreate:
      return BindCreate(As<CreateClause>(clause), scope);
    case ClauseKind::kMerge:
      return BindMerge(As<MergeClause>(clause), scope);
    case ClauseKind::kSet:
      return BindSet(As<SetClause>(clause).items, false, clause.source);
    case ClauseKind::kRemove:
      return BindSet(As<RemoveClause>(clause).items, true, clause.source);
    case ClauseKind::kDelete:
      return BindDelete(As<DeleteClause>(clause));
    default:
      return BindForeach(As<ForeachClause>(clause), scope);
  }
}

const bound::Clause* StatementBinder::BindSet(absl::Span<const SetItem> items, bool removes,
                                              Source source) {
  return arena_->New<bound::Set>(bound::Clause{bound::Set::kKind, source},
                                 Keep(BindSetItems(items, removes)));
}

std::vector<bound::SetItem> StatementBinder::BindSetItems(absl::Span<const SetItem> items,
                                                          bool removes) {
  std::vector<bound::SetItem> bound;
  for (const SetItem& item : items) bound.push_back(BindSetItem(item, removes));
  return bound;
}

bound::SetItem StatementBinder::BindSetItem(const SetItem& item, bool removes) {
  bound::SetItem out = {};
  out.source = item.source;
  if (item.kind == SetKind::kProperty) {
    BindSetProperty(item, removes, &out);
    return out;
  }
  out.target = Bind(*item.target);
  if (item.kind == SetKind::kLabels) {
    Expect(out.target, kVertexType);
    out.kind = removes ? bound::SetKind::kRemoveLabels : bound::SetKind::kLabels;
    out.labels = Keep(BindNewLabels(item.labels, graph::NameKind::kLabel));
    return out;
  }
  Expect(out.target, ElementType());
  out.kind = item.kind == SetKind::kReplace ? bound::SetKind::kReplace : bound::SetKind::kAdd;
  out.value = Bind(*item.value);
  Expect(out.value, ElementType() | kMapType);
  CheckStoredMap(out.value);
  return out;
}

void StatementBinder::BindSetProperty(const SetItem& item, bool removes, bound::SetItem* out) {
  if (item.target->kind == ExpressionKind::kProperty) {
    const auto& access = As<PropertyAccess>(*item.target);
    out->kind = removes ? bound::SetKind::kRemoveProperty : bound::SetKind::kProperty;
    out->target = Bind(*access.base);
    out->key = Resolve(graph::NameKind::kKey, access.key, false);
  } else {
    const auto& access = As<IndexAccess>(*item.target);
    out->kind = removes ? bound::SetKind::kRemoveDynamicProperty : bound::SetKind::kDynamicProperty;
    out->target = Bind(*access.base);
    out->key_value = Bind(*access.index);
    Expect(out->key_value, kStringType);
  }
  Expect(out->target, ElementType());
  if (removes) return;
  out->value = Bind(*item.value);
  CheckStored(out->value);
}

// What is no property value whatever the rows are, as a map or a list of maps.
void StatementBinder::CheckStored(Expr value) {
  if (CanBeStored(value->type)) return;
  Fail(ErrorId::kInvalidPropertyType, value->source, {value->type.ToString()});
}

void StatementBinder::CheckStoredMap(Expr map) {
  if (map->kind != bound::ExpressionKind::kMap) return;
  for (const bound::MapEntry& entry : bound::As<bound::MapLiteral>(*map).entries) {
    CheckStored(entry.value);
  }
}

const bound::Clause* StatementBinder::BindDelete(const DeleteClause& node) {
  std::vector<Expr> targets;
  for (const Expression* target : node.targets) {
    targets.push_back(Bind(*target));
    Expect(targets.back(), ElementType() | kPathType);
  }
  return arena_->New<bound::Delete>(bound::Clause{bound::Delete::kKind, node.source}, node.detach,
                                    Keep(targets));
}

const bound::Clause* StatementBinder::BindForeach(const ForeachClause& node, Scope* scope) {
  const Expr list = Bind(*node.list);
  const bool is_list =
      !list->type.is_empty() && list->type.IsIn(kListType) && !list->type.element().is_empty();
  CypherType type = is_list ? list->type.element() : kAnyType.OrNull();
  if (!list->type.is_empty() && !list->type.Meets(kListType)) type = list->type;
  Scope inner(scope);
  const bound::VariableId variable =
      Declare(node.variable, bound::VariableKind::kValue, type, &inner);
  const Change change(&mode_.scope, static_cast<const Scope*>(&inner));
  std::vector<const bound::Clause*> updates;
  for (const Clause* update : node.updates) updates.push_back(BindUpdate(*update, &inner));
  return arena_->New<bound::Foreach>(bound::Clause{bound::Foreach::kKind, node.source}, variable,
                                     list, Keep(updates));
}

}  // namespace tidemark::query
