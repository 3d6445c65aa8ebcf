// SPDX-License-Identifier: Apache-2.0
// What a statement means, in the plainest way: the syntax tree is walked clause by clause over
// whole lists of rows, one row after the other. It shares the parser, values and their orders with
// the product and nothing else, so that the product's answers can be held against it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "query/parser/ast.h"
#include "query/text/error.h"
#include "tests/reference/graph.h"

namespace tidemark::reference {

using Row = std::map<std::string, Value>;
using Parameters = std::map<std::string, Value>;

// As the summary of drivers counts.
struct Counters {
  int64_t nodes_created = 0, nodes_deleted = 0;
  int64_t relationships_created = 0, relationships_deleted = 0;
  int64_t properties_set = 0, labels_added = 0, labels_removed = 0;
  friend bool operator==(const Counters&, const Counters&) = default;
};

// What came of a statement. With an error or something that is not covered the graph is as before.
struct Outcome {
  std::vector<std::string> columns;
  std::vector<Row> rows;
  std::optional<query::ErrorId> error;
  std::string not_covered;  // what the evaluator does not know; empty: nothing
  Counters counters;
};

// How the conditions of patterns are taken. An engine may check them, and join patterns, in any
// order: whether one that raises an error is met by a row that another one drops is not decided.
enum class Conditions : uint8_t {
  kInOrder,     // as they are written
  kErrorsHold,  // one that raises an error holds, so that others must drop the row
  kAllHold,     // all are computed, and hold: every error that any order may meet is met
};

Outcome Evaluate(std::string_view text, const Parameters& parameters, Graph* graph,
                 Conditions conditions = Conditions::kInOrder);

// One statement. Errors do not return at once: the first one is kept, and everything after it
// computes null. Threads: one.
class Evaluator {
 public:
  Evaluator(std::string_view text, const Parameters& parameters, Graph* graph,
            Conditions conditions)
      : text_(text), parameters_(parameters), graph_(*graph), conditions_(conditions) {}

  void Run(const query::Query& query, Outcome* outcome);

  // For functions.
  Value Fail(query::ErrorId id);
  Value TypeError() { return Fail(query::ErrorId::kInvalidArgumentType); }
  Value NotCovered(std::string_view what);
  bool failed() const { return error_.has_value() || !not_covered_.empty(); }
  Graph& graph() {
    looks_at_elements_ = true;
    return graph_;
  }
  // Never changes, so that it is not looked at.
  const std::string& TypeOf(EdgeId edge) const { return graph_.edges.at(edge).type; }
  Value Text(const Value& value);
  Value Add(const Value& a, const Value& b);

 private:
  using Emit = std::function<void(const Row&)>;
  using Used = std::vector<EdgeId>;
  struct Table {
    std::set<std::string> columns;
    std::vector<Row> rows;
  };
  // One path that is looked for, and what takes its matches.
  struct Search {
    const query::PathPattern& path;
    Used* used;
    const Emit& emit;
  };
  // A row of a projection: what it gives, what ORDER BY and WHERE see, and the rows it stands for.
  struct Projected {
    Row out;
    Row scope;
    std::vector<Row> group;
  };

  // Queries and clauses.
  std::vector<std::string> RunQuery(const query::Query& query, const Row& start, Table* result);
  std::vector<std::string> RunSingle(const query::SingleQuery& query, const Row& start,
                                     Table* table);
  void RunClause(const query::Clause& clause, Table* table);
  void RunMatch(const query::MatchClause& clause, Table* table);
  void RunUnwind(const query::UnwindClause& clause, Table* table);
  void RunSubquery(const query::SubqueryClause& clause, Table* table);
  std::vector<std::string> Project(const query::Projection& projection,
                                   const query::Expression* where, Table* table);
  std::vector<Projected> Group(const query::Projection& projection, const Table& table);
  Projected ProjectRow(const query::Projection& projection, const Row& row,
                       const std::vector<Row>* group);
  void KeepDistinct(std::vector<Projected>* rows);
  void Sort(const query::Projection& projection, std::vector<Projected>* rows);
  Value SortKey(const query::Projection& projection, const query::Expression& key,
                const Projected& row);
  int64_t Bound(const query::Expression* expression, int64_t otherwise);
  std::string ColumnOf(const query::ProjectionItem& item) const;

  // Updates.
  void RunUpdate(const query::Clause& clause, Table* table);
  void Create(const query::PathPattern& path, Row* row);
  using Maps = std::map<const query::Expression*, Value>;
  Maps MapsOf(const query::CreateClause& create, const Row& row);
  Value MapOf(const query::Expression* properties, const Row& row);
  VertexId CreateVertex(const query::VertexPattern& pattern, Row* row);
  void Merge(const query::MergeClause& clause, Table* table);
  void CheckMergeKeys(const query::PathPattern& path, const Row& row);
  using Items = absl::Span<const query::SetItem>;
  void Set(Items items, bool remove, const std::vector<Row>& rows);
  std::vector<Items> GroupsOf(Items items) const;
  bool LooksAtElements(Items group, const std::vector<Row>& rows);
  void SetGroup(Items group, bool remove, const Row& row);
  void SetItem(const query::SetItem& item, const Value& value, const Row& row, bool remove);
  void SetLabels(const query::SetItem& item, bool remove, const Value& target);
  void SetAll(const query::SetItem& item, const Value& target, const Value& value);
  void SetProperty(Properties* properties, const std::string& key, const Value& value);
  void Delete(const query::DeleteClause& clause, const Table& table);
  void DeleteVertex(VertexId id, bool detach);
  void DeleteEdge(EdgeId id);
  void Foreach(const query::ForeachClause& clause, const Table& table);
  void CheckDangling();

