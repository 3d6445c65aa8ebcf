// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <initializer_list>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "query/binder/ast_walk.h"
#include "query/binder/binder.h"
#include "query/binder/graph_builder.h"
#include "query/binder/grouping.h"
#include "query/binder/scope.h"
#include "query/text/error.h"

namespace tidemark::query {

// Binds one statement: a walk over the tree, in groups of functions that each have a file. It
// keeps the first error and goes on with something that does no harm, so no function gives nullptr
// for an expression. Owner: one Bind call. Threads: one.
class StatementBinder {
 public:
  StatementBinder(const Statement& statement, const BindContext& context, Arena* arena)
      : statement_(statement),
        context_(context),
        arena_(arena),
        first_size_bytes_(arena->size_bytes()) {}
  StatementBinder(const StatementBinder&) = delete;
  StatementBinder& operator=(const StatementBinder&) = delete;

  absl::StatusOr<const bound::Statement*> Run();

 private:
  using Expr = const bound::Expression*;

  // What holds while an expression is bound; changed for its parts by a Change on the stack.
  struct Mode {
    const Scope* scope = nullptr;
    Grouping* grouping = nullptr;  // nullptr: no aggregates around
    bool allows_aggregates = false;
    bool in_aggregate = false;
    int loop_depth = 0;                // comprehensions and the like around
    std::string_view constant_clause;  // SKIP, LIMIT: no variables; else empty
    bound::VariableId case_subject = bound::kNoVariable;
  };
  // Sets a member and restores it at the end of the block.
  template <typename T>
  class Change {
   public:
    Change(T* member, T value) : member_(member), before_(*member) { *member = value; }
    Change(const Change&) = delete;
    Change& operator=(const Change&) = delete;
    ~Change() { *member_ = before_; }

   private:
    T* member_;
    T before_;
  };
  template <typename T>
  Change(T*, T) -> Change<T>;

  // The clauses of one single query so far.
  struct QueryState {
    Scope* scope = nullptr;  // of the next clause
    std::vector<bound::Part> parts;
    std::vector<const bound::Clause*> clauses;
    std::optional<GraphBuilder> match;  // MATCH clauses that are one graph
    Source match_source;
    bool is_optional_match = false;
    bool is_alone = false;  // CALL and SHOW alone give their rows
    bool writes = false;
    std::vector<bound::Column> columns;  // of the last projection
    bool has_columns = false;            // they are what the query gives
  };

  // statement_binder.cc: errors, names, variables, nodes.
  void Fail(ErrorId id, Source source, std::initializer_list<std::string_view> arguments);
  void FailWith(absl::Status status);
  // The error if there is no other one: what comes later in the order of work, not in the text.
  void FailLast(ErrorId id, Source source, std::initializer_list<std::string_view> arguments);
  // What the server does not execute yet. Everything that is refused comes here.
  void NotYet(std::string_view what, Source source);
  bool failed() const { return !status_.ok(); }
  const bound::Statement* Finish(const bound::Query* query, const bound::Command* command);
  void NoteOptions();
  bound::VariableId NewVariable(std::string_view name, bound::VariableKind kind, CypherType type,
                                Source source);
  bound::VariableId NewVariable(const Name& name, bound::VariableKind kind, CypherType type) {
    return NewVariable(name.text, kind, type, name.source);
  }
  bound::Variable& At(bound::VariableId id) { return variables_[id]; }
  // `is_read`: a name that nothing has is worth a notification.
  bound::Name Resolve(graph::NameKind kind, const Name& name, bool is_read);
  std::string_view Keep(std::string_view text) { return arena_->Copy(text); }
  template <typename T>
  absl::Span<const T> Keep(const std::vector<T>& items) {
    return arena_->Copy(absl::Span<const T>(items));
  }
  // A node whose traits are those of its parts together.
  template <typename T, typename... Fields>
  const T* Make(CypherType type, Source source, absl::Span<const Expr> parts, Fields... fields) {
    return arena_->New<T>(TraitsOf(T::kKind, type, source, parts), fields...);
  }
  static bound::Expression TraitsOf(bound::ExpressionKind kind, CypherType type, Source source,
                                    absl::Span<const Expr> parts);
  template <typename T>
  void MarkRaising(const T* node) {
    const_cast<T*>(node)->may_raise = true;
  }
  // Lives as long as the binder.
  Scope* NewScope(Scope scope) {
    scopes_.push_back(std::move(scope));
    return &scopes_.back();
  }
  Expr Null(Source source);
  Expr ReferTo(bound::VariableId variable, Source source);

