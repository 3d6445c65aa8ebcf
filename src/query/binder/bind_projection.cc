// SPDX-License-Identifier: Apache-2.0
// WITH and RETURN: items, ORDER BY, SKIP, LIMIT, WHERE.
#include <string>

#include "absl/strings/str_cat.h"
#include "query/binder/ast_walk.h"
#include "query/binder/constants.h"
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"
#include "query/binder/uses.h"

namespace tidemark::query {

const bound::Projection* StatementBinder::BindProjection(const ProjectionSource& from,
                                                         QueryState* state) {
  const Scope& before = *state->scope;
  std::vector<Item> items = CollectItems(from, before);
  Grouping grouping;
  grouping.before = &before;
  for (const Item& item : items) grouping.is_aggregating |= item.has_aggregate;
  grouping.is_asked =
      grouping.is_aggregating || from.where != nullptr || !from.projection->order.empty();
  grouping.is_closed = grouping.is_aggregating || from.projection->distinct;
  BindItems(&items, &grouping, before);
  Scope* after = NewScope(before.Sibling());
  std::vector<bound::Projected> projected;
  for (const Item& item : items) {
    after->Declare(variables_[item.variable].name, item.variable);
    const bool is_key = grouping.is_aggregating && !item.has_aggregate;
    projected.push_back(
        {item.variable, is_key ? ReferTo(item.variable, item.source) : item.value, item.source});
  }
  auto* projection = arena_->New<bound::Projection>();
  projection->is_distinct = from.projection->distinct;
  projection->is_aggregating = grouping.is_aggregating;
  projection->items = Keep(projected);
  projection->source = from.source;
  Scope open(&before);
  for (const Item& item : items) open.Declare(variables_[item.variable].name, item.variable);
  {
    const Change scope(&mode_.scope, grouping.is_closed ? static_cast<const Scope*>(after) : &open);
    BindOrderAndWhere(from, &grouping, projection);
  }
  projection->keys = Keep(grouping.keys);
  projection->aggregates = Keep(grouping.aggregates);
  CheckNames(items, from);
  CheckShadows(items, before);
  state->columns.clear();
  for (const Item& item : items) {
    state->columns.push_back({variables_[item.variable].name, item.variable});
  }
  *state->scope = Scope(nullptr);  // nobody sees it any more
  state->scope = after;
  return projection;
}

std::vector<StatementBinder::Item> StatementBinder::CollectItems(const ProjectionSource& from,
                                                                 const Scope& scope) {
  std::vector<Item> items;
  std::vector<Item> named;
  absl::flat_hash_set<absl::string_view> names;
  for (const ProjectionItem& item : from.projection->items) {
    Item made;
    made.expression = item.expression;
    made.source = item.source;
    made.has_alias = !item.alias.empty();
    made.is_variable = item.expression->kind == ExpressionKind::kVariable;
    made.name = made.has_alias ? item.alias.text : item.source.Of(statement_.text);
    if (!made.has_alias && made.is_variable) made.name = As<Variable>(*item.expression).name;
    made.has_aggregate = HasAggregate(*item.expression);
    names.insert(ToAbsl(made.name));
    named.push_back(made);
  }
  if (from.projection->all) {
    const std::vector<Scope::Entry> entries = scope.Entries();
    if (entries.empty() && !from.is_with) Fail(ErrorId::kNoVariablesInScope, from.source, {});
    for (const Scope::Entry& entry : entries) {
      if (names.contains(ToAbsl(entry.name))) continue;
      Item made;
      made.name = entry.name;
      made.star = entry.variable;
      made.source = from.source;
      items.push_back(made);
    }
  }
  items.insert(items.end(), named.begin(), named.end());
  return items;
}

namespace {

// Notes the variables and the properties of variables in a key that is more than one of them.
void NoteParts(const Expression& expression, absl::flat_hash_set<std::string>* parts) {
  if (expression.kind == ExpressionKind::kVariable) {
    parts->insert(std::string(As<Variable>(expression).name));
    return;
  }
  if (const auto leaf = LeafOf(expression); leaf.has_value()) {
    parts->insert(*leaf);
    return;
  }
  ForEachPart(expression, [parts](const Expression& part) { NoteParts(part, parts); });
}

}  // namespace

void StatementBinder::BindItems(std::vector<Item>* items, Grouping* grouping, const Scope& scope) {
  const Change change(&mode_.scope, &scope);
  for (Item& item : *items) {
    if (item.has_aggregate) continue;
    item.value =
        item.expression == nullptr ? ReferTo(item.star, item.source) : Bind(*item.expression);
    NameItem(&item);
    NoteItem(item, grouping);
    if (!grouping->is_aggregating) continue;
    grouping->keys.push_back({item.variable, item.value, item.source});
    if (item.expression != nullptr && !item.is_variable && !LeafOf(*item.expression)) {
      NoteParts(*item.expression, &grouping->parts_of_keys);
    }
  }
  grouping->first_local = static_cast<bound::VariableId>(variables_.size());
  const Change with_grouping(&mode_.grouping, grouping);
  const Change allowed(&mode_.allows_aggregates, true);
  for (Item& item : *items) {
    if (!item.has_aggregate) continue;
    item.value = Bind(*item.expression);
    NameItem(&item);
    NoteItem(item, grouping);
  }
}

// Gives an item its variable: the one that it is, if it keeps its name, or a new one.
void StatementBinder::NameItem(Item* item) {
  if (item->value->kind == bound::ExpressionKind::kVariable) {
    const bound::VariableId variable = bound::As<bound::VariableReference>(*item->value).variable;
    if (!item->has_aggregate && variables_[variable].name == item->name) {
      item->variable = variable;
      return;
    }
    // The result of an aggregate gets its first name; no other value has a variable without one.
    const bool is_result = variables_[variable].name.empty() &&
                           variables_[variable].kind == bound::VariableKind::kValue;
    if (is_result) {
      variables_[variable].name = Keep(item->name);
      item->variable = variable;
      return;
    }
  }
  item->variable =
      NewVariable(item->name, bound::VariableKind::kValue, item->value->type, item->source);
}

void StatementBinder::NoteItem(const Item& item, Grouping* grouping) {
  if (item.value->kind == bound::ExpressionKind::kVariable && !item.has_aggregate) {
    const bound::VariableId from = bound::As<bound::VariableReference>(*item.value).variable;
    grouping->plain_keys.try_emplace(from, item.variable);
  }
  if (item.expression == nullptr || !grouping->is_asked) return;
  grouping->projected[HashOf(*item.expression, &hashes_)].push_back(
      {item.expression, item.variable});
  if (item.expression->kind == ExpressionKind::kChain) {
    grouping->chain_lengths.insert(As<Chain>(*item.expression).operands.size());
  }
}

void StatementBinder::CheckNames(const std::vector<Item>& items, const ProjectionSource& from) {
  absl::flat_hash_set<absl::string_view> names;
  for (const Item& item : items) {
    if (!names.insert(ToAbsl(item.name)).second) {
      Fail(ErrorId::kColumnNameConflict, item.source, {item.name});
    }
    const bool has_name = item.has_alias || item.is_variable || item.expression == nullptr;
    if (from.is_with && !has_name) {
      Fail(ErrorId::kNoExpressionAlias, item.source, {"WITH", item.name});
    }
  }
}

// A subquery gives no new meaning to a name that it sees from the query around.
void StatementBinder::CheckShadows(const std::vector<Item>& items, const Scope& scope) {
  const Scope around = scope.Sibling();
  for (const Item& item : items) {
    const bound::VariableId hidden = around.Find(item.name);
    if (hidden == bound::kNoVariable || hidden == item.variable) continue;
    Fail(ErrorId::kVariableShadowing, item.source, {item.name});
  }
}

void StatementBinder::BindOrderAndWhere(const ProjectionSource& from, Grouping* grouping,
                                        bound::Projection* projection) {
  grouping->stage = Grouping::Stage::kAfter;
  std::vector<bound::SortKey> order;
  for (const SortItem& item : from.projection->order) {
    order.push_back({BindAfter(*item.expression, grouping, false), item.descending});
  }
  projection->order = Keep(order);
  projection->skip = BindPage(from.projection->skip, "SKIP");
  projection->limit = BindPage(from.projection->limit, "LIMIT");
  if (from.where == nullptr) return;
  std::vector<bound::Predicate> where;
  SplitCondition(BindAfter(*from.where, grouping, true), &where);
  projection->where = Keep(where);
}

StatementBinder::Expr StatementBinder::BindAfter(const Expression& expression, Grouping* grouping,
                                                 bool is_condition) {
  grouping->has_aggregate = HasAggregate(expression);
  grouping->first_local = static_cast<bound::VariableId>(variables_.size());
  const Change with_grouping(&mode_.grouping, grouping);
  const Change allowed(&mode_.allows_aggregates, grouping->is_aggregating);
  return is_condition ? BindCondition(expression) : Bind(expression);
}

StatementBinder::Expr StatementBinder::BindPage(const Expression* expression,
                                                std::string_view clause) {
  if (expression == nullptr) return nullptr;
  const Scope nothing(nullptr);
  const Change scope(&mode_.scope, &nothing);
  const Change constant(&mode_.constant_clause, clause);
  const Expr value = Bind(*expression);
  if (value->has_subplan) {
    Fail(ErrorId::kNonConstantExpression, value->source,
         {absl::StrCat("The value of ", ToAbsl(clause), " cannot be looked for in the graph")});
  }
  const std::string_view text = expression->source.Of(statement_.text);
  if (value->type.is_empty() || !value->type.Meets(kIntegerType)) {
    Fail(ErrorId::kInvalidSkipOrLimit, value->source, {clause, text});
  }
  if (const auto number = ConstantInteger(*value); number.has_value() && *number < 0) {
    Fail(ErrorId::kNegativeIntegerArgument, value->source, {clause, absl::StrCat(*number)});
  }
  return value;
}

}  // namespace tidemark::query
