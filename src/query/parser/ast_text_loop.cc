// SPDX-License-Identifier: Apache-2.0
// The text of calls and of expressions with variables or alternatives of their own.
#include <algorithm>
#include <cctype>
#include <cstring>
#include <string>

#include "query/parser/ast_printer.h"
#include "query/parser/ast_text.h"
#include "query/parser/keywords.h"
#include "query/text/trim_form.h"

namespace tidemark::query {
namespace {

bool HasNameOfTrimForm(const FunctionCall& call) {
  return std::find(kTrimFormNames.begin(), kTrimFormNames.end(), call.name.text) !=
         kTrimFormNames.end();
}

}  // namespace

void AstPrinter::PrintLoop(const Expression& expression) {
  switch (expression.kind) {
    case ExpressionKind::kFunctionCall:
      PrintFunctionCall(As<FunctionCall>(expression));
      break;
    case ExpressionKind::kCase:
      PrintCase(As<Case>(expression));
      break;
    case ExpressionKind::kListComprehension: {
      const auto& loop = As<ListComprehension>(expression);
      Put("[");
      PutVariable(loop.variable);
      PutPart("IN", loop.list);
      PutPart("WHERE", loop.where);
      PutPart("|", loop.projection);
      Put("]");
      break;
    }
    case ExpressionKind::kPatternComprehension: {
      const auto& loop = As<PatternComprehension>(expression);
      Put("[");
      PrintPath(*loop.pattern);
      PutPart("WHERE", loop.where);
      PutPart("|", loop.projection);
      Put("]");
      break;
    }
    case ExpressionKind::kListPredicate:
      PrintListPredicate(As<ListPredicate>(expression));
      break;
    case ExpressionKind::kReduce: {
      const auto& reduce = As<Reduce>(expression);
      Put("reduce(");
      PutVariable(reduce.accumulator);
      PutPart("=", reduce.start);
      Put(", ");
      PutVariable(reduce.variable);
      PutPart("IN", reduce.list);
      PutPart("|", reduce.step);
      Put(")");
      break;
    }
    case ExpressionKind::kMapProjection:
      PrintMapProjection(As<MapProjection>(expression));
      break;
    case ExpressionKind::kSubquery:
      PrintSubquery(As<SubqueryExpression>(expression));
      break;
    default:
      PrintPath(*As<PatternExpression>(expression).pattern);
      break;
  }
}

void AstPrinter::PrintFunctionCall(const FunctionCall& call) {
  if (HasNameOfTrimForm(call) && !call.distinct && call.arguments.size() == 2) {
    return PrintTrimForm(call);
  }
  // Other keywords may begin an expression of another kind: `case`(x).
  const Keyword keyword = FindKeyword(call.name.text);
  const bool is_plain =
      keyword == Keyword::kNone || keyword == Keyword::kCount || keyword == Keyword::kExists;
  is_plain ? PutDotted(call.name) : Put(QuoteVariable(call.name.text));
  Put(call.distinct ? "(DISTINCT " : "(");
  PutExpressions(call.arguments);
  Put(")");
}

// trim(side character FROM text), when behind the side a name, a text or a parameter begins: else
// it is a call of a function that somebody has called by that name, in backticks.
void AstPrinter::PrintTrimForm(const FunctionCall& call) {
  const size_t at = out_.size();
  PrintExpression(*call.arguments[0]);
  const auto first = static_cast<unsigned char>(out_[at]);
  const bool is_form =
      first >= 0x80 || std::isalpha(first) != 0 || std::strchr("_`'\"$", first) != nullptr;
  std::string begin = QuoteName(call.name.text) + "(";
  if (is_form) {
    begin = "trim(";
    begin.append(call.name.text.substr(kTrimFormPrefix.size())).append(" ");
  }
  out_.insert(at, begin);
  Put(is_form ? " FROM " : ", ");
  PrintExpression(*call.arguments[1]);
  Put(")");
}

void AstPrinter::PrintCase(const Case& expression) {
  Put("CASE");
  if (expression.operand != nullptr) {
    Put(" ");
    PrintExpression(*expression.operand);
  }
  for (const CaseAlternative& alternative : expression.alternatives) {
    Put(" WHEN ");
    PutList(alternative.conditions,
            [&](const CaseCondition& c) { PrintExpression(*c.expression); });
    PutPart("THEN", alternative.result);
  }
  PutPart("ELSE", expression.otherwise);
  Put(" END");
}

void AstPrinter::PrintListPredicate(const ListPredicate& predicate) {
  static constexpr std::string_view kNames[] = {"all(", "any(", "none(", "single("};
  Put(kNames[static_cast<size_t>(predicate.predicate)]);
  PutVariable(predicate.variable);
  PutPart("IN", predicate.list);
  PutPart("WHERE", predicate.where);
  Put(")");
}

void AstPrinter::PrintMapProjection(const MapProjection& projection) {
  PutVariable(projection.variable);
  Put(" {");
  PutList(projection.items, [&](const MapProjectionItem& item) {
    switch (item.kind) {
      case MapProjectionItemKind::kAll:
        Put(".*");
        break;
      case MapProjectionItemKind::kProperty:
        Put(".");
        PutName(item.name);
        break;
      case MapProjectionItemKind::kVariable:
        PutVariable(item.name);
        break;
      case MapProjectionItemKind::kEntry:
        PutName(item.name);
        Put(": ");
        PrintExpression(*item.value);
        break;
    }
  });
  Put("}");
}

void AstPrinter::PrintSubquery(const SubqueryExpression& subquery) {
  static constexpr std::string_view kNames[] = {"EXISTS { ", "COUNT { ", "COLLECT { "};
  Put(kNames[static_cast<size_t>(subquery.subquery)]);
  if (subquery.query != nullptr) PrintQuery(*subquery.query);
  if (subquery.match != nullptr) PrintMatchBlock(*subquery.match);
  Put(" }");
}

void AstPrinter::PrintType(const TypeName& type) {
  static constexpr std::string_view kNames[] = {
      "NOTHING",      "NULL",       "BOOLEAN",        "STRING",         "INTEGER",  "FLOAT", "DATE",
      "LOCAL TIME",   "ZONED TIME", "LOCAL DATETIME", "ZONED DATETIME", "DURATION", "POINT", "NODE",
      "RELATIONSHIP", "MAP",        "PATH",           "PROPERTY VALUE", "ANY",      "LIST",  "ANY"};
  Put(kNames[static_cast<size_t>(type.kind)]);
  if (!type.inner.empty()) {
    Put("<");
    bool first = true;
    for (const TypeName* inner : type.inner) {
      if (!first) Put(" | ");
      first = false;
      PrintType(*inner);
    }
    Put(">");
  }
  if (type.not_null) Put(" NOT NULL");
}

}  // namespace tidemark::query