  // bind_expression.cc
  Expr Bind(const Expression& expression);
  Expr BindKind(const Expression& expression);
  Expr BindTest(const Expression& expression);
  // An operand of logic, WHERE, WHEN: patterns may stand here, other types than boolean not.
  Expr BindCondition(const Expression& expression);
  Expr BindLiteral(const Expression& expression);
  Expr BindParameter(const Parameter& parameter);
  Expr BindVariable(std::string_view name, Source source);
  // The variable of a name, or kNoVariable after an error.
  bound::VariableId Find(std::string_view name, Source source);
  Expr BindList(const ListLiteral& list);
  Expr BindMap(const MapLiteral& map);
  Expr BindProperty(const PropertyAccess& access);
  Expr BindIndex(const IndexAccess& access);
  Expr BindSlice(const SliceAccess& access);
  Expr BindHasLabels(const HasLabels& has_labels);
  const bound::LabelTest* BindLabelTest(const LabelExpression& labels, graph::NameKind kind);
  const bound::TypeTest* BindType(const TypeName& type);
  bool Expect(Expr expression, CypherType wanted);
  void FailType(Source source, CypherType wanted, CypherType actual);

  // bind_operator.cc
  Expr BindUnary(const UnaryOperation& unary);
  Expr BindChain(const Chain& chain);
  Expr BindLogic(const Chain& chain);
  Expr BindOperation(const Chain& chain);
  void CheckOperation(absl::Span<const Expr> operands,
                      absl::Span<const bound::BinaryOperator> operators, CypherType* left);
  void CheckOverflow(const Chain& chain, absl::Span<const Expr> operands,
                     absl::Span<const bound::BinaryOperator> operators);
  Expr BindComparison(const Comparison& comparison);

  // bind_loop.cc: expressions with variables of their own.
  Expr BindCase(const Case& node);
  Expr BindCaseCondition(const CaseCondition& condition, bound::VariableId subject);
  Expr BindListComprehension(const ListComprehension& node);
  Expr BindListPredicate(const ListPredicate& node);
  Expr BindReduce(const Reduce& node);
  Expr BindMapProjection(const MapProjection& node);
  Expr BindLoopList(const Expression& list, CypherType* element);

  // bind_call.cc: functions and aggregates.
  Expr BindCall(const FunctionCall& call);
  Expr BindExists(const FunctionCall& call);
  const FunctionSignature* FindSignature(const FunctionCall& call);
  std::vector<Expr> BindArguments(Expressions arguments);
  void CheckArguments(const FunctionSignature& function, absl::Span<const Expr> arguments,
                      Source source);
  Expr BindAggregate(const Expression& expression);
  Expr AddAggregate(const Expression& expression, const FunctionSignature& function,
                    const std::vector<Expr>& arguments);
  const FunctionSignature* CountStarSignature();

  // bind_pattern.cc
  enum class PatternUse : uint8_t { kMatch, kPredicate, kComprehension };
  // The indexes of a path's elements in the graph.
  struct PathShape {
    std::vector<uint32_t> vertices;
    std::vector<uint32_t> edges;
  };
  // Patterns and their condition; new variables are declared in `scope`, which is the mode's.
  void BindMatchBlock(const MatchBlock& block, PatternUse use, Scope* scope, GraphBuilder* builder);
  PathShape BindPath(const PathPattern& path, PatternUse use, Scope* scope, GraphBuilder* builder);
  uint32_t BindVertex(const VertexPattern& vertex, PatternUse use, Scope* scope,
                      GraphBuilder* builder);
  uint32_t BindEdge(const EdgePattern& edge, PatternUse use, Scope* scope, GraphBuilder* builder);
  bound::VariableId DeclareElement(const Name& name, bound::VariableKind kind, PatternUse use,
                                   Scope* scope, bool* is_new);
  void DeclareGroup(const PathGroup& group, Scope* scope);
  void BindPathVariable(const Name& name, const PathShape& shape, Scope* scope,
                        GraphBuilder* builder);
  void CloseGroup(GraphBuilder* builder);
  // What stands inside of the elements, when all variables of the patterns are known.
  void BindElementConditions(const PathPattern& path, const PathShape& shape,
                             GraphBuilder* builder);
  void BindVertexConditions(const VertexPattern& vertex, uint32_t index, GraphBuilder* builder);
  void BindEdgeConditions(const EdgePattern& edge, uint32_t index, GraphBuilder* builder);
  std::vector<bound::Predicate> BindPropertyConditions(const Expression* properties,
                                                       bound::VariableId variable);
  bound::Predicate MakePropertyCondition(const bound::PropertyEntry& entry, Source source,
                                         bound::VariableId variable);
  void AddLabels(const LabelExpression& labels, uint32_t vertex, GraphBuilder* builder);
  void AddCondition(Expr condition, GraphBuilder* builder);
  bool AddAsLabel(const bound::Expression& condition, GraphBuilder* builder);
  void SplitCondition(Expr condition, std::vector<bound::Predicate>* predicates);
  bound::Predicate MakePredicate(Expr condition);
  const bound::QueryGraph* Build(GraphBuilder* builder);
  void CheckHints(const MatchBlock& block);