  // Patterns.
  void MatchPaths(absl::Span<query::PathPattern* const> paths, size_t at, const Row& row,
                  Used* used, const Emit& emit);
  void MatchPath(const query::PathPattern& path, const Row& row, Used* used, const Emit& emit);
  void Walk(const Search& search, size_t at, const graph::Path& walked, const Row& row);
  void WalkRepeated(const Search& search, size_t at, const graph::Path& walked,
                    std::vector<Value>* edges, const Row& row);
  void Arrive(const Search& search, size_t at, const graph::Path& walked, const Row& row);
  bool MatchVertex(const query::VertexPattern& pattern, VertexId id, Row* row);
  bool MatchEdge(const query::EdgePattern& pattern, const Edge& edge, const Row& row);
  bool MatchProperties(const query::Expression* map, const Properties& properties, const Row& row);
  bool MatchLabels(const query::LabelExpression& labels, const std::set<std::string>& names,
                   const Row& row);
  std::vector<std::pair<const Edge*, VertexId>> Steps(query::EdgeDirection direction,
                                                      VertexId from) const;
  static std::set<std::string> VariablesOf(absl::Span<query::PathPattern* const> paths);
  std::vector<Row> Matches(const query::MatchBlock& block, const Row& row);
  // Whether a row is kept by a condition of a pattern that has just been computed.
  bool Holds(bool is_true);

  // Expressions.
  Value Eval(const query::Expression& expression, const Row& row);
  Value EvalLeaf(const query::Expression& expression, const Row& row);
  Value EvalOperation(const query::Expression& expression, const Row& row);
  Value EvalLoop(const query::Expression& expression, const Row& row);
  bool IsTrue(const query::Expression* condition, const Row& row);
  Value Condition(const query::Expression& condition, const Row& row);
  Value Property(const Value& base, const std::string& key);
  Value Index(const Value& base, const Value& index);
  Value Slice(const query::SliceAccess& slice, const Row& row);
  Value EvalChain(const query::Chain& chain, const Row& row);
  Value EvalLogic(const query::Chain& chain, const Row& row);
  Value Binary(query::Operator op, const Value& a, const Value& b);
  Value Arithmetic(query::Operator op, const Value& a, const Value& b);
  Value In(const Value& item, const Value& list);
  Value TextTest(query::Operator op, const Value& a, const Value& b);
  Value Compare(query::Operator op, const Value& a, const Value& b);
  Value EvalComparison(const query::Comparison& comparison, const Row& row);
  Value EvalUnary(const query::UnaryOperation& unary, const Row& row);
  Value HasLabels(const query::HasLabels& test, const Row& row);
  Value EvalCase(const query::Case& choice, const Row& row);
  Value ListComprehension(const query::ListComprehension& loop, const Row& row);
  Value PatternComprehension(const query::PatternComprehension& loop, const Row& row);
  Value ListPredicate(const query::ListPredicate& loop, const Row& row);
  Value Reduce(const query::Reduce& loop, const Row& row);
  Value MapProjection(const query::MapProjection& projection, const Row& row);
  Value Subquery(const query::SubqueryExpression& subquery, const Row& row);
  Value Pattern(const query::PatternExpression& pattern, const Row& row);
  std::vector<Value> ListOf(const Value& value);
  Value Call(const query::FunctionCall& call, const Row& row);
  Value Aggregate(const query::FunctionCall& call, const std::vector<Row>& group);
  Value Finish(const std::string& name, std::vector<Value> values, const Value& extra);
  Value Percentile(const std::string& name, std::vector<Value> values, const Value& extra);
  Value Deviation(const std::string& name, const std::vector<Value>& values);
  Value Sum(const std::vector<Value>& values);
  const Properties* PropertiesOf(const Value& element);

  const std::string_view text_;
  const Parameters& parameters_;
  Graph& graph_;
  const Conditions conditions_;
  std::optional<query::ErrorId> error_;
  std::string not_covered_;
  bool looks_at_elements_ = false;  // set when properties or labels are read
  bool computes_all_ = false;       // also what CASE and coalesce() need not
  Maps maps_;                       // of the row for which CREATE makes something
  Counters counters_;
  const std::vector<Row>* group_ = nullptr;  // set where aggregates are computed
  std::vector<Value> case_operands_;
  int64_t steps_ = 0;
};

bool IsAggregate(std::string_view lower_name);
// An aggregate that is not inside of a subquery of its own.
bool HasAggregate(const query::Expression& expression);
double RealOf(const Value& number);
std::string LowerName(std::string_view name);

// Functions of values alone. Nothing: there is no function of that name.
std::optional<Value> CallFunction(Evaluator* evaluator, const std::string& name,
                                  const std::vector<Value>& arguments);

}  // namespace tidemark::reference
