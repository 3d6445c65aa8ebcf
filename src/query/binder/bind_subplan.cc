// SPDX-License-Identifier: Apache-2.0
// What reads the graph inside of an expression, and CALL { }.
#include "query/binder/statement_binder.h"
#include "query/binder/uses.h"

namespace tidemark::query {

StatementBinder::Expr StatementBinder::BindPatternExpression(const PatternExpression& expression,
                                                             bool is_condition) {
  const bool is_path = expression.pattern->function != ShortestFunction::kNone;
  if (!is_path && !is_condition) {
    Fail(ErrorId::kUnexpectedPattern, expression.source, {});
    return Null(expression.source);
  }
  PathPattern* const paths[] = {expression.pattern};
  const MatchBlock block{MatchMode::kDefault, paths, {}, nullptr};
  Scope inner(mode_.scope);
  const Change scope(&mode_.scope, static_cast<const Scope*>(&inner));
  GraphBuilder builder;
  BindMatchBlock(block, PatternUse::kPredicate, &inner, &builder);
  const CypherType type = is_path ? kAnyType.OrNull() : kBooleanType;
  return MakeSubplan({bound::SubplanKind::kPatternExists, type, expression.source}, &builder,
                     nullptr);
}

StatementBinder::Expr StatementBinder::BindPatternComprehension(const PatternComprehension& node) {
  PathPattern* const paths[] = {node.pattern};
  const MatchBlock block{MatchMode::kDefault, paths, {}, node.where};
  Scope inner(mode_.scope);
  const Change scope(&mode_.scope, static_cast<const Scope*>(&inner));
  const Change depth(&mode_.loop_depth, mode_.loop_depth + 1);
  GraphBuilder builder;
  BindMatchBlock(block, PatternUse::kComprehension, &inner, &builder);
  const Expr projection = Bind(*node.projection);
  return MakeSubplan(
      {bound::SubplanKind::kPatternList, CypherType::ListOf(projection->type), node.source},
      &builder, projection);
}

StatementBinder::Expr StatementBinder::MakeSubplan(const SubplanHead& head, GraphBuilder* builder,
                                                   Expr projection) {
  const bound::QueryGraph* graph = Build(builder);
  bound::Expression traits = TraitsOf(bound::Subplan::kKind, head.type, head.source, {projection});
  std::vector<bound::VariableId> arguments(graph->arguments.begin(), graph->arguments.end());
  if (projection != nullptr) {
    for (const bound::VariableId variable : UsesOf(*projection)) {
      if (!builder->declared.contains(variable)) arguments.push_back(variable);
    }
  }
  MakeSet(&arguments);
  const auto add = [&traits](const bound::Predicate& predicate) {
    traits.may_raise = traits.may_raise || predicate.condition->may_raise;
    traits.is_volatile = traits.is_volatile || predicate.condition->is_volatile;
  };
  for (const bound::Predicate& predicate : graph->predicates) add(predicate);
  for (const bound::PatternEdge& edge : graph->edges) {
    for (const bound::Predicate& predicate : edge.element_predicates) add(predicate);
  }
  traits.is_constant = false;
  traits.has_subplan = true;
  const bound::VariableId result =
      NewVariable("", bound::VariableKind::kLocal, head.type, head.source);
  return arena_->New<bound::Subplan>(traits, head.kind, result, Keep(arguments), graph, projection,
                                     nullptr);
}

namespace {

CypherType TypeOfSubquery(SubqueryKind kind, CypherType column) {
  if (kind == SubqueryKind::kExists) return kBooleanType;
  return kind == SubqueryKind::kCount ? kIntegerType : CypherType::ListOf(column);
}

bound::SubplanKind ToSubplan(SubqueryKind kind) {
  if (kind == SubqueryKind::kExists) return bound::SubplanKind::kExists;
  return kind == SubqueryKind::kCount ? bound::SubplanKind::kCount : bound::SubplanKind::kCollect;
}

}  // namespace

StatementBinder::Expr StatementBinder::BindSubqueryExpression(const SubqueryExpression& node) {
  constexpr std::string_view kNames[] = {"EXISTS { }", "COUNT { }", "COLLECT { }"};
  NotYet(kNames[static_cast<size_t>(node.subquery)], node.source);
  const Mode around = mode_;
  Mode inner;
  inner.scope = around.scope;
  const Change mode(&mode_, inner);
  const bound::Query* query = nullptr;
  if (node.query != nullptr) {
    query = BindQuery(*node.query, {around.scope, nullptr, false});
  } else {
    query = BindMatchQuery(*node.match, around.scope);
  }
  std::vector<bound::VariableId> arguments;
  for (const bound::SingleQuery* branch : query->branches) {
    arguments.insert(arguments.end(), branch->arguments.begin(), branch->arguments.end());
  }
  MakeSet(&arguments);
  const bool is_grouped = around.grouping != nullptr && !around.in_aggregate &&
                          around.grouping->stage == Grouping::Stage::kItems;
  for (const bound::VariableId argument : arguments) {
    const std::string_view name = variables_[argument].name;
    if (!is_grouped || around.grouping->before->FindOwn(name) != argument) continue;
    Fail(ErrorId::kAmbiguousAggregationExpression, node.source, {name});
  }
  const bool is_collect = node.subquery == SubqueryKind::kCollect;
  if (is_collect && query->columns.size() != 1) {
    Fail(ErrorId::kInvalidClauseComposition, node.source, {"COLLECT { } returns one column"});
  }
  const CypherType column =
      query->columns.empty() ? kAnyType.OrNull() : variables_[query->columns[0].variable].type;
  const CypherType type = TypeOfSubquery(node.subquery, column);
  bound::Expression traits = TraitsOf(bound::Subplan::kKind, type, node.source, {});
  traits.may_raise = true;
  traits.is_constant = false;
  traits.has_subplan = true;
  const bound::VariableId result = NewVariable("", bound::VariableKind::kLocal, type, node.source);
  return arena_->New<bound::Subplan>(traits, ToSubplan(node.subquery), result, Keep(arguments),
                                     nullptr, nullptr, query);
}

// EXISTS { (a)-->(b) WHERE ... }: a query of one MATCH.
const bound::Query* StatementBinder::BindMatchQuery(const MatchBlock& block, const Scope* around) {
  std::vector<bound::VariableId> captured;
  Scope inner(around, &captured);
  const Change scope(&mode_.scope, static_cast<const Scope*>(&inner));
  GraphBuilder builder;
  BindMatchBlock(block, PatternUse::kMatch, &inner, &builder);
  const std::vector<const bound::Clause*> clauses = {arena_->New<bound::Match>(
      bound::Clause{bound::Match::kKind, block.paths[0]->source}, false, Build(&builder))};
  const std::vector<bound::Part> parts = {{Keep(clauses), nullptr}};
  MakeSet(&captured);
  const std::vector<const bound::SingleQuery*> branches = {
      arena_->New<bound::SingleQuery>(Keep(captured), Keep(parts))};
  return arena_->New<bound::Query>(Keep(branches));
}

const bound::Clause* StatementBinder::BindSubquery(const SubqueryClause& clause,
                                                   QueryState* state) {
  NotYet(clause.transactions == nullptr ? "CALL { }" : "CALL { } IN TRANSACTIONS", clause.source);
  const Scope* around = state->scope;
  if (!clause.imports_all) {
    Scope* imports = NewScope(Scope(nullptr));
    for (const Name& name : clause.imports) {
      const bound::VariableId variable = Find(name.text, name.source);
      if (variable != bound::kNoVariable) imports->Declare(name.text, variable);
    }
    around = imports;
  }
  const Scope* importable = clause.has_scope ? nullptr : state->scope;
  const Mode before = mode_;
  mode_ = Mode();
  const bound::Query* query = BindQuery(*clause.query, {around, importable, false});
  mode_ = before;
  for (const bound::Column& column : query->columns) {
    if (state->scope->Find(column.name) != bound::kNoVariable) {
      Fail(ErrorId::kVariableAlreadyBound, clause.source, {column.name});
    }
    state->scope->Declare(column.name, column.variable);
    bound::Variable& variable = variables_[column.variable];
    if (clause.optional) variable.type = variable.type.OrNull();
  }
  state->writes = state->writes || query->writes;
  return arena_->New<bound::Subquery>(bound::Clause{bound::Subquery::kKind, clause.source},
                                      clause.optional, query->columns.empty(), query);
}

}  // namespace tidemark::query
