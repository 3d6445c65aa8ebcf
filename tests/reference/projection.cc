// SPDX-License-Identifier: Apache-2.0
// WITH and RETURN.
#include <algorithm>

#include "graph/value_order.h"
#include "query/parser/ast_text.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using query::As;
using query::ErrorId;
using query::ExpressionKind;

namespace {

bool SameValues(const std::vector<Value>& a, const std::vector<Value>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), graph::Equivalent);
}

bool HasAggregates(const query::Projection& projection) {
  return std::any_of(projection.items.begin(), projection.items.end(),
                     [](const auto& item) { return HasAggregate(*item.expression); });
}

}  // namespace

std::string Evaluator::ColumnOf(const query::ProjectionItem& item) const {
  if (!item.alias.empty()) return std::string(item.alias.text);
  if (item.expression->kind == ExpressionKind::kVariable) {
    return std::string(As<query::Variable>(*item.expression).name);
  }
  return std::string(item.source.Of(text_));
}

Evaluator::Projected Evaluator::ProjectRow(const query::Projection& projection, const Row& row,
                                           const std::vector<Row>* group) {
  Projected projected;
  if (projection.all) projected.out = row;
  for (const query::ProjectionItem& item : projection.items) {
    group_ = group;
    projected.out[ColumnOf(item)] = Eval(*item.expression, row);
    group_ = nullptr;
  }
  projected.scope = row;
  for (const auto& [name, value] : projected.out) projected.scope[name] = value;
  if (group != nullptr) projected.group = *group;
  return projected;
}

// One row for each group of equivalent keys, in the order in which they come.
std::vector<Evaluator::Projected> Evaluator::Group(const query::Projection& projection,
                                                   const Table& table) {
  std::vector<std::pair<std::vector<Value>, std::vector<Row>>> groups;
  bool has_keys = projection.all && !table.columns.empty();
  for (const auto& item : projection.items) has_keys |= !HasAggregate(*item.expression);
  for (const Row& row : table.rows) {
    std::vector<Value> keys;
    if (projection.all) {
      for (const std::string& name : table.columns) keys.push_back(row.at(name));
    }
    for (const auto& item : projection.items) {
      if (!HasAggregate(*item.expression)) keys.push_back(Eval(*item.expression, row));
    }
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const auto& other) { return SameValues(keys, other.first); });
    if (group == groups.end()) {
      groups.push_back({keys, {row}});
      continue;
    }
    for (size_t i = 0; i < keys.size(); ++i) {
      group->first[i] = graph::Representative(group->first[i], keys[i]);
    }
    group->second.push_back(row);
  }
  if (groups.empty() && !has_keys) groups.emplace_back();
  std::vector<Projected> rows;
  for (const auto& [keys, group] : groups) {
    Row first = group.empty() ? Row() : group[0];
    rows.push_back(ProjectRow(projection, first, &group));
    size_t at = projection.all ? table.columns.size() : 0;
    for (const auto& item : projection.items) {
      if (HasAggregate(*item.expression)) continue;
      rows.back().out[ColumnOf(item)] = rows.back().scope[ColumnOf(item)] = keys[at++];
    }
  }
  return rows;
}

// An expression that is projected as it stands has the value that was projected.
Value Evaluator::SortKey(const query::Projection& projection, const query::Expression& key,
                         const Projected& row) {
  if (key.kind != ExpressionKind::kVariable) {
    for (const query::ProjectionItem& item : projection.items) {
      if (ToText(*item.expression) == ToText(key)) return row.out.at(ColumnOf(item));
    }
  }
  group_ = row.group.empty() && !HasAggregate(key) ? nullptr : &row.group;
  const Value value = Eval(key, row.scope);
  group_ = nullptr;
  return value;
}

void Evaluator::Sort(const query::Projection& projection, std::vector<Projected>* rows) {
  if (projection.order.empty()) return;
  std::vector<std::pair<std::vector<Value>, size_t>> keys;
  for (size_t i = 0; i < rows->size(); ++i) {
    keys.emplace_back(std::vector<Value>(), i);
    for (const query::SortItem& item : projection.order) {
      keys.back().first.push_back(SortKey(projection, *item.expression, (*rows)[i]));
    }
  }
  std::stable_sort(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    for (size_t i = 0; i < projection.order.size(); ++i) {
      const int order = graph::Compare(a.first[i], b.first[i]);
      if (order != 0) return projection.order[i].descending ? order > 0 : order < 0;
    }
    return false;
  });
  std::vector<Projected> sorted;
  for (const auto& [values, at] : keys) sorted.push_back((*rows)[at]);
  *rows = std::move(sorted);
}

int64_t Evaluator::Bound(const query::Expression* expression, int64_t otherwise) {
  if (expression == nullptr) return otherwise;
  const Value value = Eval(*expression, {});
  if (failed()) return 0;
  if (value.type() != graph::ValueType::kInteger) {
    TypeError();
    return 0;
  }
  if (value.integer() < 0) Fail(ErrorId::kNegativeIntegerArgumentAtRuntime);
  return std::max<int64_t>(value.integer(), 0);
}

void Evaluator::KeepDistinct(std::vector<Projected>* rows) {
  std::vector<Projected> distinct;
  for (const Projected& row : *rows) {
    auto same = std::find_if(distinct.begin(), distinct.end(), [&](const Projected& other) {
      return std::equal(
          row.out.begin(), row.out.end(), other.out.begin(),
          [](const auto& a, const auto& b) { return graph::Equivalent(a.second, b.second); });
    });
    if (same == distinct.end()) {
      distinct.push_back(row);
      continue;
    }
    for (auto& [name, value] : same->out) {
      value = graph::Representative(value, row.out.at(name));
      same->scope[name] = value;
    }
  }
  *rows = std::move(distinct);
}

std::vector<std::string> Evaluator::Project(const query::Projection& projection,
                                            const query::Expression* where, Table* table) {
  std::vector<std::string> names;
  if (projection.all) names.assign(table->columns.begin(), table->columns.end());
  for (const auto& item : projection.items) {
    const std::string name = ColumnOf(item);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  const int64_t skip = Bound(projection.skip, 0);
  int64_t limit = Bound(projection.limit, INT64_MAX);
  std::vector<Projected> rows;
  if (HasAggregates(projection)) {
    rows = Group(projection, *table);
  } else {
    for (const Row& row : table->rows) rows.push_back(ProjectRow(projection, row, nullptr));
  }
  if (projection.distinct) KeepDistinct(&rows);
  Sort(projection, &rows);
  table->rows.clear();
  for (size_t i = static_cast<size_t>(std::min<int64_t>(skip, INT32_MAX));
       i < rows.size() && limit > 0; ++i, --limit) {
    if (IsTrue(where, rows[i].scope)) table->rows.push_back(rows[i].out);
  }
  table->columns = {names.begin(), names.end()};
  return names;
}

}  // namespace tidemark::reference
