// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "query/parser/ast.h"

namespace tidemark::query {

// Writes trees as text for ast_text.h. Owner: one call. Threads: one. Recurses as deep as the tree.
class AstPrinter {
 public:
  std::string Take() { return std::move(out_); }

  // ast_text.cc
  void PrintStatement(const Statement& statement);
  void PrintExpression(const Expression& expression) { PrintOperand(expression, 0); }

  // ast_text_query.cc
  void PrintQuery(const Query& query);
  void PrintMatchBlock(const MatchBlock& match);
  void PrintProjection(const Projection& projection);
  void PrintOrder(absl::Span<const SortItem> order);
  void PrintPage(const Expression* skip, const Expression* limit);
  void PrintYieldItems(absl::Span<const YieldItem> items);

  // ast_text_pattern.cc
  void PrintPath(const PathPattern& path);
  void PrintPaths(absl::Span<PathPattern* const> paths);
  void PrintLabels(const LabelExpression& labels, int level);

  // ast_text_command.cc
  void PrintCommand(const Command& command);

 private:
  void Put(std::string_view text) { out_ += text; }
  void PutVariable(const Name& name);
  void PutName(const Name& name);
  // a.b.c, each part quoted where it must be.
  void PutDotted(const Name& name);
  // " WORD expression", or nothing for nullptr.
  void PutPart(std::string_view word, const Expression* expression);
  template <typename T, typename F>
  void PutList(const T& items, F put) {
    bool first = true;
    for (const auto& item : items) {
      if (!first) out_ += ", ";
      first = false;
      put(item);
    }
  }
  void PutNames(absl::Span<const Name> names) {
    PutList(names, [&](const Name& name) { PutName(name); });
  }
  void PutVariables(absl::Span<const Name> names) {
    PutList(names, [&](const Name& name) { PutVariable(name); });
  }
  void PutExpressions(Expressions expressions) {
    PutList(expressions, [&](const Expression* e) { PrintExpression(*e); });
  }

  // ast_text.cc; in parentheses when its operator binds more loosely than `level`.
  void PrintOperand(const Expression& expression, int level);
  void PrintPlain(const Expression& expression);
  void PrintLiteral(const Expression& expression);
  void PrintAccess(const Expression& expression);
  void PrintOperation(const Expression& expression);
  void PrintOperators(Expressions operands, absl::Span<const Operator> operators, int level);
  void PrintIs(const Expression& expression);
  void PrintMapEntries(absl::Span<const MapEntry> entries);
  // ast_text_loop.cc
  void PrintLoop(const Expression& expression);
  void PrintFunctionCall(const FunctionCall& call);
  void PrintTrimForm(const FunctionCall& call);
  void PrintCase(const Case& expression);
  void PrintListPredicate(const ListPredicate& predicate);
  void PrintMapProjection(const MapProjection& projection);
  void PrintSubquery(const SubqueryExpression& subquery);
  void PrintType(const TypeName& type);
  // ast_text_query.cc
  void PrintSingleQuery(const SingleQuery& query);
  void PrintClause(const Clause& clause);
  void PrintUpdate(const Clause& clause);
  void PrintHint(const Hint& hint);
  void PrintSetItems(absl::Span<const SetItem> items);
  void PrintMerge(const MergeClause& merge);
  void PrintForeach(const ForeachClause& foreach);
  void PrintCall(const CallClause& call);
  void PrintSubqueryCall(const SubqueryClause& call);
  void PrintInTransactions(const InTransactions& transactions);
  void PrintLoadCsv(const LoadCsvClause& load);
  // ast_text_pattern.cc
  void PrintSelector(const PathSelector& selector);
  void PrintElement(const PathElement& element);
  void PrintVertex(const VertexPattern& vertex);
  void PrintEdge(const EdgePattern& edge);
  void PrintEdgeDetail(const EdgePattern& edge);
  void PrintGroup(const PathGroup& group);
  void PrintQuantifier(const Repetition* quantifier);
  void PrintLabel(const LabelExpression& label);
  // ast_text_command.cc
  void PrintCatalogName(const CatalogName& name);
  void PrintIfNotExists(IfExists if_exists);
  void PrintCreateIndex(const CreateIndexCommand& command);
  void PrintCreateConstraint(const CreateConstraintCommand& command);
  void PrintSchemaTarget(bool on_edges, absl::Span<const Name> labels);
  void PrintSchemaProperties(absl::Span<const Name> properties, std::string_view brackets);
  void PrintRequirement(const CreateConstraintCommand& command);
  void PrintShow(const ShowCommand& show);
  void PrintShowTail(const ShowCommand& show);
  void PrintUser(const UserCommand& user);
  void PrintUserSettings(const UserCommand& user);
  void PrintRole(const RoleCommand& role);
  void PrintPrivilege(const PrivilegeCommand& privilege);
  void PrintDatabase(const DatabaseCommand& database);
  void PrintCatalogNames(absl::Span<const CatalogName> names);

  std::string out_;
  std::string_view text_;  // of the statement, for slices that are kept as they are
};

}  // namespace tidemark::query