  // bind_subplan.cc: what reads the graph in an expression, and CALL { }.
  struct SubplanHead {
    bound::SubplanKind kind;
    CypherType type;
    Source source;
  };
  Expr BindPatternExpression(const PatternExpression& expression, bool is_condition);
  Expr BindPatternComprehension(const PatternComprehension& node);
  Expr MakeSubplan(const SubplanHead& head, GraphBuilder* builder, Expr projection);
  Expr BindSubqueryExpression(const SubqueryExpression& node);
  const bound::Query* BindMatchQuery(const MatchBlock& block, const Scope* around);
  const bound::Clause* BindSubquery(const SubqueryClause& clause, QueryState* state);

  // bind_query.cc
  struct QueryPlace {
    const Scope* around;      // its variables are seen everywhere in the query
    const Scope* importable;  // its variables may be named by a WITH at the begin; or nullptr
    bool is_top;
  };
  const bound::Query* BindQuery(const Query& query, const QueryPlace& place);
  bound::SingleQuery* BindSingleQuery(const SingleQuery& query, const QueryPlace& place,
                                      bool is_alone, std::vector<bound::Column>* columns);
  bool ImportWith(const Clause& clause, const Scope& importable, QueryState* state);
  const bound::Query* JoinBranches(const Query& query,
                                   const std::vector<bound::SingleQuery*>& branches,
                                   const std::vector<std::vector<bound::Column>>& columns);
  void AddClause(const Clause& clause, QueryState* state);
  const bound::Clause* BindClause(const Clause& clause, QueryState* state);
  void BindMatch(const MatchClause& match, QueryState* state);
  bool CanJoin(const MatchBlock& block, const QueryState& state);
  static bool HasComputedKey(const MatchBlock& block, const QueryState& state);
  static bool UsesMatched(const Expression& expression, const QueryState& state);
  void FlushMatch(QueryState* state);
  void EndPart(const bound::Projection* projection, QueryState* state);
  const bound::Clause* BindUnwind(const UnwindClause& unwind, QueryState* state);
  bound::VariableId Declare(const Name& name, bound::VariableKind kind, CypherType type,
                            Scope* scope);
  // An error when the name is taken.
  bound::VariableId DeclareNew(const Name& name, CypherType type, Scope* scope);

  // bind_procedure.cc
  const bound::Clause* BindProcedureCall(const CallClause& call, QueryState* state);
  std::vector<Expr> BindProcedureArguments(const CallClause& call,
                                           const ProcedureSignature& procedure);
  std::vector<Expr> ArgumentsFromParameters(const CallClause& call,
                                            const ProcedureSignature& procedure);
  std::vector<bound::Output> BindYield(const CallClause& call, const ProcedureSignature& procedure,
                                       QueryState* state);
  static std::optional<uint32_t> FindOutput(const ProcedureSignature& procedure,
                                            std::string_view name);

  // bind_projection.cc
  struct ProjectionSource {
    const Projection* projection;
    const Expression* where;
    Source source;
    bool is_with;
  };
  // An item of WITH or RETURN with its name; those of * have no expression.
  struct Item {
    std::string_view name;
    const Expression* expression = nullptr;
    bound::VariableId star = bound::kNoVariable;
    Source source;
    bool has_alias = false;
    bool is_variable = false;
    bool has_aggregate = false;
    bound::VariableId variable = bound::kNoVariable;
    Expr value = nullptr;
  };
  // Replaces the scope of the state by that of the items.
  const bound::Projection* BindProjection(const ProjectionSource& from, QueryState* state);
  std::vector<Item> CollectItems(const ProjectionSource& from, const Scope& scope);
  void BindItems(std::vector<Item>* items, Grouping* grouping, const Scope& scope);
  void NameItem(Item* item);
  void NoteItem(const Item& item, Grouping* grouping);
  void CheckNames(const std::vector<Item>& items, const ProjectionSource& from);
  void CheckShadows(const std::vector<Item>& items, const Scope& scope);
  void BindOrderAndWhere(const ProjectionSource& from, Grouping* grouping,
                         bound::Projection* projection);
  Expr BindAfter(const Expression& expression, Grouping* grouping, bool is_condition);
  Expr BindPage(const Expression* expression, std::string_view clause);

