// SPDX-License-Identifier: Apache-2.0
// Queries and their reading clauses.
#include "graph/value_order.h"
#include "query/parser/parser.h"
#include "tests/reference/evaluator.h"

namespace tidemark::reference {

using query::As;
using query::ClauseKind;
using query::ErrorId;

namespace {

// Any more and the evaluator gives up: it stands for "not covered", never for an answer.
constexpr size_t kMaxRows = 200'000;

}  // namespace

Outcome Evaluate(std::string_view text, const Parameters& parameters, Graph* graph,
                 Conditions conditions) {
  Outcome outcome;
  query::Arena arena;
  const auto statement = query::Parse(text, &arena);
  if (!statement.ok()) {
    const auto error = query::ErrorOf(statement.status());
    CHECK(error.has_value()) << statement.status();
    outcome.error = error->id;
    return outcome;
  }
  if ((*statement)->query == nullptr || (*statement)->mode != query::StatementMode::kRun) {
    outcome.not_covered = "a command";
    return outcome;
  }
  const Graph before = *graph;
  Evaluator(text, parameters, graph, conditions).Run(*(*statement)->query, &outcome);
  if (outcome.error.has_value() || !outcome.not_covered.empty()) *graph = before;
  return outcome;
}

void Evaluator::Run(const query::Query& query, Outcome* outcome) {
  Table result;
  outcome->columns = RunQuery(query, {}, &result);
  outcome->rows = std::move(result.rows);
  CheckDangling();
  outcome->not_covered = not_covered_;
  outcome->error = error_;
  outcome->counters = counters_;
}

Value Evaluator::Fail(ErrorId id) {
  if (!failed()) error_ = id;
  return Value::Null();
}

Value Evaluator::NotCovered(std::string_view what) {
  if (!failed()) not_covered_ = std::string(what);
  return Value::Null();
}

std::vector<std::string> Evaluator::RunQuery(const query::Query& query, const Row& start,
                                             Table* result) {
  std::vector<std::string> columns;
  for (size_t i = 0; i < query.parts.size() && !failed(); ++i) {
    Table part;
    const std::vector<std::string> names = RunSingle(*query.parts[i], start, &part);
    if (i == 0) columns = names;
    result->columns = part.columns;
    result->rows.insert(result->rows.end(), part.rows.begin(), part.rows.end());
  }
  if (query.parts.size() < 2 || query.union_all) return columns;
  std::vector<Row> distinct;
  for (const Row& row : result->rows) {
    bool found = false;
    for (Row& other : distinct) {
      bool same = true;
      for (const auto& [name, value] : row) {
        same = same && graph::Equivalent(value, other[name]);
      }
      if (!same) continue;
      for (const auto& [name, value] : row) {
        other[name] = graph::Representative(other[name], value);
      }
      found = true;
    }
    if (!found) distinct.push_back(row);
  }
  result->rows = std::move(distinct);
  return columns;
}

std::vector<std::string> Evaluator::RunSingle(const query::SingleQuery& query, const Row& start,
                                              Table* table) {
  table->rows = {start};
  for (const auto& [name, value] : start) table->columns.insert(name);
  for (const query::Clause* clause : query.clauses) {
    if (failed()) return {};
    if (clause->kind == ClauseKind::kReturn) {
      return Project(As<query::ReturnClause>(*clause).projection, nullptr, table);
    }
    RunClause(*clause, table);
    if (table->rows.size() > kMaxRows) NotCovered("that many rows");
  }
  table->columns.clear();
  return {};
}

void Evaluator::RunClause(const query::Clause& clause, Table* table) {
  switch (clause.kind) {
    case ClauseKind::kMatch:
      return RunMatch(As<query::MatchClause>(clause), table);
    case ClauseKind::kUnwind:
      return RunUnwind(As<query::UnwindClause>(clause), table);
    case ClauseKind::kWith: {
      const auto& with = As<query::WithClause>(clause);
      Project(with.projection, with.where, table);
      return;
    }
    case ClauseKind::kFinish:
      table->rows.clear();
      return;
    case ClauseKind::kSubquery:
      return RunSubquery(As<query::SubqueryClause>(clause), table);
    case ClauseKind::kCall:
    case ClauseKind::kLoadCsv:
    case ClauseKind::kUse:
      NotCovered("the clause");
      return;
    default:
      return RunUpdate(clause, table);
  }
}

std::vector<Row> Evaluator::Matches(const query::MatchBlock& block, const Row& row) {
  std::vector<Row> matches;
  if (block.mode == query::MatchMode::kRepeatableElements) NotCovered("REPEATABLE ELEMENTS");
  Used used;
  MatchPaths(block.paths, 0, row, &used, [&](const Row& match) {
    if (Holds(IsTrue(block.where, match))) matches.push_back(match);
    if (matches.size() > kMaxRows) NotCovered("that many matches");
  });
  return matches;
}

void Evaluator::RunMatch(const query::MatchClause& clause, Table* table) {
  std::vector<Row> rows;
  const std::set<std::string> variables = VariablesOf(clause.match.paths);
  for (const Row& row : table->rows) {
    std::vector<Row> matches = Matches(clause.match, row);
    if (matches.empty() && clause.optional) {
      Row missing = row;
      for (const std::string& name : variables) missing.emplace(name, Value::Null());
      matches.push_back(missing);
    }
    rows.insert(rows.end(), matches.begin(), matches.end());
    if (rows.size() > kMaxRows) NotCovered("that many rows");
    if (failed()) return;
  }
  table->columns.insert(variables.begin(), variables.end());
  table->rows = std::move(rows);
}

void Evaluator::RunUnwind(const query::UnwindClause& clause, Table* table) {
  const std::string name(clause.variable.text);
  std::vector<Row> rows;
  for (const Row& row : table->rows) {
    for (const Value& item : ListOf(Eval(*clause.list, row))) {
      Row unwound = row;
      unwound[name] = item;
      rows.push_back(unwound);
    }
    if (rows.size() > kMaxRows) NotCovered("that many rows");
    if (failed()) return;
  }
  table->columns.insert(name);
  table->rows = std::move(rows);
}

// Null is no row, a list one for each element, everything else one.
std::vector<Value> Evaluator::ListOf(const Value& value) {
  if (value.is_null()) return {};
  if (value.type() != graph::ValueType::kList) return {value};
  return {value.list().begin(), value.list().end()};
}

void Evaluator::RunSubquery(const query::SubqueryClause& clause, Table* table) {
  if (clause.transactions != nullptr) NotCovered("IN TRANSACTIONS");
  if (!clause.has_scope) NotCovered("an importing WITH");
  std::vector<Row> rows;
  std::set<std::string> added;
  for (const Row& row : table->rows) {
    Row start = clause.imports_all ? row : Row();
    for (const query::Name& name : clause.imports) {
      start[std::string(name.text)] = row.at(std::string(name.text));
    }
    Table inner;
    const auto columns = RunQuery(*clause.query, start, &inner);
    if (failed()) return;
    added.insert(columns.begin(), columns.end());
    if (columns.empty()) inner.rows = {Row()};
    if (inner.rows.empty() && clause.optional) {
      inner.rows.emplace_back();
      for (const std::string& name : columns) inner.rows[0][name] = Value::Null();
    }
    for (const Row& result : inner.rows) {
      rows.push_back(row);
      for (const auto& [name, value] : result) rows.back()[name] = value;
    }
  }
  table->columns.insert(added.begin(), added.end());
  table->rows = std::move(rows);
}

}  // namespace tidemark::reference
