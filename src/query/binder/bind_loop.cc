// SPDX-License-Identifier: Apache-2.0
// Expressions with variables of their own, and CASE.
#include <initializer_list>

#include "query/binder/infer.h"
#include "query/binder/statement_binder.h"

namespace tidemark::query {
namespace {

// A loop over something constant is constant when its body uses no variables from outside: those
// have lower numbers than its own.
template <typename T>
void MarkConstant(const T* node, bound::VariableId first, bool is_outside_constant,
                  std::initializer_list<const bound::Expression*> body) {
  bool is_constant = is_outside_constant && !node->is_volatile && !node->has_subplan;
  for (const bound::Expression* part : body) {
    if (part != nullptr && part->lowest_variable < first) is_constant = false;
  }
  const_cast<T*>(node)->is_constant = is_constant;
}

}  // namespace

StatementBinder::Expr StatementBinder::BindCase(const Case& node) {
  bound::VariableId subject = bound::kNoVariable;
  Expr value = nullptr;
  std::vector<Expr> parts;
  if (node.operand != nullptr) {
    value = Bind(*node.operand);
    subject = NewVariable("", bound::VariableKind::kLocal, value->type, node.operand->source);
    parts.push_back(value);
  }
  std::vector<bound::CaseAlternative> alternatives;
  CypherType type;
  for (const CaseAlternative& alternative : node.alternatives) {
    std::vector<Expr> conditions;
    for (const CaseCondition& condition : alternative.conditions) {
      conditions.push_back(BindCaseCondition(condition, subject));
      parts.push_back(conditions.back());
    }
    const Expr result = Bind(*alternative.result);
    parts.push_back(result);
    type = type | result->type;
    for (const Expr condition : conditions) alternatives.push_back({condition, result});
  }
  const Expr otherwise = node.otherwise == nullptr ? nullptr : Bind(*node.otherwise);
  parts.push_back(otherwise);
  type = otherwise == nullptr ? type.OrNull() : type | otherwise->type;
  const auto* made =
      Make<bound::Case>(type, node.source, parts, subject, value, Keep(alternatives), otherwise);
  if (subject == bound::kNoVariable) return made;
  const bound::Expression body =
      TraitsOf(bound::Case::kKind, type, node.source, absl::MakeConstSpan(parts).subspan(1));
  MarkConstant(made, subject, value->is_constant, {&body});
  return made;
}

StatementBinder::Expr StatementBinder::BindCaseCondition(const CaseCondition& condition,
                                                         bound::VariableId subject) {
  if (subject == bound::kNoVariable) return BindCondition(*condition.expression);
  const Change change(&mode_.case_subject, subject);
  if (condition.is_predicate) return BindCondition(*condition.expression);
  const Source source = condition.expression->source;
  const std::vector<Expr> operands = {ReferTo(subject, source), Bind(*condition.expression)};
  const std::vector<bound::ComparisonOperator> operators = {bound::ComparisonOperator::kEqual};
  return Make<bound::Comparison>(kBooleanType.OrNull(), source, operands, Keep(operands),
                                 Keep(operators));
}

// The list of a loop, which is bound outside of it, and the type of what it holds.
StatementBinder::Expr StatementBinder::BindLoopList(const Expression& list, CypherType* element) {
  const Expr bound = Bind(list);
  Expect(bound, kListType);
  const bool is_known =
      !bound->type.is_empty() && bound->type.IsIn(kListType) && !bound->type.element().is_empty();
  *element = is_known ? bound->type.element() : kAnyType.OrNull();
  return bound;
}

StatementBinder::Expr StatementBinder::BindListComprehension(const ListComprehension& node) {
  CypherType element;
  const Expr list = BindLoopList(*node.list, &element);
  Scope inner(mode_.scope);
  const bound::VariableId variable =
      NewVariable(node.variable, bound::VariableKind::kLocal, element);
  inner.Declare(node.variable.text, variable);
  const Change scope(&mode_.scope, static_cast<const Scope*>(&inner));
  const Change depth(&mode_.loop_depth, mode_.loop_depth + 1);
  const Expr where = node.where == nullptr ? nullptr : BindCondition(*node.where);
  const Expr projection = node.projection == nullptr ? nullptr : Bind(*node.projection);
  const CypherType type = CypherType::ListOf(projection == nullptr ? element : projection->type);
  const auto* made =
      Make<bound::ListComprehension>(list->type.is_nullable() ? type.OrNull() : type, node.source,
                                     {list, where, projection}, variable, list, where, projection);
  if (!list->type.IsIn(kListType)) MarkRaising(made);
  MarkConstant(made, variable, list->is_constant, {where, projection});
  return made;
}

StatementBinder::Expr StatementBinder::BindListPredicate(const ListPredicate& node) {
  CypherType element;
  const Expr list = BindLoopList(*node.list, &element);
  Scope inner(mode_.scope);
  const bound::VariableId variable =
      NewVariable(node.variable, bound::VariableKind::kLocal, element);
  inner.Declare(node.variable.text, variable);
  const Change scope(&mode_.scope, static_cast<const Scope*>(&inner));
  const Change depth(&mode_.loop_depth, mode_.loop_depth + 1);
  Expr where = nullptr;
  if (node.where != nullptr) {
    where = BindCondition(*node.where);
  } else {
    where = ReferTo(variable, node.variable.source);
    Expect(where, kBooleanType);
  }
  const auto* made = Make<bound::ListPredicate>(
      kBooleanType.OrNull(), node.source, {list, where},
      static_cast<bound::ListPredicateKind>(node.predicate), variable, list, where);
  if (!list->type.IsIn(kListType)) MarkRaising(made);
  MarkConstant(made, variable, list->is_constant, {where});
  return made;
}

StatementBinder::Expr StatementBinder::BindReduce(const Reduce& node) {
  const Expr start = Bind(*node.start);
  CypherType element;
  const Expr list = BindLoopList(*node.list, &element);
  Scope inner(mode_.scope);
  // A step may give another type than the start, so the accumulator may be anything.
  const bound::VariableId accumulator =
      NewVariable(node.accumulator, bound::VariableKind::kLocal, kAnyType.OrNull());
  const bound::VariableId variable =
      NewVariable(node.variable, bound::VariableKind::kLocal, element);
  if (node.accumulator.text == node.variable.text) {
    Fail(ErrorId::kVariableAlreadyBound, node.variable.source, {node.variable.text});
  }
  inner.Declare(node.accumulator.text, accumulator);
  inner.Declare(node.variable.text, variable);
  const Change scope(&mode_.scope, static_cast<const Scope*>(&inner));
  const Change depth(&mode_.loop_depth, mode_.loop_depth + 1);
  const Expr step = Bind(*node.step);
  const CypherType type = (start->type | step->type).OrNull();
  const auto* made = Make<bound::Reduce>(type, node.source, {start, list, step}, accumulator, start,
                                         variable, list, step);
  if (!list->type.IsIn(kListType)) MarkRaising(made);
  MarkConstant(made, accumulator, list->is_constant && start->is_constant, {step});
  return made;
}

StatementBinder::Expr StatementBinder::BindMapProjection(const MapProjection& node) {
  const Expr base = BindVariable(node.variable.text, node.variable.source);
  Expect(base, ElementType() | kMapType);
  std::vector<bound::MapProjectionItem> items;
  std::vector<Expr> parts = {base};
  for (const MapProjectionItem& item : node.items) {
    Expr value = nullptr;
    switch (item.kind) {
      case MapProjectionItemKind::kAll:
        items.push_back({bound::MapProjectionItemKind::kAll, {}, nullptr});
        continue;
      case MapProjectionItemKind::kProperty: {
        const bool is_element = !base->type.is_empty() && base->type.IsIn(ElementType());
        value = Make<bound::Property>(PropertyTypeOf(base->type), item.name.source, {base}, base,
                                      Resolve(graph::NameKind::kKey, item.name, is_element));
        break;
      }
      case MapProjectionItemKind::kVariable:
        value = BindVariable(item.name.text, item.name.source);
        break;
      case MapProjectionItemKind::kEntry:
        value = Bind(*item.value);
        break;
    }
    parts.push_back(value);
    items.push_back({bound::MapProjectionItemKind::kEntry, Keep(item.name.text), value});
  }
  const auto* made =
      Make<bound::MapProjection>(base->type.is_nullable() ? kMapType.OrNull() : kMapType,
                                 node.source, parts, base, Keep(items));
  if (!base->type.IsIn(ElementType() | kMapType)) MarkRaising(made);
  return made;
}

}  // namespace tidemark::query
