// SPDX-License-Identifier: Apache-2.0
// Commands of the schema, and SHOW as a query.
#include "query/binder/show_columns.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {

const bound::Command* StatementBinder::BindCommand(const Command& command) {
  switch (command.kind) {
    case CommandKind::kCreateIndex:
      return BindCreateIndex(As<CreateIndexCommand>(command));
    case CommandKind::kCreateConstraint:
      return BindCreateConstraint(As<CreateConstraintCommand>(command));
    case CommandKind::kDropIndex: {
      const auto& drop = As<DropIndexCommand>(command);
      bound::Command* made = NewCommand(bound::CommandKind::kDropIndex, command.source, drop.name);
      made->if_exists = drop.if_exists;
      return made;
    }
    case CommandKind::kDropConstraint: {
      const auto& drop = As<DropConstraintCommand>(command);
      bound::Command* made =
          NewCommand(bound::CommandKind::kDropConstraint, command.source, drop.name);
      made->if_exists = drop.if_exists;
      return made;
    }
    default:
      NotYet("This command of administration", command.source);
      return nullptr;
  }
}

bound::Command* StatementBinder::NewCommand(bound::CommandKind kind, Source source,
                                            const CatalogName& name) {
  auto* made = arena_->New<bound::Command>();
  made->kind = kind;
  made->source = source;
  made->name = Keep(name.name.text);
  made->has_name_parameter = !name.parameter.empty();
  if (made->has_name_parameter) made->name_parameter = UseParameter(name.parameter, source);
  return made;
}

absl::Span<const bound::Name> StatementBinder::ResolveAll(graph::NameKind kind,
                                                          absl::Span<const Name> names) {
  std::vector<bound::Name> resolved;
  for (const Name& name : names) resolved.push_back(Resolve(kind, name, false));
  return Keep(resolved);
}

const bound::Command* StatementBinder::BindCreateIndex(const CreateIndexCommand& command) {
  bound::Command* made = NewCommand(bound::CommandKind::kCreateIndex, command.source, command.name);
  made->if_exists = command.if_exists == IfExists::kSkip;
  made->index = static_cast<bound::CommandIndexKind>(command.index);
  made->on_edges = command.on_edges;
  const graph::NameKind names = command.on_edges ? graph::NameKind::kType : graph::NameKind::kLabel;
  made->labels = ResolveAll(names, command.labels);
  made->keys = ResolveAll(graph::NameKind::kKey, command.properties);
  made->options = BindOptions(command.options);
  if (command.if_exists == IfExists::kReplace) NotYet("CREATE OR REPLACE", command.source);
  if (command.index != IndexKind::kRange) NotYet("This kind of index", command.source);
  if (command.on_edges) NotYet("An index on relationships", command.source);
  return made;
}

const bound::Command* StatementBinder::BindCreateConstraint(
    const CreateConstraintCommand& command) {
  bound::Command* made =
      NewCommand(bound::CommandKind::kCreateConstraint, command.source, command.name);
  made->if_exists = command.if_exists == IfExists::kSkip;
  made->constraint = static_cast<bound::CommandConstraintKind>(command.constraint);
  made->on_edges = command.on_edges;
  const graph::NameKind names = command.on_edges ? graph::NameKind::kType : graph::NameKind::kLabel;
  made->labels = ResolveAll(names, {&command.label, 1});
  made->keys = ResolveAll(graph::NameKind::kKey, command.properties);
  if (command.type != nullptr) made->type = BindType(*command.type);
  made->options = BindOptions(command.options);
  if (command.if_exists == IfExists::kReplace) NotYet("CREATE OR REPLACE", command.source);
  if (command.constraint == ConstraintKind::kKey) NotYet("A key constraint", command.source);
  if (command.constraint == ConstraintKind::kType) NotYet("A type constraint", command.source);
  if (command.on_edges) NotYet("A constraint on relationships", command.source);
  return made;
}

// A map that uses no variables.
StatementBinder::Expr StatementBinder::BindOptions(const Expression* options) {
  if (options == nullptr) return nullptr;
  const Scope nothing(nullptr);
  const Change scope(&mode_.scope, &nothing);
  const Change constant(&mode_.constant_clause, std::string_view("OPTIONS"));
  return Bind(*options);
}

const bound::Query* StatementBinder::BindShow(const ShowCommand& show) {
  const bool is_index = show.show == ShowKind::kIndexes;
  if ((!is_index && show.show != ShowKind::kConstraints) || show.next != nullptr) {
    NotYet("This kind of SHOW", show.source);
    return nullptr;
  }
  const bound::ShowWhat what = is_index ? bound::ShowWhat::kIndexes : bound::ShowWhat::kConstraints;
  std::vector<bound::VariableId> captured;
  QueryState state;
  state.scope = NewScope(Scope(nullptr));
  const Change scope(&mode_.scope, static_cast<const Scope*>(state.scope));
  std::vector<bound::Output> outputs;
  std::vector<ProjectionItem> items;
  NameShowColumns(show, what, state.scope, &outputs, &items);
  state.clauses.push_back(arena_->New<bound::Show>(bound::Clause{bound::Show::kKind, show.source},
                                                   what, Keep(show.filter), Keep(outputs)));
  // YIELD and WHERE are a WITH, RETURN stands behind it.
  const Projection yield{false, false, items, show.yield.order, show.yield.skip, show.yield.limit};
  EndPart(BindProjection({&yield, show.yield.where, show.source, true}, &state), &state);
  if (show.projection != nullptr) {
    mode_.scope = state.scope;
    EndPart(BindProjection({show.projection, nullptr, show.source, false}, &state), &state);
  }
  std::vector<bound::VariableId> columns;
  for (const bound::Column& column : state.columns) columns.push_back(column.variable);
  const std::vector<const bound::SingleQuery*> branches = {arena_->New<bound::SingleQuery>(
      absl::Span<const bound::VariableId>(), Keep(state.parts), Keep(columns), false)};
  return arena_->New<bound::Query>(Keep(branches), false, Keep(state.columns), false);
}

// The columns under their own names, and as items those that are asked for.
void StatementBinder::NameShowColumns(const ShowCommand& show, bound::ShowWhat what, Scope* scope,
                                      std::vector<bound::Output>* outputs,
                                      std::vector<ProjectionItem>* items) {
  const absl::Span<const ShowColumn> columns = ColumnsOf(what);
  const bool takes_all = show.yield.all;
  for (uint32_t i = 0; i < columns.size(); ++i) {
    const Name name{columns[i].name, show.source};
    outputs->push_back({i, Declare(name, bound::VariableKind::kValue, columns[i].type, scope)});
    if (!takes_all && (show.yield.present || !columns[i].is_default)) continue;
    auto* variable =
        arena_->New<Variable>(Expression{Variable::kKind, show.source}, columns[i].name);
    items->push_back({variable, {}, show.source});
  }
  for (const YieldItem& item : show.yield.items) {
    auto* variable =
        arena_->New<Variable>(Expression{Variable::kKind, item.field.source}, item.field.text);
    items->push_back({variable, item.alias, item.field.source});
  }
}

}  // namespace tidemark::query
