// SPDX-License-Identifier: Apache-2.0
// The text of queries and clauses.
#include "query/parser/ast_printer.h"

namespace tidemark::query {

void AstPrinter::PrintQuery(const Query& query) {
  bool first = true;
  for (const SingleQuery* part : query.parts) {
    if (!first) Put(query.union_all ? " UNION ALL " : " UNION ");
    first = false;
    PrintSingleQuery(*part);
  }
}

void AstPrinter::PrintSingleQuery(const SingleQuery& query) {
  bool first = true;
  for (const Clause* clause : query.clauses) {
    if (!first) Put(" ");
    first = false;
    PrintClause(*clause);
  }
}

void AstPrinter::PrintClause(const Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kMatch:
      Put(As<MatchClause>(clause).optional ? "OPTIONAL MATCH " : "MATCH ");
      PrintMatchBlock(As<MatchClause>(clause).match);
      break;
    case ClauseKind::kUnwind:
      Put("UNWIND ");
      PrintExpression(*As<UnwindClause>(clause).list);
      Put(" AS ");
      PutVariable(As<UnwindClause>(clause).variable);
      break;
    case ClauseKind::kWith:
      Put("WITH ");
      PrintProjection(As<WithClause>(clause).projection);
      PutPart("WHERE", As<WithClause>(clause).where);
      break;
    case ClauseKind::kReturn:
      Put("RETURN ");
      PrintProjection(As<ReturnClause>(clause).projection);
      break;
    case ClauseKind::kFinish:
      Put("FINISH");
      break;
    case ClauseKind::kCall:
      PrintCall(As<CallClause>(clause));
      break;
    case ClauseKind::kSubquery:
      PrintSubqueryCall(As<SubqueryClause>(clause));
      break;
    case ClauseKind::kLoadCsv:
      PrintLoadCsv(As<LoadCsvClause>(clause));
      break;
    case ClauseKind::kUse:
      Put("USE ");
      PrintExpression(*As<UseClause>(clause).graph);
      break;
    default:
      PrintUpdate(clause);
      break;
  }
}

void AstPrinter::PrintUpdate(const Clause& clause) {
  switch (clause.kind) {
    case ClauseKind::kCreate:
      Put("CREATE ");
      PrintPaths(As<CreateClause>(clause).paths);
      break;
    case ClauseKind::kMerge:
      PrintMerge(As<MergeClause>(clause));
      break;
    case ClauseKind::kSet:
      Put("SET ");
      PrintSetItems(As<SetClause>(clause).items);
      break;
    case ClauseKind::kRemove:
      Put("REMOVE ");
      PrintSetItems(As<RemoveClause>(clause).items);
      break;
    case ClauseKind::kDelete:
      Put(As<DeleteClause>(clause).detach ? "DETACH DELETE " : "DELETE ");
      PutExpressions(As<DeleteClause>(clause).targets);
      break;
    default:
      PrintForeach(As<ForeachClause>(clause));
      break;
  }
}

void AstPrinter::PrintMatchBlock(const MatchBlock& match) {
  if (match.mode == MatchMode::kDifferentRelationships) Put("DIFFERENT RELATIONSHIPS ");
  if (match.mode == MatchMode::kRepeatableElements) Put("REPEATABLE ELEMENTS ");
  PrintPaths(match.paths);
  for (const Hint& hint : match.hints) PrintHint(hint);
  PutPart("WHERE", match.where);
}

void AstPrinter::PrintHint(const Hint& hint) {
  if (hint.kind == HintKind::kJoin) {
    Put(" USING JOIN ON ");
    PutVariables(hint.variables);
    return;
  }
  static constexpr std::string_view kKinds[] = {"INDEX ", "RANGE INDEX ", "TEXT INDEX ",
                                                "POINT INDEX ", "SCAN "};
  Put(" USING ");
  Put(kKinds[static_cast<size_t>(hint.kind)]);
  if (hint.seek) Put("SEEK ");
  PutVariables(hint.variables);
  Put(":");
  PutName(hint.label);
  if (hint.kind == HintKind::kScan) return;
  Put("(");
  PutNames(hint.properties);
  Put(")");
}