  // grouping.cc
  const Grouping::Known* FindKnown(const Expression& expression);
  Expr FindProjected(const Expression& expression);
  Expr FindProjectedVariable(const Variable& variable);
  Expr FindProjectedPrefix(const Chain& chain, size_t* length);
  bool IsLocal(std::string_view name) const;
  bound::VariableId Grouped(std::string_view name, bound::VariableId variable, Source source);

  // bind_update.cc
  const bound::Clause* BindUpdate(const Clause& clause, Scope* scope);
  const bound::Clause* BindSet(absl::Span<const SetItem> items, bool removes, Source source);
  std::vector<bound::SetItem> BindSetItems(absl::Span<const SetItem> items, bool removes);
  bound::SetItem BindSetItem(const SetItem& item, bool removes);
  void BindSetProperty(const SetItem& item, bool removes, bound::SetItem* out);
  void CheckStored(Expr value);
  void CheckStoredMap(Expr map);
  const bound::Clause* BindDelete(const DeleteClause& node);
  const bound::Clause* BindForeach(const ForeachClause& node, Scope* scope);

  // bind_create.cc
  struct NewPattern {
    std::vector<bound::NewElement> elements;
    std::vector<bound::NewPath> paths;
    absl::flat_hash_set<bound::VariableId> variables;  // of the elements
  };
  struct EdgeEnds {
    bound::VariableId left;
    bound::VariableId right;
  };
  const bound::Clause* BindCreate(const CreateClause& create, Scope* scope);
  void BindNewPath(const PathPattern& path, Scope* scope, NewPattern* pattern);
  bound::VariableId BindNewVertex(const VertexPattern& vertex, bool is_alone, Scope* scope,
                                  NewPattern* pattern);
  void CheckBoundVertex(const VertexPattern& vertex, bound::VariableId known, bool is_alone);
  void AddBoundVertex(bound::VariableId variable, Source source, NewPattern* pattern);
  bound::VariableId BindNewEdge(const EdgePattern& edge, const EdgeEnds& ends, Scope* scope,
                                NewPattern* pattern);
  bound::NewElement NewEdge(const EdgePattern& edge, const EdgeEnds& ends);
  bound::NewProperties BindNewProperties(const Expression* properties);
  std::vector<bound::Name> BindNewLabels(const LabelExpression* labels, graph::NameKind kind);
  const bound::Clause* BindMerge(const MergeClause& merge, Scope* scope);
  void CheckMergedPath(const PathPattern& path, const Scope& scope);
  NewPattern BindMergedElements(const PathPattern& path, const PathShape& shape,
                                GraphBuilder* builder);
  void AddMergedVertex(const VertexPattern& vertex, uint32_t index, GraphBuilder* builder,
                       NewPattern* pattern);
  bound::NewProperties BindMergedProperties(const Expression* properties,
                                            bound::VariableId variable, GraphBuilder* builder);

  // bind_command.cc
  const bound::Command* BindCommand(const Command& command);
  bound::Command* NewCommand(bound::CommandKind kind, Source source, const CatalogName& name);
  absl::Span<const bound::Name> ResolveAll(graph::NameKind kind, absl::Span<const Name> names);
  const bound::Command* BindCreateIndex(const CreateIndexCommand& command);
  const bound::Command* BindCreateConstraint(const CreateConstraintCommand& command);
  Expr BindOptions(const Expression* options);
  const bound::Query* BindShow(const ShowCommand& show);
  void NameShowColumns(const ShowCommand& show, bound::ShowWhat what, Scope* scope,
                       std::vector<bound::Output>* outputs, std::vector<ProjectionItem>* items);
  bound::ParameterId UseParameter(std::string_view name, Source source);

  const Statement& statement_;
  const BindContext& context_;
  Arena* arena_;
  const size_t first_size_bytes_;
  Mode mode_;
  absl::Status status_;
  absl::Status last_status_;  // counts when status_ is OK
  std::vector<bound::Variable> variables_;
  std::vector<bound::ParameterUse> parameters_;
  absl::flat_hash_map<absl::string_view, bound::ParameterId> parameter_ids_;
  std::vector<bound::UnresolvedName> unresolved_;
  std::vector<bound::Notification> notifications_;
  absl::flat_hash_map<std::pair<graph::NameKind, absl::string_view>, bool> unknown_;  // → notified
  std::deque<Scope> scopes_;
  HashCache hashes_;
};

}  // namespace tidemark::query
