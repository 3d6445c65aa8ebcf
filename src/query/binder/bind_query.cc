// SPDX-License-Identifier: Apache-2.0
// Queries: clause by clause, part by part, joined by UNION.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "query/binder/ast_walk.h"
#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"
#include "query/binder/uses.h"

namespace tidemark::query {

const bound::Query* StatementBinder::BindQuery(const Query& query, const QueryPlace& place) {
  std::vector<bound::SingleQuery*> branches;
  std::vector<std::vector<bound::Column>> columns;
  for (const SingleQuery* part : query.parts) {
    const bool is_alone = place.is_top && query.parts.size() == 1 && part->clauses.size() == 1;
    columns.emplace_back();
    branches.push_back(BindSingleQuery(*part, place, is_alone, &columns.back()));
  }
  return JoinBranches(query, branches, columns);
}

// The columns of all branches have the same names; the first says in which order.
const bound::Query* StatementBinder::JoinBranches(
    const Query& query, const std::vector<bound::SingleQuery*>& branches,
    const std::vector<std::vector<bound::Column>>& columns) {
  std::vector<bound::Column> joined = columns[0];
  bool writes = false;
  for (size_t i = 0; i < branches.size(); ++i) {
    writes = writes || branches[i]->writes;
    absl::flat_hash_map<absl::string_view, bound::VariableId> by_name;
    for (const bound::Column& column : columns[i]) {
      by_name.emplace(ToAbsl(column.name), column.variable);
    }
    std::vector<bound::VariableId> outputs;
    for (const bound::Column& column : columns[0]) {
      const auto same = by_name.find(ToAbsl(column.name));
      if (same != by_name.end()) outputs.push_back(same->second);
    }
    if (columns[i].size() != columns[0].size() || outputs.size() != columns[0].size()) {
      Fail(ErrorId::kDifferentColumnsInUnion, query.parts[i]->source, {});
      continue;
    }
    branches[i]->outputs = Keep(outputs);
  }
  for (size_t c = 0; branches.size() > 1 && c < joined.size() && !failed(); ++c) {
    CypherType type;
    for (const bound::SingleQuery* branch : branches) {
      type = type | variables_[branch->outputs[c]].type;
    }
    const Source source = variables_[joined[c].variable].source;
    joined[c].variable = NewVariable(joined[c].name, bound::VariableKind::kValue, type, source);
  }
  std::vector<const bound::SingleQuery*> kept(branches.begin(), branches.end());
  return arena_->New<bound::Query>(Keep(kept), query.union_all, Keep(joined), writes);
}

bound::SingleQuery* StatementBinder::BindSingleQuery(const SingleQuery& query,
                                                     const QueryPlace& place, bool is_alone,
                                                     std::vector<bound::Column>* columns) {
  std::vector<bound::VariableId> captured;
  QueryState state;
  state.is_alone = is_alone;
  state.scope = NewScope(Scope(place.around, &captured));
  const Change scope(&mode_.scope, static_cast<const Scope*>(state.scope));
  absl::Span<Clause* const> clauses = query.clauses;
  if (place.importable != nullptr && ImportWith(*clauses[0], *place.importable, &state)) {
    for (const Scope::Entry& entry : state.scope->Entries()) captured.push_back(entry.variable);
    clauses.remove_prefix(1);
  }
  for (const Clause* clause : clauses) {
    if (failed()) break;
    mode_.scope = state.scope;
    AddClause(*clause, &state);
  }
  if (!state.clauses.empty() || state.match.has_value() || state.parts.empty()) {
    EndPart(nullptr, &state);
  }
  *columns = state.has_columns ? state.columns : std::vector<bound::Column>();
  MakeSet(&captured);
  return arena_->New<bound::SingleQuery>(Keep(captured), Keep(state.parts),
                                         absl::Span<const bound::VariableId>(), state.writes);
}

// The WITH at the begin of CALL { } that says what the query takes from around it.
bool StatementBinder::ImportWith(const Clause& clause, const Scope& importable, QueryState* state) {
  if (clause.kind != ClauseKind::kWith) return false;
  const auto& with = As<WithClause>(clause);
  bool is_plain = with.where == nullptr && !with.projection.distinct &&
                  with.projection.order.empty() && with.projection.skip == nullptr &&
                  with.projection.limit == nullptr;
  bool uses_outside = with.projection.all;
  for (const ProjectionItem& item : with.projection.items) {
    const bool is_variable = item.expression->kind == ExpressionKind::kVariable;
    const bool keeps_name = is_variable && (item.alias.empty() ||
                                            item.alias.text == As<Variable>(*item.expression).name);
    uses_outside = uses_outside || is_variable || UsesName(*item.expression, importable);
    is_plain = is_plain && keeps_name;
  }
  if (!uses_outside) return false;
  if (!is_plain) {
    Fail(ErrorId::kInvalidClauseComposition, with.source,
         {"The WITH at the begin of CALL { } names variables of the query around it, or *, and "
          "nothing else; add a second WITH behind it"});
    return true;
  }
  if (with.projection.all) {
    for (const Scope::Entry& entry : importable.Entries()) {
      state->scope->Declare(entry.name, entry.variable);
    }
  }
  for (const ProjectionItem& item : with.projection.items) {
    const std::string_view name = As<Variable>(*item.expression).name;
    const bound::VariableId variable = importable.Find(name);
    if (variable == bound::kNoVariable) {
      Fail(ErrorId::kUndefinedVariable, item.source, {name});
      return true;
    }
    state->scope->Declare(name, variable);
  }
  return true;
}

void StatementBinder::AddClause(const Clause& clause, QueryState* state) {
  if (arena_->size_bytes() > first_size_bytes_ + kMaxBoundBytes) {
    Fail(ErrorId::kStatementTooLarge, clause.source, {absl::StrCat(kMaxBoundBytes >> 20)});
    return;
  }
  if (clause.kind == ClauseKind::kMatch) return BindMatch(As<MatchClause>(clause), state);
  FlushMatch(state);
  if (clause.kind == ClauseKind::kWith) {
    const auto& with = As<WithClause>(clause);
    const bound::Projection* projection =
        BindProjection({&with.projection, with.where, with.source, true}, state);
    return EndPart(projection, state);
  }
  if (clause.kind == ClauseKind::kReturn) {
    const auto& node = As<ReturnClause>(clause);
    const bound::Projection* projection =
        BindProjection({&node.projection, nullptr, node.source, false}, state);
    state->has_columns = true;
    return EndPart(projection, state);
  }
  const bound::Clause* bound = BindClause(clause, state);
  if (bound != nullptr) state->clauses.push_back(bound);
}

const bound::Clause* StatementBinder::BindClause(const Clause& clause, QueryState* state) {
  switch (clause.kind) {
    case ClauseKind::kUnwind:
      return BindUnwind(As<UnwindClause>(clause), state);
    case ClauseKind::kCall:
      return BindProcedureCall(As<CallClause>(clause), state);
    case ClauseKind::kSubquery:
      return BindSubquery(As<SubqueryClause>(clause), state);
    case ClauseKind::kLoadCsv: {
      const auto& load = As<LoadCsvClause>(clause);
      NotYet("LOAD CSV", clause.source);
      Bind(*load.url);
      Declare(load.variable, bound::VariableKind::kValue, kAnyType.OrNull(), state->scope);
      return nullptr;
    }
    case ClauseKind::kUse:
      NotYet("USE", clause.source);
      return nullptr;
    case ClauseKind::kFinish:
      return nullptr;
    default:
      state->writes = true;
      return BindUpdate(clause, state->scope);
  }
}

// A variable that the clause brings.
bound::VariableId StatementBinder::Declare(const Name& name, bound::VariableKind kind,
                                           CypherType type, Scope* scope) {
  const bound::VariableId variable = NewVariable(name, kind, type);
  scope->Declare(variables_[variable].name, variable);
  return variable;
}

bound::VariableId StatementBinder::DeclareNew(const Name& name, CypherType type, Scope* scope) {
  if (scope->Find(name.text) != bound::kNoVariable) {
    Fail(ErrorId::kVariableAlreadyBound, name.source, {name.text});
  }
  return Declare(name, bound::VariableKind::kValue, type, scope);
}

void StatementBinder::BindMatch(const MatchClause& match, QueryState* state) {
  if (match.optional || (state->match.has_value() && !CanJoin(match.match, *state))) {
    FlushMatch(state);
  }
  if (!state->match.has_value()) {
    state->match.emplace();
    state->match_source = match.source;
  }
  BindMatchBlock(match.match, PatternUse::kMatch, state->scope, &*state->match);
  if (!match.optional) return;
  for (const bound::VariableId variable : state->match->declared) {
    variables_[variable].type = variables_[variable].type.OrNull();
  }
  state->is_optional_match = true;
  FlushMatch(state);
}

// Whether a MATCH may be in one graph with those before it: it may not use their edges as edges,
// since equal edges would be two edges of one graph, nor see rows that a random condition chose.
bool StatementBinder::CanJoin(const MatchBlock& block, const QueryState& state) {
  if (state.match->has_volatile || HasComputedKey(block, state)) return false;
  for (const PathPattern* path : block.paths) {
    for (const PathElement* element : path->elements) {
      if (element->kind != PathElementKind::kEdge) continue;
      const bound::VariableId variable = state.scope->Find(As<EdgePattern>(*element).variable.text);
      if (variable != bound::kNoVariable && state.match->declared.contains(variable)) return false;
    }
  }
  return true;
}

// Whether a property of the block equals what is computed from variables of the MATCH before it. In
// one graph that would be tested for each pair of them; after it, it is a key to look for.
bool StatementBinder::HasComputedKey(const MatchBlock& block, const QueryState& state) {
  const auto is_computed = [&](const Expression& value) {
    return value.kind != ExpressionKind::kVariable && !LeafOf(value).has_value() &&
           UsesMatched(value, state);
  };
  for (const PathPattern* path : block.paths) {
    for (const PathElement* element : path->elements) {
      if (element->kind != PathElementKind::kVertex) continue;
      const Expression* const properties = As<VertexPattern>(*element).properties;
      if (properties == nullptr || properties->kind != ExpressionKind::kMap) continue;
      for (const MapEntry& entry : As<MapLiteral>(*properties).entries) {
        if (is_computed(*entry.value)) return true;
      }
    }
  }
  const auto is_key = [&](const Expression& condition) {
    if (condition.kind != ExpressionKind::kComparison) return false;
    const auto& comparison = As<Comparison>(condition);
    if (comparison.operators.size() != 1 || comparison.operators[0] != Operator::kEqual) {
      return false;
    }
    const Expression& a = *comparison.operands[0];
    const Expression& b = *comparison.operands[1];
    return (LeafOf(a).has_value() && !UsesMatched(a, state) && is_computed(b)) ||
           (LeafOf(b).has_value() && !UsesMatched(b, state) && is_computed(a));
  };
  if (block.where == nullptr) return false;
  if (block.where->kind != ExpressionKind::kChain) return is_key(*block.where);
  const auto& chain = As<Chain>(*block.where);
  return chain.operators[0] == Operator::kAnd &&
         std::any_of(chain.operands.begin(), chain.operands.end(),
                     [&](const Expression* condition) { return is_key(*condition); });
}

bool StatementBinder::UsesMatched(const Expression& expression, const QueryState& state) {
  if (expression.kind == ExpressionKind::kVariable) {
    const bound::VariableId variable = state.scope->Find(As<Variable>(expression).name);
    return variable != bound::kNoVariable && state.match->declared.contains(variable);
  }
  bool uses = false;
  ForEachPart(expression, [&](const Expression& part) { uses = uses || UsesMatched(part, state); });
  return uses;
}

void StatementBinder::FlushMatch(QueryState* state) {
  if (!state->match.has_value()) return;
  state->clauses.push_back(
      arena_->New<bound::Match>(bound::Clause{bound::Match::kKind, state->match_source},
                                state->is_optional_match, Build(&*state->match)));
  state->match.reset();
  state->is_optional_match = false;
}

void StatementBinder::EndPart(const bound::Projection* projection, QueryState* state) {
  FlushMatch(state);
  state->parts.push_back({Keep(state->clauses), projection});
  state->clauses.clear();
}

const bound::Clause* StatementBinder::BindUnwind(const UnwindClause& unwind, QueryState* state) {
  const Expr list = Bind(*unwind.list);
  CypherType type = kAnyType.OrNull();
  if (!list->type.is_empty() && list->type.IsIn(kListType)) {
    if (!list->type.element().is_empty()) type = list->type.element();
  } else if (!list->type.is_empty() && !list->type.Meets(kListType)) {
    type = list->type.NotNull();
  }
  const bound::VariableId variable = DeclareNew(unwind.variable, type, state->scope);
  return arena_->New<bound::Unwind>(bound::Clause{bound::Unwind::kKind, unwind.source}, list,
                                    variable);
}

}  // namespace tidemark::query