void AstPrinter::PrintProjection(const Projection& projection) {
  if (projection.distinct) Put("DISTINCT ");
  if (projection.all) Put(projection.items.empty() ? "*" : "*, ");
  PutList(projection.items, [&](const ProjectionItem& item) {
    PrintExpression(*item.expression);
    if (item.alias.empty()) return;
    Put(" AS ");
    PutVariable(item.alias);
  });
  PrintOrder(projection.order);
  PrintPage(projection.skip, projection.limit);
}

void AstPrinter::PrintOrder(absl::Span<const SortItem> order) {
  if (order.empty()) return;
  Put(" ORDER BY ");
  PutList(order, [&](const SortItem& item) {
    PrintExpression(*item.expression);
    if (item.descending) Put(" DESC");
  });
}

void AstPrinter::PrintPage(const Expression* skip, const Expression* limit) {
  PutPart("SKIP", skip);
  PutPart("LIMIT", limit);
}

void AstPrinter::PrintSetItems(absl::Span<const SetItem> items) {
  PutList(items, [&](const SetItem& item) {
    PrintExpression(*item.target);
    if (item.kind == SetKind::kLabels) {
      Put(":");
      PrintLabels(*item.labels, 0);
    } else if (item.value != nullptr) {
      Put(item.kind == SetKind::kAdd ? " += " : " = ");
      PrintExpression(*item.value);
    }
  });
}

void AstPrinter::PrintMerge(const MergeClause& merge) {
  Put("MERGE ");
  PrintPath(*merge.path);
  for (const MergeAction& action : merge.actions) {
    Put(action.on_create ? " ON CREATE SET " : " ON MATCH SET ");
    PrintSetItems(action.items);
  }
}

void AstPrinter::PrintForeach(const ForeachClause& foreach) {
  Put("FOREACH (");
  PutVariable(foreach.variable);
  PutPart("IN", foreach.list);
  Put(" |");
  for (const Clause* update : foreach.updates) {
    Put(" ");
    PrintClause(*update);
  }
  Put(")");
}

void AstPrinter::PrintYieldItems(absl::Span<const YieldItem> items) {
  PutList(items, [&](const YieldItem& item) {
    PutVariable(item.field);
    if (item.alias.empty()) return;
    Put(" AS ");
    PutVariable(item.alias);
  });
}

void AstPrinter::PrintCall(const CallClause& call) {
  Put(call.optional ? "OPTIONAL CALL " : "CALL ");
  PutDotted(call.procedure);
  if (call.has_arguments) {
    Put("(");
    PutExpressions(call.arguments);
    Put(")");
  }
  if (!call.yield.present) return;
  Put(call.yield.all ? " YIELD *" : " YIELD ");
  PrintYieldItems(call.yield.items);
  PutPart("WHERE", call.yield.where);
}

void AstPrinter::PrintSubqueryCall(const SubqueryClause& call) {
  Put(call.optional ? "OPTIONAL CALL " : "CALL ");
  if (call.has_scope) {
    Put(call.imports_all ? "(*" : "(");
    PutVariables(call.imports);
    Put(") ");
  }
  Put("{ ");
  PrintQuery(*call.query);
  Put(" }");
  if (call.transactions != nullptr) PrintInTransactions(*call.transactions);
}

void AstPrinter::PrintInTransactions(const InTransactions& transactions) {
  Put(" IN ");
  if (transactions.concurrency != nullptr) {
    PrintExpression(*transactions.concurrency);
    Put(" ");
  }
  Put(transactions.concurrent ? "CONCURRENT TRANSACTIONS" : "TRANSACTIONS");
  if (transactions.size != nullptr) {
    PutPart("OF", transactions.size);
    Put(" ROWS");
  }
  if (transactions.on_error == OnError::kBreak) Put(" ON ERROR BREAK");
  if (transactions.on_error == OnError::kContinue) Put(" ON ERROR CONTINUE");
  if (transactions.status.empty()) return;
  Put(" REPORT STATUS AS ");
  PutVariable(transactions.status);
}

void AstPrinter::PrintLoadCsv(const LoadCsvClause& load) {
  Put(load.with_headers ? "LOAD CSV WITH HEADERS FROM " : "LOAD CSV FROM ");
  PrintExpression(*load.url);
  Put(" AS ");
  PutVariable(load.variable);
  PutPart("FIELDTERMINATOR", load.field_terminator);
}

}  // namespace tidemark::query
